"""What people see at a glance of the organisations that they may edit. Everything here reads what jobs have counted, so
that it takes as long with a hundred thousand followers as with ten; ``federation.outbox.figures`` counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Sum
from django.utils import timezone

from federation.conf import source
from federation.models import DayFigures, Follower, PageFigures, Peer, PublishedObject

from .policy import own_actors

# A delivery that waits no longer than this is no news: most servers answer at the second or third attempt.
USUAL_WAIT = timedelta(hours=1)
SHORT, LONG = timedelta(days=30), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    followers: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Of all of somebody's organisations together, the oldest day first. ``counted`` is when, None if never."""

    days: tuple[Day, ...]
    counted: datetime | None

    @property
    def now(self) -> int:
        return self.days[-1].followers if self.days else 0

    @property
    def gained(self) -> int:
        return self.now - self.days[0].followers if self.days else 0


def growth(user: Any, since: date) -> Growth:
    rows = DayFigures.objects.filter(actor__in=own_actors(user).values("pk"), day__gte=since)
    found = rows.values("day").annotate(followers=Sum("followers"), counted=Max("counted")).order_by("day")
    days = tuple(Day(row["day"], row["followers"]) for row in found)
    return Growth(days, max((row["counted"] for row in found), default=None))


def thinned(days: Sequence[Day], most: int) -> tuple[Day, ...]:
    """So many of them at most, evenly apart, with the newest."""
    step = max(1, -(-len(days) // most))
    return tuple(days[::-1][::step][::-1])


def pages(user: Any) -> QuerySet[PublishedObject]:
    """What is out now, the newest first."""
    told = PublishedObject.objects.filter(withdrawn_at=None, entry__isnull=False)
    return of_user(user, told, "actor").select_related("figures", "actor").defer("document", "actor__document")


def of_user(user: Any, rows: QuerySet[Any], owner: str) -> QuerySet[Any]:
    """Without a condition for whoever sees all: it would hide the order of the rows from the database."""
    if source().publishers_editable_by(user) is None:
        return rows
    return rows.filter(**{f"{owner}__in": own_actors(user).values("pk")})


def troubles(user: Any, now: datetime) -> QuerySet[Peer]:
    """Servers that have failed for longer than usual, the longest first; of an editor those only where somebody follows
    one of theirs."""
    failing = Peer.objects.filter(failing_since__lt=now - USUAL_WAIT, blocked=False)
    failing = failing.order_by("failing_since", "origin")
    if source().publishers_editable_by(user) is None:
        return failing
    theirs = Follower.objects.filter(remote__peer=OuterRef("pk"), actor__in=own_actors(user).values("pk"))
    return failing.filter(Exists(theirs))


def oldest_waiting(user: Any, now: datetime) -> PageFigures | None:
    rows = PageFigures.objects.filter(waiting_since__lt=now - USUAL_WAIT)
    rows = of_user(user, rows, "object__actor").select_related("object").defer("object__document")
    return rows.order_by("waiting_since").first()


def sees_anything(user: Any) -> bool:
    return source().publishers_editable_by(user) != set()


def start_of(span: timedelta, now: datetime) -> date:
    return timezone.localdate(now - span)
