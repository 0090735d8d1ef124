"""What search engines are told: the pages that anybody may read, and what else they may leave alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.query import PageQuerySet

from cms.addresses import absolute
from cms.visibility import readable

# Forms that lead to other servers, and the administration. Pages that only some may read are not listed here: the list
# would name them.
_NOT_FOR_SEARCH = ("/admin/", "/-/", "/_util/", "/@*/follow")


class ReadablePages(Sitemap):
    def items(self) -> PageQuerySet:
        # Wagtail's own list knows restrictions, but neither an expiry that has just passed nor a hidden organisation.
        return super().items().filter(readable(), alias_of__isnull=True)


@require_safe
def sitemap_view(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = sitemap(request, {"pages": ReadablePages})
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """RFC 9309. ``*`` in a path is part of it."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_SEARCH), ""]
    lines.append(f"Sitemap: {absolute(reverse('cms_sitemap'))}")
    headers = {"Cache-Control": "public, max-age=3600"}
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8", headers=headers)
