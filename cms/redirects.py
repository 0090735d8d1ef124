"""Old addresses lead on to where a page is now, but only whoever may see it there: the new address of a page that was
hidden is part of what is hidden."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from wagtail.contrib.redirects.middleware import RedirectMiddleware as WagtailsRedirectMiddleware
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from cms.visibility import stands


class RedirectMiddleware(WagtailsRedirectMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404:
            return response
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        found = get_redirect(request, path) or get_redirect(request, urlsplit(path).path)
        if found is None or found.link is None or not _may_see(request, found.redirect_page):
            return response
        kind = HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect
        # Even a permanent one is asked for again: the page may have been hidden since.
        return kind(found.link, headers={"Cache-Control": "no-cache"})


def _may_see(request: HttpRequest, page: Page | None) -> bool:
    """Also for those who know the password of a private page. None is an address elsewhere."""
    if page is None:
        return True
    return stands(page) and all(restriction.accept_request(request) for restriction in page.get_view_restrictions())
