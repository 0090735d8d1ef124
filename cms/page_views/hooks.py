"""Where these views hook into Wagtail."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.log_actions import LogActionRegistry

from cms.bulk_actions import narrow_actions
from cms.checks.memory import ANYWAY
from cms.log_formats import PublishedAnyway, WaitsToBeSent, WentOutLacking
from cms.outlook import views as outlook
from cms.panels import NOTES_HOOK
from cms.scheduling import LACKING
from cms.sending import SENDING, UNDONE
from cms.sharing import BOOSTED, STOP_SHARING

from . import sending, sharing
from .viewset import OurPages


@hooks.register("register_admin_viewset", order=1)  # Wagtail's own is registered for the same model, and the last wins
def use_our_views() -> OurPages:
    return OurPages()


@hooks.register("register_admin_urls")
def add_our_addresses() -> list[URLPattern]:
    return [*sending.urlpatterns, *outlook.urlpatterns, *sharing.urlpatterns]


@hooks.register("register_page_action_menu_item")
def offer_to_stop_sharing() -> ActionMenuItem:
    return sharing.StopSharingMenuItem(order=25)


@hooks.register("register_page_action_menu_item")
def offer_to_boost() -> ActionMenuItem:
    return sharing.BoostMenuItem(order=26)


@hooks.register("insert_global_admin_js")
def count_seconds() -> str:
    """On every page of the admin, since the line that says so stands wherever the editor is led."""
    return format_html('<script src="{}" defer></script>', static("commonwire/admin/sending.js"))


@hooks.register("insert_editor_js")
def look_ahead() -> str:
    return format_html('<script src="{}"></script>', static("commonwire/admin/outlook.js"))


hooks.register(NOTES_HOOK, outlook.note)


@hooks.register("insert_global_admin_css")
def style_our_lines() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("commonwire/admin/publishing.css"))


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(LACKING)(WentOutLacking)
    actions.register_action(ANYWAY)(PublishedAnyway)
    actions.register_action(SENDING)(WaitsToBeSent)
    actions.register_action(
        STOP_SHARING, _("Remove from Mastodon and others"), _("Removed from Mastodon and others, kept here")
    )
    actions.register_action(BOOSTED, _("Share again as a boost"), _("Shared again as a boost"))
    actions.register_action(UNDONE, _("Sending undone"), _("Taken back before it was sent"))


for action in narrow_actions():
    hooks.register("register_bulk_action", action, order=1)
