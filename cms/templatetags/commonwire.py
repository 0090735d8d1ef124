"""What the pages' templates ask for: their language, their head, who may be followed, and lists without a query per
line. Nothing here decides who may see what; ``cms.visibility`` and ``cms.collections`` do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import uri_to_iri
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.addresses import page_address
from cms.collections import public_documents
from cms.dates import day_text, moment_text
from cms.heads import Head, Hub, head_of
from cms.heads import this_hub as facts_of_this_hub
from cms.language_paths import language_of, prefix_of
from cms.languages import bcp47, interface_language
from cms.models import CustomDocument, OrganisationPage
from cms.models.base import Shareable
from cms.visibility import readable_pages

register = template.Library()
NO_BREAK = "\u00a0"
_ADDRESS = re.compile(r"https?://\S+\Z")


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is what the words of the site are in, in Django's spelling; ``tag`` and ``direction`` (“ltr” or “rtl”)
    are the page's own, for HTML. ``front`` is the path of the front page of the language that the address names."""

    code: str
    tag: str
    direction: str
    front: str = "/"


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """“30 May 2022”, as the language writes it."""
    return day_text(value) if value else ""


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """“30 May, 14:05”, as the language writes it."""
    return moment_text(value) if value else ""


@register.simple_tag(takes_context=True)
def page_language(context: Context) -> Language:
    """The language of the page; without a page, that of the request. Words of the site come in the page's language
    where the site has them in it, and never half in one and half in the other."""
    page = context.get("page")
    own = page.locale.language_code if isinstance(page, Page) and page.locale_id else translation.get_language()
    own = own or settings.LANGUAGE_CODE
    with translation.override(own):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
    request = context.get("request")
    front = f"/{prefix_of(language_of(request.path))}" if isinstance(page, Page) and request else "/"
    return Language(interface_language(own), bcp47(own), direction, front)


@dataclass(frozen=True, slots=True)
class Version:
    """A page in one of its languages, under the name that this language has for itself. ``url`` is absolute."""

    tag: str
    name: str
    direction: str
    url: str
    is_this: bool


@register.simple_tag(takes_context=True)
def versions(context: Context) -> list[Version]:
    """The page in all languages in which anybody may read it; empty where there is no choice."""
    page = context.get("page")
    if not settings.WAGTAIL_I18N_ENABLED or not isinstance(page, Page) or page.pk is None:
        return []
    pages = readable_pages().filter(translation_key=page.translation_key, alias_of__isnull=True)
    found = [_version(one, page) for one in pages.select_related("locale").order_by("pk")]
    return found if len(found) > 1 else []


def _version(one: Page, page: Page) -> Version:
    info = get_language_info(one.locale.language_code)
    direction = "rtl" if info["bidi"] else "ltr"
    name = info["name_local"][:1].upper() + info["name_local"][1:]
    return Version(bcp47(one.locale.language_code), name, direction, page_address(one), one.pk == page.pk)


@register.simple_tag
def this_hub() -> Hub:
    """The site's name and notices. The base template asks once and every part of the page uses the answer."""
    return facts_of_this_hub()


@register.simple_tag(takes_context=True)
def head(context: Context) -> Head | None:
    """What stands in the head; None for an answer that is no page."""
    page, hub = context.get("page"), context.get("hub") or facts_of_this_hub()
    number = getattr(context.get("items"), "number", 1)
    return head_of(page, hub.name, number) if isinstance(page, Page) else None


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
def follow_address(handle: str) -> str:
    """The page on which a reader follows “@name@host”."""
    return reverse("cms_follow", args=[handle.strip("@").partition("@")[0]])


@dataclass(frozen=True, slots=True)
class Line:
    """``url`` is empty where the text is no address."""

    label: str
    text: str
    url: str = ""


@register.simple_tag
def about_lines(page: OrganisationPage) -> list[Line]:
    """What an organisation says about itself in short lines; nothing that only repeats its name."""
    names = [(_("Legal name"), page.legal_name), (_("Short name"), page.short_name)]
    lines = [Line(str(label), name) for label, name in names if name and name != page.title]
    if page.language_names:
        lines.append(Line(_("Works in"), ", ".join(page.language_names)))
    if page.website:
        lines.append(Line(_("Website"), _bare(page.website), page.website))
    return lines + [
        Line(row.label, _bare(row.value), row.value) if _ADDRESS.match(row.value) else Line(row.label, row.value)
        for row in page.profile_fields.all()
    ]


@register.simple_tag
def crumbs(page: Page) -> list[Page]:
    """The pages between the front page and this one, from the top; those that anybody may read."""
    return list(readable_pages().ancestor_of(page).filter(depth__gt=2).order_by("path"))


@register.simple_tag
def related_links(page: Shareable) -> list[tuple[str, Page]]:
    """(relation, page) of the related pages that may be read now, in the editor's order."""
    if not page.related:
        return []
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
def readable(address: str) -> str:
    """An address as people write it, with letters of every script instead of their codes (RFC 3987)."""
    return uri_to_iri(address)


@register.filter
def breakable(handle: str) -> SafeString:
    """“@name@host” with a place to break the line before the host; a web address breaks where it has to."""
    name, _at, host = handle.rpartition("@")
    return format_html("{}<wbr>@{}", name, host) if name else format_html("{}", handle)


@register.filter
def whole_date(dateline: str) -> SafeString:
    """A dateline that may break after the place but not within the date, whose numbers keep their order in a text from
    right to left."""
    place, dot, day = dateline.rpartition(" · ")
    return format_html("{}{}<bdi>{}</bdi>", place, dot, day.replace(" ", NO_BREAK))


@register.filter
def number(value: Decimal) -> str:
    """A number of a table as people of the page's language write it, without zeros that say nothing."""
    return str(number_format(format(value.normalize(), "f"), force_grouping=True))


@register.filter
def distinct_widths(renditions: Iterable[Any]) -> list[Any]:
    """One rendition for each width: a small picture has the same one for every size."""
    return list({rendition.width: rendition for rendition in renditions}.values())


@register.filter
def one_public(document: CustomDocument | None) -> list[CustomDocument]:
    """The document, if anybody may load it."""
    return public_documents([document]) if document else []


@register.filter
def changed_on(page: Shareable) -> Any:
    """The moment of the last change, if it came on a later day than the first publication; else None."""
    first, last = page.first_published_at, page.last_published_at
    return last if first and last and last.date() > first.date() else None


def _bare(url: str) -> str:
    """An address as people say it, without scheme and final slash."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def _nearest(page: Page, found: Mapping[str, OrganisationPage]) -> OrganisationPage | None:
    paths = (page.path[: Page.steplen * depth] for depth in range(page.depth, 0, -1))
    return next((found[path] for path in paths if path in found), None)
