"""The keys by which the rest of the program speaks of pages and publishers. They are stable for ever."""

from __future__ import annotations

from uuid import UUID

SITE = "site"
PAGE = "page:"
_ORGANISATION = "organisation:"


def page_key(pk: int) -> str:
    return f"{PAGE}{pk}"


def organisation_key(translation_key: UUID) -> str:
    return f"{_ORGANISATION}{translation_key}"


def page_pk(key: str) -> int | None:
    """The primary key in a page's key; None if it is no such key."""
    return find_number(key.removeprefix(PAGE)) if key.startswith(PAGE) else None


def find_number(text: str) -> int | None:
    """The primary key that stands in an address, a form or a text; None for what is none."""
    # At most 18 digits: what fits into a bigint. A larger number would make the database raise instead of say no.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def translation_key(key: str) -> UUID | None:
    """The organisation's translation key in a publisher's key; None if it is no organisation's."""
    if not key.startswith(_ORGANISATION):
        return None
    try:
        return UUID(key.removeprefix(_ORGANISATION))
    except ValueError:
        return None
