"""Sends what is due. First the row says that it was told, then the mail goes: a worker that dies in between loses one
mail, and nobody gets one twice. If the mail server refuses, the row is put back, and the next run tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from wagtail.models import PageLogEntry

from cms.models import MailPreference, User
from cms.models.mails import PaceOrAtOnce
from cms.screens import time_zone

from . import letters
from .due import Kind, due
from .figures import figures, went_out
from .preferences import RECENT, preference_of

logger = logging.getLogger(__name__)
# What was written a moment ago may not be committed yet.
LATE = timedelta(minutes=1)


def send_digests(now: datetime) -> int:
    """To everybody for whom it is time; how many mails went out."""
    return _each(_readers(), lambda user: _digest(user, now))


def send_at_once(now: datetime) -> int:
    """To those whose scheduled page has just gone out; how many mails went out."""
    entries = PageLogEntry.objects.filter(
        action="wagtail.publish.scheduled", timestamp__gt=now - RECENT, timestamp__lte=now - LATE
    )
    authors = set(entries.values_list("revision__user", flat=True))
    return _each(_readers().filter(pk__in=authors), lambda user: _at_once(user, now))


def _readers() -> Any:
    return User.objects.filter(is_active=True).exclude(email="").order_by("pk")


def _each(users: Iterable[User], act: Callable[[User], bool]) -> int:
    """What fails for one person does not concern the others."""
    count = 0
    for user in users:
        try:
            count += user.has_perm("wagtailadmin.access_admin") and act(user)
        except Exception:
            logger.exception("no mail for user %s", user.pk)
    return count


def _digest(user: User, now: datetime) -> bool:
    preference_of(user, now)
    until = now - LATE
    local = now.astimezone(time_zone(user))
    with transaction.atomic():
        row = _held(user)
        if row is None:
            return False
        found = due({kind: getattr(row, kind) for kind in Kind}, local, row.daily_on, row.weekly_on)
        if not found.daily:
            return False
        rows = figures(user, row, found.kinds, until)
        pages = went_out(user, row.scheduled_until, until) if Kind.SCHEDULED in found.kinds else []
        before = _told(row, found.kinds, until)
        before |= {"daily_on": row.daily_on, "weekly_on": row.weekly_on}
        row.daily_on = local.date()
        row.weekly_on = local.date() if found.weekly else row.weekly_on
        row.save()
    return bool(rows or pages) and _send(letters.digest(user, rows, pages), row, before)


def _at_once(user: User, now: datetime) -> bool:
    if preference_of(user, now).scheduled != PaceOrAtOnce.AT_ONCE:
        return False
    until = now - LATE
    with transaction.atomic():
        row = _held(user)
        if row is None or row.scheduled != PaceOrAtOnce.AT_ONCE:
            return False
        pages = went_out(user, max(row.scheduled_until, now - RECENT), until)
        before = _told(row, [Kind.SCHEDULED], until)
        row.save()
    return bool(pages) and _send(letters.page_went_out(user, pages), row, before)


def _held(user: User) -> MailPreference | None:
    """None while another worker is at it."""
    return MailPreference.objects.select_for_update(skip_locked=True).filter(user=user).first()


def _told(row: MailPreference, kinds: Iterable[Kind], until: datetime) -> dict[str, Any]:
    """Moves the kinds' moments on; what they were before."""
    before = {f"{kind}_until": row.until(kind) for kind in kinds}
    for name, moment in before.items():
        setattr(row, name, max(moment, until))
    return before


def _send(message: EmailMessage, row: MailPreference, before: dict[str, Any]) -> bool:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("a mail to user %s could not be sent: %s", row.user_id, type(error).__name__)
        now = {name: getattr(row, name) for name in before}
        MailPreference.objects.filter(pk=row.pk, **now).update(**before)  # unless somebody changed it meanwhile
        return False
    return True
