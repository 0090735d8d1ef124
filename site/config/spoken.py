"""What an instance's languages mean for Django and Wagtail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy

# Those that the program has words in: they have catalogs, but for English, which stands in the code.
INTERFACE_LANGUAGES = ("en", "de", "es")
# What the site's own words are in where nobody chose a language: English with the day before the month.
_ENGLISH = "en-gb"


def named(languages: Iterable[str]) -> list[tuple[str, Any]]:
    """Pairs as Django's settings want them. Django knows the names in every language."""
    return [(tag, gettext_lazy(LANG_INFO[tag]["name"])) for tag in languages]


def language_settings(content: tuple[str, ...], interface: tuple[str, ...]) -> dict[str, Any]:
    """``content`` are the languages that pages may be in, the first of them the site's own; ``interface`` those that
    the program has words in. Tags are in Django's spelling."""
    own = _ENGLISH if content[0] == "en" else content[0]
    return {
        "LANGUAGE_CODE": own,
        "LANGUAGES": named(dict.fromkeys([own, *content, *interface])),
        "WAGTAIL_CONTENT_LANGUAGES": named(content),
        "WAGTAIL_I18N_ENABLED": len(content) > 1,
    }
