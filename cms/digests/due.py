"""When a digest is due. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

HOUR = 7  # in the morning, where the person is


class Kind(StrEnum):
    """The names are those of the fields of ``MailPreference``."""

    SCHEDULED = "scheduled"
    APPROVAL = "approval"
    DELIVERY = "delivery"
    FOLLOWERS = "followers"


@dataclass(frozen=True, slots=True)
class Due:
    """Which kinds to tell of now, and whether the day's and the week's digest are then done."""

    kinds: frozenset[Kind] = frozenset()
    daily: bool = False
    weekly: bool = False


def due(paces: Mapping[Kind, str], local: datetime, daily_on: date, weekly_on: date) -> Due:
    """``local`` is now where the person is; ``daily_on`` and ``weekly_on`` are the days of the last digests. A week
    begins on Monday; whoever was not reached then is told on a later day of it. At most one digest a day."""
    today = local.date()
    if local.hour < HOUR or today <= daily_on:
        return Due()
    weekly = today.isocalendar()[:2] > weekly_on.isocalendar()[:2]
    wanted = {"daily", "weekly"} if weekly else {"daily"}
    return Due(frozenset(kind for kind in Kind if paces[kind] in wanted), daily=True, weekly=weekly)
