"""Writes the mails, in the language and the time zone of whom they are for."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cms.addresses import absolute, origin
from cms.models import User
from cms.screens import screen_language, time_zone

from .figures import Figures, WentOut
from .unsubscribe import unsubscribe_address

MOST_ROWS = 50


def digest(user: User, rows: Sequence[Figures], pages: Sequence[WentOut]) -> EmailMessage:
    with translation.override(screen_language(user)):
        return _letter(user, _("What happened at %(site)s") % {"site": _place()}, "cms/mail/digest.txt", rows, pages)


def page_went_out(user: User, pages: Sequence[WentOut]) -> EmailMessage:
    with translation.override(screen_language(user)):
        if len(pages) == 1:
            subject = _("“%(title)s” went out") % {"title": " ".join(pages[0].title.split())}
        else:
            subject = _("Your scheduled pages went out")
        return _letter(user, subject, "cms/mail/went_out.txt", (), pages)


def _letter(user: User, subject: str, template: str, rows: Sequence[Figures], pages: Sequence[WentOut]) -> EmailMessage:
    leave = unsubscribe_address(user)
    values = {
        "rows": rows[:MOST_ROWS],
        "more": max(0, len(rows) - MOST_ROWS),
        "pages": pages,
        "place": _place(),
        "account": absolute(reverse("wagtailadmin_account")),
        "admin": absolute(reverse("wagtailadmin_home")),
        "leave": leave,
    }
    with timezone.override(time_zone(user)):
        body = render_to_string(template, values)
    headers = {
        "Auto-Submitted": "auto-generated",
        # RFC 8058: the button of a mail program; it sends a POST without having opened the page.
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return EmailMessage(subject, body, to=[user.email], headers=headers)


def _place() -> str:
    return origin().partition("://")[2]
