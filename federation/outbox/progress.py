"""How far each server is with a page: the newest that was said to it, and what it answered. For the editor's eyes; the
desk asks."""

from __future__ import annotations

from typing import Any

from django.db import connection

from federation.answers import Deliveries, Progress, ServerDelivery
from federation.models import LedgerEntry, PublishedObject
from federation.models.deliveries import what_it_is

MOST = 200

# Of each inbox the newest, of each server the inbox that is worst off. What was dropped was replaced or never needed.
_NEWEST = """
    WITH newest AS (
        SELECT DISTINCT ON (d.inbox) d.peer_id, d.state, said.kind, d.attempts, d.created, d.attempted_at,
               d.next_attempt, d.status, d.error, d.id,
               array_position(ARRAY['refused', 'expired', 'waiting', 'accepted'], d.state::text) AS place
          FROM federation_delivery d JOIN federation_activity said ON said.id = d.activity_id
         WHERE said.object_id = %(object)s AND d.state <> 'dropped'
         ORDER BY d.inbox, d.id DESC),
    servers AS (
        SELECT DISTINCT ON (peer_id) *, count(*) OVER (PARTITION BY peer_id) AS inboxes
          FROM newest ORDER BY peer_id, place, id DESC)"""
_ROWS = f"""{_NEWEST}
    SELECT s.peer_id, s.state, s.kind, s.attempts, COALESCE(s.attempted_at, s.created),
           CASE WHEN s.state = 'waiting' THEN GREATEST(s.next_attempt, p.held_until) END, s.status,
           CASE WHEN s.state = 'waiting' AND s.error = '' THEN p.hold_reason ELSE s.error END, s.inboxes
      FROM servers s JOIN federation_peer p ON p.origin = s.peer_id
     ORDER BY s.place, s.peer_id LIMIT %(most)s OFFSET %(skip)s"""  # noqa: S608
_COUNTS = f"{_NEWEST} SELECT state, count(*) FROM servers GROUP BY state"  # noqa: S608

_WORDS = {
    "accepted": Progress.ACCEPTED,
    "waiting": Progress.WAITING,
    "refused": Progress.REFUSED,
    "expired": Progress.GIVEN_UP,
}


def deliveries(key: str, *, skip: int = 0, most: int = MOST) -> Deliveries:
    """Of what is out, or of what was last withdrawn; empty if the page was never shared."""
    told = _find_last(key)
    if told is None:
        return Deliveries()
    values: dict[str, Any] = {"object": told.pk, "skip": skip, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        rows = tuple(_row(row) for row in cursor.fetchall())
        cursor.execute(_COUNTS, values)
        counts = {_WORDS[state].name.lower(): count for state, count in cursor.fetchall()}
    return Deliveries(rows, **counts)


def _find_last(key: str) -> PublishedObject | None:
    entry = LedgerEntry.objects.select_related("current").defer("current__document").filter(pk=key).first()
    if entry is not None and entry.current is not None:
        return entry.current
    return PublishedObject.objects.defer("document").filter(key=key).order_by("-published", "-withdrawn_at").first()


def _row(row: tuple[Any, ...]) -> ServerDelivery:
    origin, state, kind, attempts, at, next_attempt, status, words, inboxes = row
    what = what_it_is(kind, about_page=True)
    return ServerDelivery(origin, _WORDS[state], what, attempts, at, next_attempt, status, words, inboxes)
