"""What somebody wants to hear by mail, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta

from cms.models import MailPreference, User
from cms.models.mails import Pace, PaceOrAtOnce
from cms.screens import time_zone

from .due import Kind

# How far back a page may have gone out that somebody is told of at once.
RECENT = timedelta(days=1)


def preference_of(user: User, now: datetime) -> MailPreference:
    """What they want; for somebody new the usual, about what happens from now on."""
    today = now.astimezone(time_zone(user)).date()
    moments = {f"{kind}_until": now for kind in Kind} | {"scheduled_until": now - RECENT}
    found, _new = MailPreference.objects.get_or_create(
        user=user, defaults=moments | {"daily_on": today, "weekly_on": today}
    )
    return found


def turn_all_off(user_pk: int) -> None:
    MailPreference.objects.filter(user=user_pk).update(
        scheduled=PaceOrAtOnce.OFF, approval=Pace.OFF, delivery=Pace.OFF, followers=Pace.OFF
    )
