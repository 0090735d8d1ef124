"""Where two-factor login hooks into Wagtail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry

from cms.models import User

from . import resetting, views
from .factors import find_factor
from .forms import GroupRuleForm


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [
        path("two-factor/", views.OverviewView.as_view(), name="two_factor"),
        path("two-factor/recovery-codes/", views.RecoveryView.as_view(), name="two_factor_recovery"),
        path("two-factor/off/", views.TurnOffView.as_view(), name="two_factor_off"),
        path("two-factor/reset/<int:user_id>/", resetting.ResetView.as_view(), name="two_factor_reset"),
    ]


@hooks.register("register_group_permission_panel")
def rule_of_a_group() -> type[GroupRuleForm]:
    return GroupRuleForm


@hooks.register("register_account_menu_item")
def in_the_account(request: HttpRequest) -> dict[str, Any]:
    help_text = _t("Log in with a password and a code from an app on your phone.")
    return {"url": reverse("two_factor"), "label": _t("Two-factor login"), "help_text": help_text}


@hooks.register("register_user_listing_buttons")
def reset_of_a_user(user: User, request_user: Any) -> Iterator[Button]:
    if resetting.may_reset(request_user, user) and find_factor(user) is not None:
        yield Button(
            _("Reset two-factor login"), url=reverse("two_factor_reset", args=[user.pk]), icon_name="lock-open"
        )


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    title = _("Two-factor login")
    actions.register_action("cms.two_factor.set_up", title, _("An authenticator app was set up"))
    actions.register_action("cms.two_factor.turn_off", title, _("Two-factor login was turned off"))
    actions.register_action("cms.two_factor.reset", title, _("Two-factor login was reset by somebody else"))
