"""Feeds of an organisation and of the whole site, for readers who follow without an account anywhere: Atom (RFC 4287)
and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with the same items. Feeds keep their address when an
organisation takes another handle, as the old handle still leads to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
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
from cms.pictures import LARGE, find_picture
from cms.visibility import readable_pages

LENGTH = 20
_JSON_FEED = "https://jsonfeed.org/version/1.1"
# What a cache further out kept would outlive what it names.
_HEADERS = {"Cache-Control": "no-cache"}


@require_safe
def site_feed(request: HttpRequest) -> HttpResponse:
    return _atom(_get_site(), reverse("cms_feed"))


@require_safe
def site_json_feed(request: HttpRequest) -> HttpResponse:
    return _json(_get_site(), reverse("cms_json_feed"))


@require_safe
def organisation_feed(request: HttpRequest, handle: str) -> HttpResponse:
    return _atom(_get_organisation(handle), reverse("cms_organisation_feed", args=[handle]))


@require_safe
def organisation_json_feed(request: HttpRequest, handle: str) -> HttpResponse:
    return _json(_get_organisation(handle), reverse("cms_organisation_json_feed", args=[handle]))


def _get_site() -> Page:
    return _existing(readable_pages().filter(sites_rooted_here__is_default_site=True).first())


def _get_organisation(handle: str) -> Page:
    if not handle.isprintable():  # the database refuses NUL
        raise Http404
    claim = HandleClaim.objects.filter(handle=handle.lower()).exclude(publisher=SITE).first()
    key = translation_key(claim.publisher) if claim else None
    pages = readable_pages(OrganisationPage).filter(translation_key=key, alias_of__isnull=True)
    return _existing(pages.order_by("pk").first() if key else None)


def _existing(page: Page | None) -> Page:
    if page is None:
        raise Http404
    return page


def _atom(page: Page, path: str) -> HttpResponse:
    feed = Atom1Feed(
        title=page.title,
        link=page_address(page),
        description=None,
        subtitle=getattr(page, "summary", None) or None,
        language=bcp47(page.locale.language_code),
        feed_url=absolute(path),
    )
    for item in latest(page, LENGTH):
        feed.add_item(
            title=item.title,
            link=page_address(item),
            unique_id=_unique_id(item),
            description=content_html(item),
            pubdate=item.dated,
            updateddate=item.last_published_at or item.dated,
            author_name=item.organisation.title if item.organisation else None,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type, headers=_HEADERS)


def _json(page: Page, path: str) -> HttpResponse:
    feed = {
        "version": _JSON_FEED,
        "title": page.title,
        "home_page_url": page_address(page),
        "feed_url": absolute(path),
        "description": getattr(page, "summary", ""),
        "language": bcp47(page.locale.language_code),
        "items": [_item(item) for item in latest(page, LENGTH)],
    }
    return JsonResponse(_known(feed), content_type="application/feed+json", headers=_HEADERS)


def _item(page: Shareable) -> dict[str, Any]:
    picture = find_picture(page.lead_image, LARGE)
    organisation = page.organisation
    item = {
        "id": _unique_id(page),
        "url": page_address(page),
        "title": page.title,
        "content_html": str(content_html(page)),
        "summary": page.summary,
        "image": picture.url if picture else "",
        "date_published": page.dated.isoformat(timespec="seconds"),
        "date_modified": (page.last_published_at or page.dated).isoformat(timespec="seconds"),
        "authors": [{"name": organisation.title, "url": page_address(organisation)}] if organisation else [],
        "tags": [str(page.kind_label)],
        "language": bcp47(page.locale.language_code),
        "attachments": [
            _known(
                {
                    "url": absolute(document.url),
                    "mime_type": document.media_type,
                    "title": document.title,
                    "size_in_bytes": document.file_size,
                }
            )
            for document in page.files
        ],
    }
    return _known(item)


def _known(members: dict[str, Any]) -> dict[str, Any]:
    """Without those of which nothing is known; but a feed always has its list of items, and an item its text."""
    return {name: value for name, value in members.items() if value or name in ("items", "content_html")}


def _unique_id(page: Page) -> str:
    """Not the address, which changes when the page moves."""
    return f"urn:uuid:{page.translation_key}#{bcp47(page.locale.language_code)}"
