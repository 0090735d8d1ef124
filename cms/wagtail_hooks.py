"""Where the content side hooks into Wagtail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.query import PageQuerySet

from cms.page_cache.middleware import mark_as_public
from cms.visibility import readable_pages, stands

Serve = Callable[[Page, HttpRequest, Any, Any], HttpResponse]


@hooks.register("before_serve_page", order=-10)
def hide_page(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """A page is gone the moment that its time is over, not when the clock job has unpublished it; and with its
    organisation. Restrictions are not asked here: Wagtail shows their forms."""
    if not stands(page):
        raise Http404


@hooks.register("on_serve_page", order=1000)  # innermost: Wagtail's password form and its refusals never come here
def say_who_may_keep_it(serve: Serve) -> Serve:
    """Caches may keep a page and have to ask each time whether it still stands. The one in front of Wagtail knows by
    itself; whatever around this one finds the page private says so after us."""

    def served(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        response = serve(page, request, args, kwargs)
        if not response.has_header("Cache-Control"):
            is_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES
            response["Cache-Control"] = "private, no-cache" if is_somebody else "no-cache"
        mark_as_public(request)
        return response

    return served


@hooks.register("construct_page_chooser_queryset")
def choose_among_readable_pages(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """An editor links to what readers may see and to what they may edit themselves. Wagtail would list every page, also
    the drafts of other organisations."""
    own = PagePermissionPolicy().explorable_instances(request.user)
    return pages.filter(pk__in=own.values("pk").union(readable_pages().values("pk")))
