"""What search engines are told: the pages that anybody may read, and what else they may leave alone."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.models import Page, Site
from wagtail.query import PageQuerySet

from cms.addresses import absolute
from cms.visibility import readable

# Forms that lead to other servers, and the administration. Pages that only some may read are not listed here: the list
# would name them.
_NOT_FOR_SEARCH = ("/admin/", "/-/", "/_util/", "/@*/follow")


class ReadablePages(Sitemap):
    def items(self) -> PageQuerySet:
        """Of all languages. Wagtail's own list knows one, and neither an expiry that has just passed nor a hidden
        organisation."""
        site, below = self.get_wagtail_site(), Q(pk__in=[])
        for root in Site.get_site_root_paths():
            if root.site_id == site.pk:
                below |= Q(url_path__startswith=root.root_path)
        pages: PageQuerySet = Page.objects.filter(below, readable(), alias_of__isnull=True).order_by("path")
        return pages.defer_streamfields().specific()


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
