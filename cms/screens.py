"""In which language and time zone somebody wants to be spoken to, also where no request of theirs is near."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import translation
from wagtail.users.models import UserProfile


def screen_language(user: Any) -> str:
    """As chosen under “Account”; else the site's."""
    profile = UserProfile.objects.filter(user=user.pk).first()
    with translation.override(settings.LANGUAGE_CODE):  # what a worker happens to speak does not count
        return str(profile.get_preferred_language()) if profile else settings.LANGUAGE_CODE


def time_zone(user: Any) -> ZoneInfo:
    """As chosen under “Account”; else the site's."""
    name = UserProfile.objects.filter(user=user.pk).values_list("current_time_zone", flat=True).first()
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):  # a zone that was renamed since
        return ZoneInfo(settings.TIME_ZONE)
