"""What stands in the head of a page: its name, address, description and picture for browsers, search engines and link
previews. Only for pages that the reader may see; a page that asks for a password says nothing about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from cms.addresses import absolute, page_address
from cms.collections import public_image
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


@dataclass(frozen=True, slots=True)
class Head:
    """``canonical`` is absolute. Times are None where the page has no editorial date."""

    title: str
    site: str
    description: str
    canonical: str
    is_piece: bool
    picture: Picture | None
    published: datetime | None
    modified: datetime | None
    feeds: tuple[Feed, ...]


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
    is_piece = isinstance(page, Shareable)
    return Head(
        title=_title(page, name, number),
        site=name,
        description=_description(page),
        canonical=page_address(page) + (f"?page={number}" if number > 1 else ""),
        is_piece=is_piece,
        picture=_picture(page),
        published=page.dated if is_piece else None,
        modified=page.last_published_at if is_piece else None,
        feeds=_feeds(page, name),
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
    if isinstance(page, Shareable):
        return find_picture(page.lead_image, PREVIEW)
    if isinstance(page, OrganisationPage):
        return find_picture(public_image(page.header) or page.logo, PREVIEW)
    return None


def _feeds(page: Page, site: str) -> tuple[Feed, ...]:
    feeds = [Feed(site, absolute(reverse("cms_feed")))]
    organisation = None if isinstance(page, HomePage) else getattr(page, "organisation", None)
    if organisation is not None and organisation.handle:
        url = absolute(reverse("cms_organisation_feed", args=[organisation.handle]))
        feeds.insert(0, Feed(organisation.title, url))
    return tuple(feeds)
