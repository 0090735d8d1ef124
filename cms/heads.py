"""What stands in the head of a page: its name, address, description and picture for browsers, search engines and link
previews. Only for pages that the reader may see; a page that asks for a password says nothing about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from cms.addresses import absolute, page_address
from cms.collections import public_image
from cms.linked_data import language_of, linked_data
from cms.models import HomePage, OrganisationPage, SiteSettings
from cms.models.base import Shareable
from cms.pictures import find_picture
from cms.visibility import readable_pages
from federation.contract import Picture

PREVIEW = "fill-1200x630"
DESCRIPTION_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Head:
    """``canonical`` and ``author`` are absolute. ``kind`` is what OpenGraph calls it; ``name`` is the page's own,
    without the site's. Times are None, and what is about a piece is empty, where the page has no editorial date.
    ``data`` is JSON for a script element."""

    title: str
    name: str
    site: str
    description: str
    canonical: str
    kind: str
    locale: str
    picture: Picture | None
    published: datetime | None
    modified: datetime | None
    section: str
    author: str
    feeds: tuple[Feed, ...]
    data: SafeString


@dataclass(frozen=True, slots=True)
class Hub:
    """What every page says about the site: its name, and what must be said first."""

    name: str
    notices: tuple[str, ...]


def this_hub() -> Hub:
    """Until the hub has a name, it is called like its front page, if that may be read. A demonstration is honest about
    what it is."""
    demo = _("Demo. Not affiliated with the organisations named.") if getattr(settings, "DEMO", False) else ""
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        return Hub(str(settings.WAGTAIL_SITE_NAME), (demo,) if demo else ())
    own = SiteSettings.for_site(site)
    notices = dict.fromkeys(line for line in (demo, own.notice) if line)
    return Hub(own.name or _front_page_title(site), tuple(notices))


def _front_page_title(site: Site) -> str:
    titles = readable_pages().filter(pk=site.root_page_id).values_list("title", flat=True)
    return str(titles.first() or settings.WAGTAIL_SITE_NAME)


def head_of(page: Page, name: str, number: int = 1) -> Head:
    """``page`` is specific; ``name`` is the site's; ``number`` is which part of a long list is shown."""
    piece = page if isinstance(page, Shareable) else None
    description, picture = _description(page), _picture(page)
    return Head(
        title=_title(page, name, number),
        name=page.title,
        site=name,
        description=description,
        canonical=page_address(page) + (f"?page={number}" if number > 1 else ""),
        kind="article" if piece else "profile" if isinstance(page, OrganisationPage) else "website",
        locale=language_of(page).replace("-", "_"),
        picture=picture,
        published=piece.dated if piece else None,
        modified=piece.last_published_at if piece else None,
        section=str(piece.kind_label) if piece else "",
        author=page_address(piece.organisation) if piece and piece.organisation else "",
        feeds=_feeds(page, name),
        # Every mark that means something in HTML is written as an escape of JSON.
        data=mark_safe(linked_data(page, name, description, picture)),
    )


def _title(page: Page, site: str, number: int) -> str:
    organisation = getattr(page, "organisation", None)
    above = organisation.title if organisation is not None and organisation.pk != page.pk else ""
    own = page.seo_title or page.title
    shown = f"{own} ({number})" if number > 1 else own
    return " – ".join(dict.fromkeys(part for part in (shown, above, site) if part))


def _description(page: Page) -> str:
    texts = (page.search_description, *(getattr(page, name, "") for name in ("summary", "introduction", "tagline")))
    text = " ".join(next((text for text in texts if text), "").split())
    return text if len(text) <= DESCRIPTION_LENGTH else f"{text[: DESCRIPTION_LENGTH - 1].rsplit(' ', 1)[0]}…"


def _picture(page: Page) -> Picture | None:
    """A piece without one, or with one that not everybody may see, stands under its organisation's."""
    if isinstance(page, Shareable):
        own = find_picture(page.lead_image, PREVIEW)
        return own or (find_picture(page.organisation.header, PREVIEW) if page.organisation else None)
    if isinstance(page, OrganisationPage):
        return find_picture(public_image(page.header) or page.logo, PREVIEW)
    site = page.get_site() if isinstance(page, HomePage) else None
    return find_picture(SiteSettings.for_site(site).header, PREVIEW) if site else None


def _feeds(page: Page, site: str) -> tuple[Feed, ...]:
    organisation = None if isinstance(page, HomePage) else getattr(page, "organisation", None)
    feeds: list[Feed] = []
    if organisation is not None and organisation.handle:
        own = [organisation.handle]
        feeds += _both(organisation.title, "cms_organisation_feed", "cms_organisation_json_feed", own)
    return (*feeds, *_both(site, "cms_feed", "cms_json_feed", []))


def _both(title: str, atom: str, json: str, arguments: list[str]) -> list[Feed]:
    return [
        Feed(title, absolute(reverse(atom, args=arguments)), "application/atom+xml"),
        Feed(title, absolute(reverse(json, args=arguments)), "application/feed+json"),
    ]
