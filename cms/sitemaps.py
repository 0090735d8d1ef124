"""The list of pages for search engines: exactly those that anybody may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.query import PageQuerySet

from cms.visibility import readable


class ReadablePages(Sitemap):
    def items(self) -> PageQuerySet:
        # Wagtail's own list knows restrictions, but neither an expiry that has just passed nor a hidden organisation.
        return super().items().filter(readable(), alias_of__isnull=True)


@require_safe
def sitemap_view(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = sitemap(request, {"pages": ReadablePages})
    response["Cache-Control"] = "no-cache"
    return response
