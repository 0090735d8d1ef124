"""Pages of Wagtail, by the keys that publications have in federation."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

_PAGE = "page:"


def key_of(page: Any) -> str:
    return f"{_PAGE}{page.pk}"


def find_page(key: str) -> Page | None:
    """The page of this key; None if it is gone, or if no page has such a key."""
    number = key.removeprefix(_PAGE)
    is_page = key.startswith(_PAGE) and number.isascii() and number.isdecimal() and len(number) <= 18
    return Page.objects.filter(pk=number).first() if is_page else None
