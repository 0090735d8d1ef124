"""Where digests hook into Wagtail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail import hooks

from .panel import MailPanel


@hooks.register("register_account_settings_panel")
def mails(request: HttpRequest, user: Any, profile: Any) -> MailPanel:
    return MailPanel(request, user, profile)
