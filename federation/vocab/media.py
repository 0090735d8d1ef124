"""Pictures and files as documents say them, both ways. Building is ours: alternative text in two places, since no two
readers look in the same one. Parsing takes what strangers attach. ``object_document``, ``actor_document`` and the
parsers call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.contract import File, Picture, Publication

from .normal import kinds
from .values import first_string, items, number, split, text, web_address, whole

MAX_ATTACHED_PICTURES = 4  # Mastodon takes four and ignores the rest
MAX_PARSED = 16
MAX_ALT = 10_000
# SVG is left out: it can hold scripts, and Mastodon takes none.
RASTER_TYPES = frozenset(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"])
_MEDIA_KINDS = frozenset(["Audio", "Document", "Image", "Link", "Video"])


@dataclass(frozen=True, slots=True)
class ParsedMedia:
    """``kind`` is Image, Video, Audio, Document or Link; ``alt`` plain text; ``focus`` (x, y), each from -1 to 1."""

    url: str
    kind: str
    media_type: str
    alt: str
    width: int | None = None
    height: int | None = None
    focus: tuple[float, float] | None = None


def build_image(picture: Picture) -> dict[str, Any]:
    """An image. The alternative text stands in ``name``, which Takahē reads, and in ``summary``, which GoToSocial
    sends and prefers (OB-14)."""
    document: dict[str, Any] = {"type": "Image", "mediaType": picture.media_type, "url": picture.url}
    if picture.alt:
        document |= {"name": picture.alt, "summary": picture.alt}
    if picture.width and picture.height:
        document |= {"width": picture.width, "height": picture.height}
    if picture.focus is not None:
        document["focalPoint"] = [_coordinate(value) for value in picture.focus]
    if split(picture.licence):
        document["license"] = picture.licence
    if picture.credit:
        document["creditText"] = picture.credit
    return document


def build_profile_image(picture: Picture | None) -> dict[str, Any] | None:
    """An avatar or header; ``None`` for formats that peers do not load (AC-10)."""
    if picture is None or picture.media_type not in RASTER_TYPES:
        return None
    return build_image(picture)


def build_file(file: File) -> dict[str, Any]:
    """A file to download, as a link: attached as a document it would take one of Mastodon's four places, nameless."""
    document: dict[str, Any] = {"type": "Link", "href": file.url, "mediaType": file.media_type, "name": file.title}
    if file.language:
        document["hreflang"] = file.language
    document["size"] = file.size
    return document


def build_page_link(publication: Publication) -> dict[str, Any]:
    """The page of a publication, as something attached to it."""
    return {"type": "Link", "href": publication.url, "mediaType": "text/html", "name": publication.title}


def parse_media(attachments: Any, base: str) -> tuple[ParsedMedia, ...]:
    """What is attached to a document in normal form; relative addresses are resolved against ``base``."""
    found = (_parse_one(item, base) for item in items(attachments)[:MAX_PARSED])
    return tuple(media for media in found if media is not None)


def parse_image_address(value: Any, base: str) -> str | None:
    """The address of the first usable picture: an address, an object with ``url``, or a list, where the last is the
    largest by PeerTube's habit."""
    addresses = [media.url for media in parse_media(value, base)]
    addresses = addresses or [found for item in items(value) if (found := web_address(item, base))]
    return addresses[-1] if addresses else None


def _parse_one(item: Any, base: str) -> ParsedMedia | None:
    if not isinstance(item, dict):
        return None
    kind = next((kind for kind in kinds(item) if kind in _MEDIA_KINDS), None)
    url = web_address(item.get("url"), base) or web_address(item.get("href"), base)
    if kind is None or url is None:
        return None
    link = next((link for link in items(item.get("url")) if isinstance(link, dict)), {})
    alt = text(item, "summary") or text(item, "name")
    return ParsedMedia(
        url=url,
        kind=kind,
        media_type=first_string(item.get("mediaType")) or first_string(link.get("mediaType")) or "",
        alt=alt[:MAX_ALT],
        width=whole(item.get("width")),
        height=whole(item.get("height")),
        focus=_focus(item.get("focalPoint")),
    )


def _focus(value: Any) -> tuple[float, float] | None:
    given = [found for item in items(value) if (found := number(item)) is not None]
    if len(given) != 2 or any(abs(coordinate) > 1 for coordinate in given):
        return None
    return given[0], given[1]


def _coordinate(value: float) -> float | int:
    """Two decimals, and no ``-0.0``: every reader then writes the number alike, which a proof's digest depends on."""
    rounded = round(max(-1.0, min(1.0, value)), 2)
    return int(rounded) if rounded == int(rounded) else rounded
