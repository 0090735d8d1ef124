"""In which language a request is answered, which only its address says, never the reader's browser: a page is the same
for everybody, and one answer is kept for all.

The site's own language has no prefix; each other language that pages may be in has its tag: ``/de/…``.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation
from wagtail.coreutils import get_content_languages, get_supported_content_language_variant
from wagtail.models import Page


def prefix_of(language: str | None) -> str:
    """What the address of a page in this language begins with: “de/”, or nothing."""
    own, asked = _content(settings.LANGUAGE_CODE), _content(language or "")
    is_other = settings.WAGTAIL_I18N_ENABLED and asked and asked != own
    return f"{asked}/" if is_other else ""


def language_of(path: str) -> str:
    """Of an address on this site, from its first slash on."""
    first, slash, _rest = path.removeprefix("/").partition("/")
    return first if slash and first in get_content_languages() and prefix_of(first) else settings.LANGUAGE_CODE


def is_at_home(page: Page, request: HttpRequest) -> bool:
    """Whether the address names the language that the page is in. Below ``/de/`` Wagtail would also serve, a second
    time, what the German front page is a translation of, while that one is hidden."""
    prefix = prefix_of(language_of(request.path))
    return not prefix or prefix_of(page.locale.language_code) == prefix


class PageLanguage:
    """Middleware. Views that know better, such as the admin's, choose for themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request.path_info)):
            return self.get_response(request)


class _Prefix(LocalePrefixPattern):
    """Django's own would also put the language of an editor's screen into the addresses of pages."""

    @property
    def language_prefix(self) -> str:
        return prefix_of(translation.get_language())


def by_language(*patterns: URLPattern | URLResolver) -> URLResolver:
    """The patterns, below the prefix of each language."""
    return URLResolver(_Prefix(prefix_default_language=False), list(patterns))


def _content(language: str) -> str:
    try:
        return str(get_supported_content_language_variant(language))
    except LookupError:
        return ""
