"""Where the content side hooks into Wagtail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.models import Page
from wagtail.query import PageQuerySet

from cms import profile_views
from cms.admin_api import OwnDocuments, OwnImages
from cms.digests import hooks as _digests  # noqa: F401 -- registers its own, like the others
from cms.language_paths import is_at_home
from cms.page_cache.middleware import mark_as_public
from cms.page_views import hooks as _page_views  # noqa: F401
from cms.partnership import hooks as _partnership  # noqa: F401 -- registers its own
from cms.scope import choosable_pages, narrowed, sees_every_page
from cms.suggestion import suggest_summary
from cms.translating import hooks as _translating  # noqa: F401
from cms.two_factor import hooks as _two_factor  # noqa: F401
from cms.visibility import stands

Serve = Callable[[Page, HttpRequest, Any, Any], HttpResponse]


@hooks.register("before_serve_page", order=-10)
def hide_page(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """A page is gone the moment that its time is over, not when the clock job has unpublished it; and with its
    organisation. Restrictions are not asked here: Wagtail shows their forms."""
    if not stands(page) or not is_at_home(page, request):
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
    the drafts of other organisations. Some choosers ask for less."""
    own = pages.filter(pk__in=choosable_pages(request.user).values("pk"))
    return narrowed(own, request.GET.get("user_perms", ""))


@hooks.register("construct_reports_menu")
def hide_reports_on_all_pages(request: HttpRequest, items: list[MenuItem]) -> None:
    """``cms.admin_scope`` closes their addresses to those who may not see everything."""
    if not sees_every_page(request.user):
        items[:] = [item for item in items if item.name not in ("page-types-usage", "site-history")]


@hooks.register("register_admin_urls")
def addresses_in_the_admin() -> list[URLPattern]:
    return [
        path("organisations/<int:page_id>/links-back/", profile_views.look_for_links_back, name="cms_links_back"),
    ]


@hooks.register("construct_admin_api", order=1)
def serve_own_files_only(router: WagtailAPIRouter) -> None:
    router.register_endpoint("images", OwnImages)
    router.register_endpoint("documents", OwnDocuments)


@hooks.register("register_admin_urls")
def addresses_of_the_editor() -> list[URLPattern]:
    return [path("commonwire/suggest-summary/", suggest_summary, name="cms_suggest_summary")]
