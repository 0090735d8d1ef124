"""Where partners hook into Wagtail."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from .lists import ColleaguesItem, PartnersViewSet


@hooks.register("register_admin_viewset")
def partners_list() -> PartnersViewSet:
    return PartnersViewSet()


@hooks.register("register_admin_menu_item")
def colleagues() -> ColleaguesItem:
    return ColleaguesItem(_("Colleagues"), reverse("partners:index"), name="colleagues", icon_name="group", order=250)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """No entry names an address or holds a link."""
    actions.register_action("cms.invite", _("Invite"), _("Somebody was invited to the organisation"))
    actions.register_action("cms.invite.renew", _("Invite again"), _("An invitation was given a new link"))
    actions.register_action("cms.invite.withdraw", _("Withdraw invitation"), _("An invitation was withdrawn"))
    actions.register_action("cms.partner.leave", _("Partner leaves"), _("The partner left"))
    actions.register_action("cms.partner.return", _("Partner comes back"), _("The partner came back"))
    actions.register_action("cms.invite.accept", _("Accept invitation"), _("An invitation was accepted"))
