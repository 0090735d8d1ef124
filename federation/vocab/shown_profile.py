"""Reads an actor's document of ours as another server does, and says what is seen there. Nothing here knows what the
document was made from, so a preview cannot show what is not in it. Called by the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from federation.contract import ShownLine, ShownPicture, ShownProfile

from .html import clean_inbound
from .rel_me import named_links


def show_profile(
    document: dict[str, Any], *, confirmed: Collection[str], pinned: Sequence[str], followers: int
) -> ShownProfile:
    """``confirmed`` are addresses whose pages are known to link back; ``pinned`` are titles; both are looked up by
    others, as a server would."""
    _name, _at, host = document["webfinger"].rpartition("@")
    return ShownProfile(
        name=document["name"],
        handle=f"@{document['preferredUsername']}@{host}",
        bio=clean_inbound(document["summary"]),
        avatar=_picture(document.get("icon")),
        header=_picture(document.get("image")),
        lines=tuple(_line(field, confirmed) for field in document["attachment"]),
        pinned=tuple(pinned),
        followers=followers,
        is_locked=document["manuallyApprovesFollowers"],
    )


def _line(field: dict[str, Any], confirmed: Collection[str]) -> ShownLine:
    named = named_links({"attachment": [field]})
    return ShownLine(field["name"], clean_inbound(field["value"]), any(address in confirmed for address in named))


def _picture(image: dict[str, Any] | None) -> ShownPicture | None:
    return ShownPicture(image["url"], image.get("name", "")) if image else None
