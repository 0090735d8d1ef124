"""Reads what others publish: notes, articles, events, videos, whatever else has an id and text. It cleans and limits,
and decides nothing about trust. ``inbox`` and ``exchange`` call it, through ``parse``, in the worker, since it cleans
HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation.errors import BadInput

from .contexts import check_context
from .html import MAX_HTML, clean_inbound, paragraph, plain_text
from .media import ParsedMedia, parse_media
from .normal import kinds, normal_form
from .terms import PUBLIC_SPELLINGS
from .values import (
    first_string,
    identity,
    items,
    language,
    moment,
    reference,
    references,
    same_origin,
    text,
    web_address,
)

MAX_NAME = 2048
MAX_SUMMARY = 20_000


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """``owner`` is the first that it is attributed to, on its own host; ``name`` and ``summary`` are plain text, to be
    escaped; ``content_html`` is clean; dates are UTC."""

    uri: str
    kind: str
    owner: str | None
    name: str
    summary: str
    content_html: str
    url: str
    language: str | None
    published: datetime | None
    updated: datetime | None
    in_reply_to: str | None
    is_public: bool
    media: tuple[ParsedMedia, ...]


def parse_object(document: dict[str, Any]) -> ParsedObject:
    """The object, or :class:`~federation.errors.BadInput`: no id, no type, or an owner on another host (OB-01)."""
    check_context(document)
    node = normal_form(document)
    uri = identity(node)
    if uri is None:
        raise BadInput("the object has no id", sentence="The object has no id.")
    kind = next(iter(kinds(node)), None)
    if kind is None:
        raise BadInput(f"{uri} has no type", sentence="The object has no type.")
    owner = reference(node.get("attributedTo")) or reference(node.get("actor"))
    if owner is not None and not same_origin(owner, uri):
        raise BadInput(f"{uri} belongs to {owner}", sentence="The object and its author are on different hosts.")
    page = _page(node, uri) or uri
    return ParsedObject(
        uri=uri,
        kind=kind,
        owner=owner,
        name=plain_text(text(node, "name"))[:MAX_NAME],
        summary=plain_text(text(node, "summary"))[:MAX_SUMMARY],
        content_html=_content(node),
        url=page,
        language=language(node),
        published=moment(node.get("published")),
        updated=moment(node.get("updated")),
        in_reply_to=reference(node.get("inReplyTo")),
        is_public=any(_is_public(node.get(name)) for name in ("to", "cc")),
        # We attach the page to itself, for the sake of Mastodon's card; it is nothing to load.
        media=tuple(media for media in parse_media(node.get("attachment"), uri) if media.url != page),
    )


def _content(node: dict[str, Any]) -> str:
    """Markdown and plain text, which PeerTube sends, are shown as they are written."""
    content = text(node, "content")
    if (first_string(node.get("mediaType")) or "text/html").partition(";")[0].strip().lower() == "text/html":
        return clean_inbound(content)
    return paragraph(content[:MAX_HTML])


def _page(node: dict[str, Any], uri: str) -> str | None:
    """The page for people: of several links the first to HTML, or the first that does not say what it is."""
    links = items(node.get("url"))
    for link in links:
        # Mastodon writes "mimeType"; a missing type means HTML there, and here.
        given = (
            (link.get("mediaType") or link.get("mimeType") or "text/html") if isinstance(link, dict) else "text/html"
        )
        if given == "text/html" and (address := web_address(link, uri)):
            return address
    return None


def _is_public(recipients: Any) -> bool:
    return not PUBLIC_SPELLINGS.isdisjoint(references(recipients))
