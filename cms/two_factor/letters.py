"""Tells people by mail what happened to their login, so that they notice if it was not they who did it."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.addresses import origin
from cms.models import User
from cms.screens import screen_language

logger = logging.getLogger(__name__)
SET_UP = gettext_lazy("An authenticator app was set up for your account.")
OFF = gettext_lazy("Two-factor login was turned off for your account.")
RESET = gettext_lazy("An administrator has reset two-factor login for your account. Your password is enough for now.")


def tell(user: User, what: Any) -> None:
    """After the commit. A mail server that is away changes nothing."""
    if not user.email:
        return
    with translation.override(screen_language(user)):
        ending = _("If this was not you, please tell an administrator of %(site)s.") % {"site": origin()}
        message = EmailMessage(_("Two-factor login"), f"{what}\n\n{ending}\n", to=[user.email])
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("a note about two-factor login could not be sent: %s", type(error).__name__)
