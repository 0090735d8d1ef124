"""Where federation hooks into Wagtail. It puts the lists of sharing into the admin's menu, figures on its home and
among the reports, and into a page's form how far its delivery is. It names the page that is served, points servers to
its document and adds the ``Link`` header, and the same for the address that has a handle in it; what is found, and
whether anything is, is for ``views.page_links`` to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from .admin import panels, reports
from .admin.bulk import ACTIONS
from .admin.delivery import SENT_AGAIN
from .admin.page_keys import key_of
from .admin.viewsets import SharingGroup
from .models import LedgerEntry, LocalActor
from .views.page_links import add_link_header, find_redirect, remember_page

Serve = Callable[[Page, HttpRequest, Any, Any], HttpResponse]
ServeProfile = Callable[[HttpRequest], HttpResponse]


@hooks.register("before_serve_page")
def point_servers_to_the_document(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    remember_page(request, key_of(page))
    return find_redirect(request)


@hooks.register("on_serve_page")
def add_link(serve: Serve) -> Serve:
    def with_link(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        response = serve(page, request, args, kwargs)
        add_link_header(request, response)
        return response

    return with_link


@hooks.register("cms_serve_profile")
def lead_servers_to_the_profile(serve: ServeProfile, key: str, url: str) -> ServeProfile:
    """The address with the handle leads where the publisher's own page does."""

    def served(request: HttpRequest) -> HttpResponse:
        remember_page(request, key, url)
        redirect = find_redirect(request)
        if redirect is not None:
            return redirect
        response = serve(request)
        add_link_header(request, response)
        return response

    return served


@hooks.register("cms_shown_on_pages")
def shown_on_pages() -> Iterator[tuple[type[Model], tuple[str, ...]]]:
    """What pages show of ours: where their document is, and who can be followed."""
    yield LedgerEntry, ("current_id",)
    yield LocalActor, ("uri", "handle", "url", "deleted_at")


for action in ACTIONS:
    hooks.register("register_bulk_action", action)


@hooks.register("register_admin_viewset")
def sharing_menu() -> SharingGroup:
    return SharingGroup()


@hooks.register("register_admin_viewset")
def figures() -> reports.FiguresViewSet:
    return reports.FiguresViewSet()


@hooks.register("register_reports_menu_item")
def figures_among_the_reports() -> MenuItem:
    return reports.menu_item()


hooks.register("construct_homepage_panels", panels.add_to_home)
hooks.register("cms_sharing_notes", panels.note)


@hooks.register("register_page_action_menu_item")
def lead_to_the_delivery() -> ActionMenuItem:
    return panels.DeliveryMenuItem(order=27)


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(SENT_AGAIN, _("Send again"), _("Sent again to servers that had refused it"))
