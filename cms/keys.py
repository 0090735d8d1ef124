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
    number = key.removeprefix(PAGE)
    # At most 18 digits: what fits into a bigint. A larger number would make the database raise instead of say no.
    good = key.startswith(PAGE) and number.isascii() and number.isdecimal() and len(number) <= 18
    return int(number) if good else None


def translation_key(key: str) -> UUID | None:
    """The organisation's translation key in a publisher's key; None if it is no organisation's."""
    if not key.startswith(_ORGANISATION):
        return None
    try:
        return UUID(key.removeprefix(_ORGANISATION))
    except ValueError:
        return None
