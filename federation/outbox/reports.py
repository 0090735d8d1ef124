"""Numbers for editors' digests: of each publisher, what happened in a stretch of time. Only numbers: who follows is
nobody's business in a mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from federation.contract import Report
from federation.models import Delivery, Follower, LedgerEntry

# What waits no longer than this is no news: most servers answer at the second or third attempt.
USUAL_WAIT = timedelta(hours=1)


def reports(publishers: Collection[str], since: datetime, until: datetime) -> dict[str, Report]:
    """By publisher's key, those only to whom something happened after ``since`` and not after ``until``. Four queries,
    however many publishers there are."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for name, owner, rows in _counted(since, until):
        found = rows.filter(**{f"{owner}__in": publishers}).order_by().values_list(owner)
        for key, count in found.annotate(number=Count("pk")):
            numbers[key][name] = count
    return {key: Report(**found) for key, found in numbers.items()}


def _counted(since: datetime, until: datetime) -> list[tuple[str, str, QuerySet[Any]]]:
    """The number's name, the way from a row to its publisher's key, and the rows."""
    state = Delivery.State
    of_actor = "activity__actor__key"
    waiting = Delivery.objects.filter(
        state=state.WAITING, attempts__gt=0, created__gt=since - USUAL_WAIT, created__lte=until - USUAL_WAIT
    )
    refused = Delivery.objects.filter(state__in=(state.REFUSED, state.EXPIRED), done_at__gt=since, done_at__lte=until)
    held = LedgerEntry.objects.filter(waiting_since__gt=since, waiting_since__lte=until)
    followers = Follower.objects.filter(created__gt=since, created__lte=until)
    return [
        ("waiting", of_actor, waiting),
        ("refused", of_actor, refused),
        ("held", "waiting_publisher", held),
        ("followers", "actor__key", followers),
    ]
