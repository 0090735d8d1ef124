"""Profiles of publishers: the organisations, and the site itself (the key ``site``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone, translation
from django.utils.html import format_html, linebreaks
from django.utils.translation import gettext as _
from wagtail.models import Page, Site
from wagtail.query import PageQuerySet

from cms.addresses import absolute, page_address
from cms.hosts import split_hosts
from cms.keys import SITE, organisation_key, page_key, translation_key
from cms.languages import bcp47, interface_language
from cms.listings import own_content
from cms.models import HandleClaim, OrganisationPage, SiteSettings
from cms.models.profile import ProfileChoices
from cms.pictures import AVATAR, HEADER, find_picture
from cms.visibility import public, readable, readable_pages
from federation.contract import Admission, Publisher

_ADDRESS = re.compile(r"https?://\S+\Z")


def publisher(key: str) -> Publisher | None:
    """The profile; None while it has no public page."""
    if key == SITE:
        return _site()
    page = find_page_of(key)
    return as_publisher(page) if page else None


def pinned(key: str) -> tuple[str, ...]:
    """Keys of the pages that the profile shows first; see :meth:`federation.contract.Source.pinned`."""
    page = _versions(key).filter(readable()).order_by("pk").first()
    return pinned_pages(page) if page else ()


def admission(key: str) -> Admission:
    """See :meth:`federation.contract.Source.admission`. The version that makes the profile counts; while all are
    hidden, the first."""
    versions = _versions(key).order_by("pk")
    of = _settings() if key == SITE else versions.filter(readable()).first() or versions.first()
    if of is None:
        return Admission()
    return Admission(of.approves_followers, frozenset(split_hosts(of.welcome_hosts)))


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
    with translation.override(interface_language(page.locale.language_code)):
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
            pinned=pinned_pages(page),
            **_choices(page),
        )


def _claimed(key: str) -> datetime:
    """When the publisher came into being here; every one has claimed its handle, unless it was never saved."""
    first = HandleClaim.objects.filter(publisher=key).order_by("claimed").first()
    return first.claimed if first else timezone.now()


def _site() -> Publisher | None:
    root, settings = _site_root(), _settings()
    if root is None or settings is None:
        return None
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
        **_choices(settings),
    )


def _choices(of: ProfileChoices) -> dict[str, Any]:
    return {
        "discoverable": of.discoverable,
        "indexable": of.indexable,
        "author_hosts": split_hosts(of.author_hosts),
        "approves_followers": of.approves_followers,
    }


def _settings() -> SiteSettings | None:
    site = Site.objects.filter(is_default_site=True).first()
    return SiteSettings.for_site(site) if site else None


def _site_root() -> Page | None:
    return readable_pages().filter(sites_rooted_here__is_default_site=True).first()


def pinned_pages(page: OrganisationPage) -> tuple[str, ...]:
    """Keys of what the organisation's page, saved or not, chose and anybody may see now."""
    chosen = [row.target_id for row in page.pinned_pages.all()]
    if not chosen:
        return ()
    shown = set(own_content(page).filter(public(), pk__in=chosen).values_list("pk", flat=True))
    return tuple(page_key(pk) for pk in dict.fromkeys(chosen) if pk in shown)


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
