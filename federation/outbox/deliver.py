"""Delivers what is due, for a while. The ledger with its leases is the truth and a job only a reason to look, so a run
may end at any moment and a lost one loses nothing. Called by the worker's job and by tests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.utils import timezone

from federation.conf import federation_settings
from federation.net.client import Client, client

from .lease import DEADLINES
from .pump import Pump
from .retry import LASTING_LIFETIME, LIFETIME
from .speaking import Voice, voice

_ASK_EVERY = 3.0
OVERDUE = timedelta(minutes=15)
_log = logging.getLogger(__name__)


def deliver(
    *,
    seconds: float = 50.0,
    stopping: Callable[[], bool] = lambda: False,
    now: Callable[[], datetime] = timezone.now,
    make_client: Callable[[], Client] | None = None,
) -> bool:
    """Sends for up to ``seconds`` or until ``stopping``. True if it ended early, so that something may be left to do;
    False also while this instance may not speak."""
    if voice() is not Voice.SPEAKS:
        return False
    drop_blocked(now())
    settings = federation_settings()
    deadline = settings.DELIVERY_DEADLINE
    make_client = make_client or partial(client, total=deadline)
    lasts = DEADLINES * timedelta(seconds=deadline)
    return Pump(make_client, settings.DELIVERY_THREADS, now, _Patience(seconds, stopping), lasts).run()


class _Patience:
    """May the pump go on? The database is asked only now and then whether somebody has paused everything."""

    def __init__(self, seconds: float, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._ends = time.monotonic() + seconds
        self._asked = time.monotonic()
        self._speaks = True

    def __call__(self) -> bool:
        moment = time.monotonic()
        if moment - self._asked >= _ASK_EVERY:
            self._asked, self._speaks = moment, voice() is Voice.SPEAKS
        return self._speaks and moment < self._ends and not self._stopping()


def find_overdue(now: datetime) -> datetime | None:
    """Since when a delivery has been due for more than a quarter of an hour although nothing holds it: no server that
    rests or is sent to slowly, no pause, no earlier one in its lane. None if all is well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(greatest(d.next_attempt, p.held_until)) FROM federation_delivery d"
            " JOIN federation_peer p ON p.origin = d.peer_id"
            " JOIN federation_activity a ON a.id = d.activity_id"
            " JOIN federation_localactor speaker ON speaker.id = a.actor_id"
            " WHERE d.state = 'waiting' AND d.next_attempt <= %(late)s AND NOT speaker.paused"
            " AND (p.held_until IS NULL OR p.held_until <= %(late)s)"
            " AND (p.lease_until IS NULL OR p.lease_until <= %(now)s)"
            " AND (p.shares_inbox OR p.full_at IS NULL OR p.full_at <= %(now)s)"
            " AND NOT EXISTS (SELECT 1 FROM federation_delivery older WHERE older.lane = d.lane"
            "                  AND older.inbox = d.inbox AND older.state = 'waiting' AND older.id < d.id)",
            {"now": now, "late": now - OVERDUE},
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def warn_of_overdue(now: datetime) -> None:
    """Somebody who watches the log should look (OU-13)."""
    if voice() is Voice.SPEAKS and (since := find_overdue(now)) is not None:
        _log.error("deliveries are due since %s and are not sent", since.isoformat(timespec="seconds"))


def drop_blocked(now: datetime) -> int:
    """Nothing goes to a server that was blocked after it was addressed (OU-03)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE federation_delivery d SET state = 'dropped', done_at = %s, error = 'the server is blocked'"
            " FROM federation_peer p WHERE p.origin = d.peer_id AND p.blocked AND d.state = 'waiting'",
            [now],
        )
        return cursor.rowcount


def expire(now: datetime) -> int:
    """Gives up what waits behind a server that has failed for as long as a delivery may live, although its own turn
    never came: seven days, ninety for what ``retry.is_lasting`` names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE federation_delivery d SET state = 'expired', done_at = %(now)s"
            " FROM federation_peer p, federation_activity a"
            " WHERE p.origin = d.peer_id AND a.id = d.activity_id AND d.state = 'waiting'"
            " AND p.failing_since IS NOT NULL AND GREATEST(d.created, p.failing_since) <= CASE"
            " WHEN a.kind = 'Delete' OR (a.kind = 'Update' AND a.object_id IS NULL) THEN %(longer)s ELSE %(since)s END"
            " AND (p.lease_until IS NULL OR p.lease_until <= %(now)s)",
            {"now": now, "since": now - LIFETIME, "longer": now - LASTING_LIFETIME},
        )
        return cursor.rowcount
