"""Reads single values of a stranger's document, whatever form they take: one, many, or wrapped in an object. Nothing
raises here; what cannot be read is ``None`` or empty. The other parts of ``parse`` use it, nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

MAX_ADDRESS = 2048  # bytes: PostgreSQL indexes at most 2,704 per row, and a character may take four
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)  # fits PostgreSQL and Python in every time zone
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def items(value: Any) -> list[Any]:
    """Many, one or none, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def reference(value: Any) -> str | None:
    """The identity that the first of ``value`` names: a string, an object's id, or a link's target."""
    return next(iter(references(value)), None)


def references(value: Any) -> list[str]:
    found = (
        item if isinstance(item, str) else (item.get("id") or item.get("href")) if isinstance(item, dict) else None
        for item in items(value)
    )
    return [name.strip() for name in found if isinstance(name, str) and name.strip()]


def first_string(value: Any) -> str | None:
    return next((item for item in items(value) if isinstance(item, str)), None)


def text(node: dict[str, Any], name: str) -> str:
    """The text ``name``, or the first of its translations; empty if there is none."""
    found = first_string(node.get(name))
    if not found:
        found = next((value for _, value in translations(node, name)), None)
    return found or ""


def translations(node: dict[str, Any], name: str) -> list[tuple[str, str]]:
    translated = node.get(f"{name}Map")
    if not isinstance(translated, dict):
        return []
    return [(language, value) for language, given in translated.items() if (value := first_string(given)) is not None]


def language(node: dict[str, Any]) -> str | None:
    """The BCP 47 tag of the content: that of the translation that equals it, else the first named. Malformed tags,
    which crashed other readers, and "und" count as none (JL-07)."""
    for name in ("content", "name", "summary"):
        found = translations(node, name)
        original = first_string(node.get(name))
        found.sort(key=lambda pair: pair[1] != original)
        for tag, _ in found:
            if is_language(tag):
                return tag
    given = node.get("language")  # PeerTube and Lemmy name it apart from the text, Mobilizon too
    named = given.get("identifier") if isinstance(given, dict) else node.get("inLanguage")
    return named if isinstance(named, str) and is_language(named) else None


def is_language(tag: str) -> bool:
    return _LANGUAGE.fullmatch(tag) is not None and tag.lower() != "und"


def number(value: Any) -> float | None:
    """A number, or a string that holds one; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 2**53 else None


def whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found >= 0 else None


def moment(value: Any) -> datetime | None:
    """A date as UTC. Without a time zone it is UTC (WordPress); years that no database holds are moved to the nearest
    that does (JL-07). How far in the future a date may lie is for a caller with a clock to say."""
    given = first_string(value)
    if given is None:
        return None
    if given.startswith(("-", "0000")):
        return EARLIEST
    if re.match(r"\+?\d{5,}-", given):
        return LATEST
    try:
        found = datetime.fromisoformat(given.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    if found.year < EARLIEST.year:
        return EARLIEST
    if found.year >= LATEST.year:
        return min(found.replace(tzinfo=UTC), LATEST)
    return found.astimezone(UTC)


def split(address: str) -> SplitResult | None:
    """The parts of an http(s) address without user information; ``None`` for anything else."""
    if _is_long(address) or any(character <= " " or character == "\x7f" for character in address):
        return None
    try:
        parts = urlsplit(address)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or "\\" in address:
            return None
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts


def _is_long(address: str) -> bool:
    return len(address.encode(errors="replace")) > MAX_ADDRESS


def web_address(value: Any, base: str = "") -> str | None:
    """The first http(s) address in ``value``, resolved against ``base`` (JL-07)."""
    given = reference(value)
    if given is None or _is_long(given):
        return None
    try:
        found = urljoin(base, given) if base else given
    except ValueError:
        return None
    return found if split(found) else None


def identity(node: dict[str, Any]) -> str | None:
    """The document's own id, exactly as given: a single http(s) address, or it has none."""
    given = node.get("id")
    return given if isinstance(given, str) and split(given) else None


def web_addresses(values: Iterable[Any]) -> list[str]:
    return [address for value in values if (address := web_address(value)) is not None]


def origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; ``None`` if it is no web address."""
    parts = split(address)
    if parts is None or parts.hostname is None:
        return None
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]


def same_origin(one: str, other: str) -> bool:
    """OB-01, AU-01: same scheme, host and port."""
    found = origin(one)
    return found is not None and found == origin(other)


def same_site(one: str, other: str) -> bool:
    """As :func:`same_origin`, but either host may be a sub-domain of the other (AU-07)."""
    first, second = origin(one), origin(other)
    if first is None or second is None or (first[0], first[2]) != (second[0], second[2]):
        return False
    return first[1] == second[1] or first[1].endswith(f".{second[1]}") or second[1].endswith(f".{first[1]}")
