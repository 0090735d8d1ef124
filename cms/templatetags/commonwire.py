"""What the pages' templates ask for: their language, their head, who may be followed, and lists without a query per
line. Nothing here decides who may see what; ``cms.visibility`` and ``cms.collections`` do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from cms.addresses import page_address
from cms.collections import public_documents
from cms.heads import Head, head_of
from cms.heads import site_name as name_of_site
from cms.languages import bcp47
from cms.models import CustomDocument, OrganisationPage, SiteSettings
from cms.models.base import Shareable

register = template.Library()


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is Django's spelling, ``tag`` the one for HTML, ``direction`` “ltr” or “rtl”."""

    code: str
    tag: str
    direction: str


@register.simple_tag(takes_context=True)
def page_language(context: Context) -> Language:
    """The language of the page; without a page, the site's."""
    page = context.get("page")
    code = page.locale.language_code if isinstance(page, Page) and page.locale_id else translation.get_language()
    code = code or settings.LANGUAGE_CODE
    with translation.override(code):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
    return Language(code, bcp47(code), direction)


@register.simple_tag(takes_context=True)
def head(context: Context) -> Head | None:
    """What stands in the head; None for an answer that is no page."""
    page = context.get("page")
    return head_of(page, getattr(context.get("items"), "number", 1)) if isinstance(page, Page) else None


@register.simple_tag
def site_name() -> str:
    return name_of_site()


@register.simple_tag
def notices() -> list[str]:
    """What every page must say first. A demonstration is honest about what it is."""
    site = Site.objects.filter(is_default_site=True).first()
    lines = [
        _("Demo. Not affiliated with the organisations named.") if getattr(settings, "DEMO", False) else "",
        SiteSettings.for_site(site).notice if site else "",
    ]
    return list(dict.fromkeys(line for line in lines if line))


@register.simple_tag(takes_context=True)
def follow_handle(context: Context) -> str:
    """“@name@host” of whom the page belongs to, once people can follow; else an empty text."""
    given = context.get("federation_handle")
    handle = given() if callable(given) else given
    if handle:
        return str(handle)
    organisation = getattr(context.get("page"), "organisation", None)
    return (organisation.full_handle or "") if organisation is not None else ""


@register.simple_tag
def crumbs(page: Page) -> list[Page]:
    """The pages between the front page and this one, from the top."""
    return list(page.get_ancestors().filter(depth__gt=2).live())


@register.simple_tag
def related_links(page: Shareable) -> list[tuple[str, Page]]:
    """(relation, page) of the related pages that may be read now, in the editor's order."""
    names = {row.target_id: row.get_relation_display() for row in page.related_pages.all()}
    return [(names[target.pk], target) for target in with_organisations(page.related)]


@register.filter
def with_organisations(pages: Iterable[Page]) -> list[Page]:
    """The same pages, each with its ``organisation`` at hand: one query instead of one for each line."""
    listed = list(pages)
    paths = {page.path[: Page.steplen * depth] for page in listed for depth in range(1, page.depth + 1)}
    found = {page.path: page for page in OrganisationPage.objects.filter(path__in=paths)} if paths else {}
    for page in listed:
        page.__dict__["organisation"] = _nearest(page, found)
    return listed


@register.filter
def address(page: Page) -> str:
    """The page's own absolute address."""
    return page_address(page)


@register.filter
def breakable(handle: str) -> SafeString:
    """“@name@host” with a place to break the line before the host."""
    name, _at, host = handle.rpartition("@")
    return format_html("{}<wbr>@{}", name, host) if name else format_html("{}", handle)


@register.filter
def is_address(text: str) -> bool:
    """Whether a line of a profile is the address of a page."""
    return text.startswith(("https://", "http://")) and not any(character.isspace() for character in text)


@register.filter
def bare_address(url: str) -> str:
    """An address as people say it, without scheme and final slash."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/") or url


@register.filter
def one_public(document: CustomDocument | None) -> list[CustomDocument]:
    """The document, if anybody may load it."""
    return public_documents([document]) if document else []


@register.filter
def changed_on(page: Shareable) -> Any:
    """The moment of the last change, if it came on a later day than the first publication; else None."""
    first, last = page.first_published_at, page.last_published_at
    return last if first and last and last.date() > first.date() else None


def _nearest(page: Page, found: Mapping[str, OrganisationPage]) -> OrganisationPage | None:
    paths = (page.path[: Page.steplen * depth] for depth in range(page.depth, 0, -1))
    return next((found[path] for path in paths if path in found), None)
