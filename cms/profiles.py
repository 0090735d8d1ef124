"""Profiles of publishers: the organisations, and the site itself (the key ``site``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.html import format_html, linebreaks
from django.utils.translation import gettext as _
from wagtail.models import Page, Site
from wagtail.query import PageQuerySet

from cms.addresses import absolute, page_address
from cms.keys import SITE, organisation_key, translation_key
from cms.languages import bcp47
from cms.models import HandleClaim, OrganisationPage, SiteSettings
from cms.pictures import AVATAR, HEADER, find_picture
from cms.visibility import readable, readable_pages
from federation.contract import Publisher

_ADDRESS = re.compile(r"https?://\S+\Z")


def publisher(key: str) -> Publisher | None:
    """The profile; None while it has no public page."""
    if key == SITE:
        return _site()
    page = find_page_of(key)
    return as_publisher(page) if page else None


def find_page_of(key: str) -> Any:
    """The page of a publisher, if everybody may read it now."""
    if key == SITE:
        return _site_root()
    return _versions(key).filter(readable()).order_by("pk").first()  # the first version is the source language


def find_by_address(url: str) -> str | None:
    """The key of the publisher whose handle stands in this absolute address (“…/@name”), now or formerly."""
    start = absolute("/@")
    handle = url.removeprefix(start).lower()
    if not url.startswith(start) or not handle.isprintable():
        return None
    return HandleClaim.objects.filter(handle=handle).values_list("publisher", flat=True).first()


def publisher_exists(key: str) -> bool:
    return Site.objects.filter(is_default_site=True).exists() if key == SITE else _versions(key).exists()


def publisher_keys() -> Iterator[str]:
    """Keys of all that have a public page now."""
    if _site_root() is not None:
        yield SITE
    keys = (
        readable_pages(OrganisationPage)
        .filter(alias_of__isnull=True)
        .order_by()
        .values_list("translation_key", flat=True)
    )
    for key in keys.distinct():
        yield organisation_key(key)


def as_publisher(page: OrganisationPage) -> Publisher:
    with translation.override(page.locale.language_code):
        return Publisher(
            key=page.publisher_key,
            handle=page.handle,
            name=page.title,
            summary=linebreaks(page.summary, autoescape=True) if page.summary else "",
            url=page_address(page),
            language=bcp47(page.locale.language_code),
            since=page.first_published_at or _claimed(page.publisher_key),
            avatar=find_picture(page.logo, AVATAR),
            header=find_picture(page.header, HEADER),
            fields=_fields(page),
        )


def _claimed(key: str) -> datetime:
    """When the publisher came into being here; every one has claimed its handle."""
    return HandleClaim.objects.filter(publisher=key).earliest("claimed").claimed


def _site() -> Publisher | None:
    root = _site_root()
    if root is None:
        return None
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    return Publisher(
        key=SITE,
        handle=settings.handle,
        name=settings.name or root.title,
        summary=linebreaks(settings.summary, autoescape=True) if settings.summary else "",
        url=page_address(root),
        language=bcp47(root.locale.language_code),
        since=settings.since,
        avatar=find_picture(settings.logo, AVATAR),
        header=find_picture(settings.header, HEADER),
    )


def _site_root() -> Page | None:
    return readable_pages().filter(sites_rooted_here__is_default_site=True).first()


def _versions(key: str) -> PageQuerySet:
    number = translation_key(key)
    pages = OrganisationPage.objects.filter(alias_of__isnull=True)
    return pages.filter(translation_key=number) if number else pages.none()


def _fields(page: OrganisationPage) -> tuple[tuple[str, str], ...]:
    rows = [(row.label, row.value) for row in page.profile_fields.all()]
    if page.website:
        rows.insert(0, (_("Website"), page.website))
    return tuple((label, _value(value)) for label, value in rows)


def _value(value: str) -> str:
    """An address becomes a link that names the page as this profile's own, which peers can check (rel="me")."""
    if not _ADDRESS.match(value):
        return format_html("{}", value)
    shown = urlsplit(value)
    return format_html(
        '<a href="{}" rel="me nofollow noopener">{}</a>', value, f"{shown.netloc}{shown.path}".rstrip("/")
    )
