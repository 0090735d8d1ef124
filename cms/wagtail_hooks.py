"""Where the content side hooks into Wagtail."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.query import PageQuerySet

from cms.visibility import readable_pages, stands


@hooks.register("before_serve_page", order=-10)
def hide_page(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """A page is gone the moment that its time is over, not when the clock job has unpublished it; and with its
    organisation. Restrictions are not asked here: Wagtail shows their forms."""
    if not stands(page):
        raise Http404


@hooks.register("construct_page_chooser_queryset")
def choose_among_readable_pages(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """An editor links to what readers may see and to what they may edit themselves. Wagtail would list every page, also
    the drafts of other organisations."""
    own = PagePermissionPolicy().explorable_instances(request.user)
    return pages.filter(pk__in=own.values("pk").union(readable_pages().values("pk")))
