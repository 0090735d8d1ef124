"""Counts what people want to see of followers, reach and months, so that nobody who looks waits for it. Called by jobs.
Each count begins anew and is written over the former, so a run that is lost or doubled changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from federation.models import DayFigures

# Two years can be compared, day by day. Months are few, and stay.
DAYS_KEPT = timedelta(days=800)
# Deliveries are given up after seven days; until then what a month sent may still arrive.
SETTLED_AFTER = timedelta(days=9)
_PAGES_AT_ONCE = 50

_DAY = """
    INSERT INTO federation_dayfigures (actor_id, day, followers, servers, counted)
    SELECT a.id, %(day)s, count(f.id), count(DISTINCT r.peer_id), %(now)s
      FROM federation_localactor a
      LEFT JOIN federation_follower f ON f.actor_id = a.id LEFT JOIN federation_remoteactor r ON r.id = f.remote_id
     WHERE a.deleted_at IS NULL AND a.kind <> 'instance'
     GROUP BY a.id
    ON CONFLICT (actor_id, day) DO UPDATE
       SET followers = EXCLUDED.followers, servers = EXCLUDED.servers, counted = EXCLUDED.counted"""

# What has no row, what changes by itself, and what something was said of since the last count; an hour more, for a
# transaction may commit long after the time that it notes. What was refused may be sent again while it is counted, so
# it is counted once a day, while it is new: of old pages the deliveries are forgotten, and their figures stay.
_DUE = """
    SELECT o.id, f.counted FROM federation_publishedobject o LEFT JOIN federation_pagefigures f ON f.object_id = o.id
     WHERE f.counted IS NULL OR (f.waiting > 0 AND f.counted < %(now)s)
        OR (f.refused > 0 AND f.counted < %(now)s - interval '1 day' AND o.published > %(now)s - interval '30 days')
    UNION
    SELECT said.object_id, f.counted FROM federation_activity said
      JOIN federation_pagefigures f ON f.object_id = said.object_id
     WHERE said.created >= (SELECT max(counted) FROM federation_pagefigures) - interval '1 hour'
       AND f.counted < %(now)s
     ORDER BY counted NULLS FIRST LIMIT %(most)s"""

# As ``progress`` counts: of each inbox the newest, of each server the inbox that is worst off.
_PAGES = """
    WITH due AS (SELECT unnest(%(due)s::uuid[]) AS id),
    sent AS (
        SELECT said.object_id, d.id, d.peer_id, d.inbox, d.created, d.state
          FROM due JOIN federation_activity said ON said.object_id = due.id
          JOIN federation_delivery d ON d.activity_id = said.id
         WHERE d.state <> 'dropped'),
    newest AS (
        SELECT object_id, min(peer_id) AS peer_id,
               max(ARRAY[id, COALESCE(array_position(%(order)s::text[], state::text), 1)]) AS it
          FROM sent GROUP BY object_id, inbox),
    servers AS (SELECT object_id, peer_id, min(it[2]) AS worst FROM newest GROUP BY object_id, peer_id),
    counts AS (
        SELECT object_id, count(*) FILTER (WHERE worst = 3) AS accepted, count(*) FILTER (WHERE worst = 2) AS waiting,
               count(*) FILTER (WHERE worst = 1) AS refused
          FROM servers GROUP BY object_id),
    oldest AS (SELECT object_id, min(created) AS since FROM sent WHERE state = 'waiting' GROUP BY object_id)
    INSERT INTO federation_pagefigures (object_id, accepted, waiting, refused, waiting_since, counted)
    SELECT due.id, COALESCE(c.accepted, 0), COALESCE(c.waiting, 0), COALESCE(c.refused, 0), w.since, %(now)s
      FROM due LEFT JOIN counts c ON c.object_id = due.id LEFT JOIN oldest w ON w.object_id = due.id
     ORDER BY due.id
    ON CONFLICT (object_id) DO UPDATE
       SET accepted = EXCLUDED.accepted, waiting = EXCLUDED.waiting, refused = EXCLUDED.refused,
           waiting_since = EXCLUDED.waiting_since, counted = EXCLUDED.counted"""
# What was refused and what was given up, which is not in the list, are one to whoever counts: it did not arrive.
_ORDER = ["refused", "waiting", "accepted"]

_MONTH = """
    WITH sent AS (
        SELECT said.actor_id, count(DISTINCT d.peer_id) FILTER (WHERE d.state = 'accepted') AS accepted,
               count(DISTINCT d.peer_id) FILTER (WHERE d.state IN ('refused', 'expired')) AS refused
          FROM federation_activity said JOIN federation_delivery d ON d.activity_id = said.id
         WHERE said.created >= %(begins)s AND said.created < %(ends)s AND said.object_id IS NOT NULL
         GROUP BY said.actor_id)
    INSERT INTO federation_monthfigures (actor_id, month, published, followers, servers, refused, counted)
    SELECT a.id, %(month)s,
           (SELECT count(*) FROM federation_publishedobject o
             WHERE o.actor_id = a.id AND o.published >= %(begins)s AND o.published < %(ends)s),
           (SELECT d.followers FROM federation_dayfigures d
             WHERE d.actor_id = a.id AND d.day >= %(month)s AND d.day < %(next)s ORDER BY d.day DESC LIMIT 1),
           COALESCE(sent.accepted, 0), COALESCE(sent.refused, 0), %(now)s
      FROM federation_localactor a LEFT JOIN sent ON sent.actor_id = a.id
     WHERE a.deleted_at IS NULL AND a.kind <> 'instance' AND a.created < %(ends)s
    ON CONFLICT (actor_id, month) DO UPDATE
       SET published = EXCLUDED.published, followers = EXCLUDED.followers, servers = EXCLUDED.servers,
           refused = EXCLUDED.refused, counted = EXCLUDED.counted"""


def count_followers(now: datetime) -> None:
    """Of today, for everybody who can be followed."""
    with connection.cursor() as cursor:
        cursor.execute(_DAY, {"day": timezone.localdate(now), "now": now})


def count_pages(now: datetime, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> int:
    """Of what may have changed; how many pages were counted. What the ``seconds`` were too short for comes next
    time."""
    count, ends = 0, clock() + seconds
    while due := _due(now):
        with connection.cursor() as cursor:
            cursor.execute(_PAGES, {"due": due, "order": _ORDER, "now": now})
        count += len(due)
        if clock() > ends:
            break
    return count


def count_months(now: datetime) -> None:
    """This month, and the former one while something of it may still arrive."""
    today = timezone.localdate(now)
    this = today.replace(day=1)
    _count_month(this, now)
    if today - this < SETTLED_AFTER:
        _count_month((this - timedelta(days=1)).replace(day=1), now)


def forget_days(now: datetime) -> None:
    DayFigures.objects.filter(day__lt=timezone.localdate(now - DAYS_KEPT)).delete()


def _due(now: datetime) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "most": _PAGES_AT_ONCE})
        return [row[0] for row in cursor.fetchall()]


def _count_month(month: date, now: datetime) -> None:
    following = (month + timedelta(days=31)).replace(day=1)
    values = {"month": month, "next": following, "begins": _midnight(month), "ends": _midnight(following), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_MONTH, values)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
