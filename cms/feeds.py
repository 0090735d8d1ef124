"""Atom feeds of an organisation and of the whole site, for readers who follow without an account anywhere. Feeds keep
their address when an organisation takes another handle, as the old handle still leads to it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe
from wagtail.models import Page

from cms.addresses import absolute, page_address
from cms.content import content_html
from cms.keys import SITE, translation_key
from cms.languages import bcp47
from cms.listings import latest
from cms.models import HandleClaim, OrganisationPage
from cms.models.base import Shareable
from cms.visibility import readable_pages

LENGTH = 20


@require_safe
def site_feed(request: HttpRequest) -> HttpResponse:
    page = readable_pages().filter(sites_rooted_here__is_default_site=True).first()
    return _answer(page, reverse("cms_feed"))


@require_safe
def organisation_feed(request: HttpRequest, handle: str) -> HttpResponse:
    if not handle.isprintable():  # the database refuses NUL
        raise Http404
    claim = HandleClaim.objects.filter(handle=handle.lower()).exclude(publisher=SITE).first()
    key = translation_key(claim.publisher) if claim else None
    pages = readable_pages(OrganisationPage).filter(translation_key=key, alias_of__isnull=True)
    return _answer(pages.order_by("pk").first() if key else None, reverse("cms_organisation_feed", args=[handle]))


def _answer(page: Page | None, path: str) -> HttpResponse:
    if page is None:
        raise Http404
    feed = Atom1Feed(
        title=page.title,
        link=page_address(page),
        description=None,
        subtitle=getattr(page, "summary", None) or None,
        language=bcp47(page.locale.language_code),
        feed_url=absolute(path),
    )
    for item in latest(page, LENGTH):
        _add(feed, item)
    # What a cache further out kept would outlive what it names.
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type, headers=headers)


def _add(feed: Atom1Feed, page: Shareable) -> None:
    feed.add_item(
        title=page.title,
        link=page_address(page),
        # Not the address, which changes when the page moves.
        unique_id=f"urn:uuid:{page.translation_key}#{bcp47(page.locale.language_code)}",
        description=content_html(page),
        pubdate=page.dated,
        updateddate=page.last_published_at or page.dated,
        author_name=page.organisation.title if page.organisation else None,
    )
