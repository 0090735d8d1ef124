"""Shares an old page anew, as a boost of its own post: the post keeps its id, its replies and its date, and stands on
top of followers' timelines once more. An editor asks through the desk; ``reconcile`` carries it out, with the ledger's
row locked, under the same limits as everything else.

Mastodon ignores a second boost of the same post by the same account while it has the first (``Announce#perform``, 4.7),
so an earlier one is taken back first. It handles what it was sent a second ago side by side with what comes next, so
the new boost follows only after a while. A withdrawal needs no ``Undo``: peers remove boosts with what was boosted.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from federation.answers import Boosting
from federation.models import Activity, LedgerEntry, PublishedObject, Wake
from federation.queue import RECONCILE, nudge
from federation.vocab.build import build_announce, build_undo
from federation.vocab.kinds import Kind

from .audience import Audience
from .send import send

EVERY = timedelta(days=1)
SETTLES = timedelta(minutes=10)


def ask(key: str, now: datetime) -> Boosting:
    """Notes the wish. Followers just had what is new, or was boosted a moment ago: once a day is enough."""
    with transaction.atomic():
        entry = LedgerEntry.objects.select_for_update().filter(pk=key, state=LedgerEntry.State.LIVE).first()
        if entry is None or entry.current_id is None:
            return Boosting.NOT_SHARED
        news = Activity.objects.filter(object=entry.current_id, kind__in=(Kind.CREATE, Kind.ANNOUNCE))
        if entry.boost_at is not None or news.filter(created__gt=now - EVERY).exists():
            return Boosting.TOO_SOON
        entry.boost_at = now
        entry.save(update_fields=["boost_at"])
        Wake.objects.create(key=key)
        nudge(RECONCILE)
    return Boosting.ASKED


def is_asked(entry: LedgerEntry, now: datetime) -> bool:
    return entry.boost_at is not None and entry.boost_at <= now


def boost(entry: LedgerEntry, now: datetime) -> None:
    """The boost, or first the end of an earlier one: then it is to be called again once that has settled."""
    told = entry.current
    assert told is not None
    earlier = find_boost(told)
    if earlier is None:
        _announce(told, entry.key, now)
        entry.boost_at = None
    else:
        _take_back(earlier, entry.key, now)
        entry.boost_at = now + SETTLES


def find_boost(told: PublishedObject) -> Activity | None:
    """The one that stands."""
    last = told.activities.filter(kind__in=(Kind.ANNOUNCE, Kind.UNDO)).order_by("-created").first()
    return last if last is not None and last.kind == Kind.ANNOUNCE else None


def wake_due(now: datetime) -> int:
    """Has the reconciler look at boosts whose time has come. A lost wake, too, is made good by this."""
    due = LedgerEntry.objects.filter(boost_at__lte=now, waiting_since=None)
    due = due.exclude(Exists(Wake.objects.filter(key=OuterRef("pk"))))
    woken = [Wake(key=key) for key in due.values_list("pk", flat=True)]
    Wake.objects.bulk_create(woken)
    if woken:
        nudge(RECONCILE)
    return len(woken)


def _announce(told: PublishedObject, lane: str, now: datetime) -> None:
    actor, document = told.actor, json.loads(bytes(told.document))
    send(
        actor,
        lambda uri: build_announce(uri, actor.uri, document, now),
        kind=Kind.ANNOUNCE,
        lane=lane,
        audience=Audience.FOLLOWERS,
        object=told,
        now=now,
    )


def _take_back(earlier: Activity, lane: str, now: datetime) -> None:
    actor, document = earlier.actor, json.loads(bytes(earlier.body))
    send(
        actor,
        lambda uri: build_undo(uri, actor.uri, document),
        kind=Kind.UNDO,
        lane=lane,
        audience=Audience.REACHED,
        object=earlier.object,
        now=now,
    )
