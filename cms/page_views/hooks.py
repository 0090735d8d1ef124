"""Where these views hook into Wagtail."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from cms.bulk_actions import narrow_actions
from cms.checks.memory import ANYWAY
from cms.log_formats import PublishedAnyway, WaitsToBeSent, WentOutLacking
from cms.scheduling import LACKING
from cms.sending import HELD, UNDONE

from . import sending
from .viewset import OurPages


@hooks.register("register_admin_viewset", order=1)  # Wagtail's own is registered for the same model, and the last wins
def use_our_views() -> OurPages:
    return OurPages()


@hooks.register("register_admin_urls")
def add_our_addresses() -> list[URLPattern]:
    return sending.urlpatterns


@hooks.register("insert_global_admin_js")
def count_seconds() -> str:
    """On every page of the admin, since the line that says so stands wherever the editor is led."""
    return format_html('<script src="{}" defer></script>', static("commonwire/js/sending.js"))


@hooks.register("insert_global_admin_css")
def style_our_lines() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("commonwire/css/page_views.css"))


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(LACKING)(WentOutLacking)
    actions.register_action(ANYWAY)(PublishedAnyway)
    actions.register_action(HELD)(WaitsToBeSent)
    actions.register_action(UNDONE, _("Sending undone"), _("Taken back before it was sent"))


for action in narrow_actions():
    hooks.register("register_bulk_action", action, order=1)
