"""How far each server is with a page: the newest that was said to it, and what it answered. For the editor's eyes; the
desk asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from federation.answers import Deliveries, Progress, ServerDelivery
from federation.models import PublishedObject
from federation.models.deliveries import what_it_is

MOST = 200
ALL = frozenset(Progress)

# Of each inbox the newest, of each server the inbox that is worst off. What was dropped was replaced or never needed.
# Numbers first and words last, and no join that would read the whole table: ten thousand servers are as many rows, of
# which few are shown. The numbers of all come with each row, also with the one that stands for no row at all.
_ROWS = """
    WITH newest AS (
        SELECT min(peer_id) AS peer_id, max(ARRAY[id, array_position(%(order)s::text[], state::text)]) AS it
          FROM federation_delivery WHERE activity_id = ANY(%(said)s) AND state <> 'dropped' GROUP BY inbox),
    servers AS (
        SELECT peer_id, min(ARRAY[it[2], -it[1]]) AS worst, count(*) AS inboxes FROM newest GROUP BY peer_id),
    totals AS (
        SELECT count(*) FILTER (WHERE worst[1] = 1) AS refused, count(*) FILTER (WHERE worst[1] = 2) AS given_up,
               count(*) FILTER (WHERE worst[1] = 3) AS waiting, count(*) FILTER (WHERE worst[1] = 4) AS accepted
          FROM servers),
    shown AS (
        SELECT * FROM servers WHERE worst[1] = ANY(%(wanted)s)
         ORDER BY worst[1], peer_id LIMIT %(most)s OFFSET %(skip)s)
    SELECT t.*, s.peer_id, d.state, said.kind, d.attempts, COALESCE(d.attempted_at, d.created),
           CASE WHEN d.state = 'waiting' THEN GREATEST(d.next_attempt, p.held_until) END, d.status,
           CASE WHEN d.state = 'waiting' AND d.error = '' THEN p.hold_reason ELSE d.error END, s.inboxes
      FROM totals t LEFT JOIN shown s ON true LEFT JOIN federation_delivery d ON d.id = -s.worst[2]
      LEFT JOIN federation_activity said ON said.id = d.activity_id LEFT JOIN federation_peer p ON p.origin = s.peer_id
     ORDER BY s.worst[1], s.peer_id"""

_ORDER = ["refused", "expired", "waiting", "accepted"]
_WORDS = {
    "accepted": Progress.ACCEPTED,
    "waiting": Progress.WAITING,
    "refused": Progress.REFUSED,
    "expired": Progress.GIVEN_UP,
}


def deliveries(key: str, *, skip: int = 0, most: int = MOST) -> Deliveries:
    """Of what is out, or of what was last withdrawn; empty if the page was never shared."""
    told = find_last(key)
    return Deliveries() if told is None else deliveries_of(told, skip=skip, most=most)


def deliveries_of(
    told: PublishedObject, *, skip: int = 0, most: int | None = MOST, only: Collection[Progress] = ALL
) -> Deliveries:
    """Rows of those servers only that are so far; ``most`` may be None for every one. The numbers are of all."""
    said = list(told.activities.values_list("pk", flat=True))
    wanted = [number for number, state in enumerate(_ORDER, 1) if _WORDS[state] in only]
    values: dict[str, Any] = {"said": said, "order": _ORDER, "skip": skip, "most": most, "wanted": wanted}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        found = cursor.fetchall()
    refused, given_up, waiting, accepted = found[0][:4]
    rows = tuple(_row(row[4:]) for row in found if row[4] is not None)
    return Deliveries(rows, accepted=accepted, waiting=waiting, refused=refused, given_up=given_up)


def find_last(key: str) -> PublishedObject | None:
    """The page as it was last told, with its publisher; None if it never was."""
    last = PublishedObject.objects.select_related("actor").defer("document", "actor__document")
    current = last.filter(entry=key).first()
    if current is not None:
        return current
    return last.filter(key=key).order_by("-published", "-withdrawn_at").first()


def _row(row: tuple[Any, ...]) -> ServerDelivery:
    origin, state, kind, attempts, at, next_attempt, status, words, inboxes = row
    what = what_it_is(kind, about_page=True)
    return ServerDelivery(origin, _WORDS[state], what, attempts, at, next_attempt, status, words, inboxes)
