"""Builds collections and their pages: outbox, followers, following, pinned publications and topics. What belongs in
them, and where a page ends, is for ``views`` to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from federation.contract import Topic

from .object_document import build_hashtag
from .terms import CONTEXT


def build_collection(
    uri: str, total: int, first: str | None, ordered: bool = True, attributed_to: str | None = None
) -> dict[str, Any]:
    """A collection without its items. Without ``first`` its members are private: so Mastodon reads it (CO-03)."""
    kind = "OrderedCollection" if ordered else "Collection"
    document: dict[str, Any] = {"@context": CONTEXT, "id": uri, "type": kind}
    if attributed_to is not None:
        document["attributedTo"] = attributed_to
    document["totalItems"] = total
    if first is not None:
        document["first"] = first
    return document


def build_page(
    uri: str,
    part_of: str,
    items: Iterable[str | dict[str, Any]],
    next: str | None,  # noqa: A002 -- the word of the wire
    prev: str | None,
) -> dict[str, Any]:
    """One page; ``next`` is ``None`` on the last and then left out (CO-01). Items lose their contexts and proofs."""
    document: dict[str, Any] = {"@context": CONTEXT, "id": uri, "type": "OrderedCollectionPage", "partOf": part_of}
    document |= {name: address for name, address in (("next", next), ("prev", prev)) if address is not None}
    return document | {"orderedItems": [_item(item) for item in items]}


def build_featured(uri: str, ids: Sequence[str]) -> dict[str, Any]:
    """Pinned publications, newest first, as ids: Mastodon skips embedded Articles and reads one page (AC-11, CO-05)."""
    document = {"@context": CONTEXT, "id": uri, "type": "OrderedCollection"}
    return document | {"totalItems": len(ids), "orderedItems": list(ids)}


def build_featured_tags(uri: str, tags: Iterable[Topic]) -> dict[str, Any]:
    """The topics shown on a profile (CO-06)."""
    hashtags = [tag for topic in tags if (tag := build_hashtag(topic))]
    document = {"@context": CONTEXT, "id": uri, "type": "Collection"}
    return document | {"totalItems": len(hashtags), "items": hashtags}


def _item(item: str | dict[str, Any]) -> str | dict[str, Any]:
    """A proof covers its context, so one without the other would be a broken proof."""
    if isinstance(item, str):
        return item
    return {name: value for name, value in item.items() if name not in ("@context", "proof")}
