"""Mails with invitations. They go out after the commit: what the mail server says can no longer undo anything, and a
letter never speaks of what was rolled back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cms.languages import interface_language

from .invitations import Issued, note_sent

logger = logging.getLogger(__name__)


def send(issued: Sequence[Issued]) -> int:
    """Sends each over one connection and notes what became of it; how many could not be sent. Never raises for a mail
    server that is away."""
    connection = _find_connection() if issued else None
    if connection is None:
        for letter in issued:
            note_sent(letter, timezone.now(), arrived=False)
        return len(issued)
    failed = 0
    try:
        for letter in issued:
            arrived = _send_one(letter, connection)
            note_sent(letter, timezone.now(), arrived=arrived)
            failed += not arrived
    finally:
        _close(connection)
    return failed


def compose(letter: Issued) -> EmailMessage:
    """In the language of the organisation's page: that of the invited person is not known."""
    invitation = letter.invitation
    organisation = invitation.organisation
    with translation.override(interface_language(organisation.locale.language_code)):
        values = {
            "organisation": organisation.title,
            "inviter": invitation.invited_by.get_full_name() if invitation.invited_by else "",
            "link": letter.link,
            "expires_at": invitation.expires_at,
        }
        subject = _("Invitation to write for %(name)s") % {"name": " ".join(organisation.title.split())}
        body = render_to_string("cms/mail/invitation.txt", values)
    # No program should answer a link that only a person may use.
    return EmailMessage(subject, body, to=[invitation.email], headers={"Auto-Submitted": "auto-generated"})


def _find_connection() -> Any:
    """None where no mail goes out: the settings name no server, or it cannot be reached."""
    if settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend":
        return None
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        logger.warning("invitations could not be sent, the mail server cannot be reached: %s", type(error).__name__)
        return None
    return connection


def _send_one(letter: Issued, connection: Any) -> bool:
    message = compose(letter)
    message.connection = connection
    try:
        return message.send() == 1
    except (OSError, SMTPException) as error:
        # Not the error itself: a server's refusal quotes the address.
        logger.warning("an invitation could not be sent: %s", type(error).__name__)
        return False


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, SMTPException):
        logger.info("the mail server closed the connection first")
