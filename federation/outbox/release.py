"""What a person may set going again: publications that were held back because too much was sent within an hour, and
deliveries that were refused or given up. Called by the command and by the admin."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from federation.models import Activity, LedgerEntry, PageFigures, Wake
from federation.queue import DELIVER, RECONCILE, nudge
from federation.vocab.kinds import Kind

# Nothing that would arrive after what was said later, and no text of what was withdrawn since. The clock of the seven
# days begins anew, and the row still says that it was tried: it may have arrived although nobody saw the answer.
_AGAIN = """
    UPDATE federation_delivery AS d
       SET state = 'waiting', attempts = 0, created = %(now)s, next_attempt = %(now)s, first_attempt = %(now)s,
           done_at = NULL, unheard = false
      FROM federation_peer AS p, federation_activity AS said
      LEFT JOIN federation_publishedobject AS told ON told.id = said.object_id
     WHERE p.origin = d.peer_id AND said.id = d.activity_id AND NOT p.blocked AND d.state IN ('refused', 'expired')
       AND (%(origin)s::text IS NULL OR p.origin = %(origin)s)
       AND (%(about)s::uuid[] IS NULL OR d.activity_id = ANY(%(about)s))
       AND (%(only)s::bigint[] IS NULL OR d.id = ANY(%(only)s))
       AND (told.withdrawn_at IS NULL OR said.kind = %(withdrawal)s)
       AND NOT EXISTS (SELECT 1 FROM federation_delivery AS later
                        WHERE later.lane = d.lane AND later.inbox = d.inbox AND later.id > d.id
                          AND later.state = 'accepted'
                          AND (%(about)s::uuid[] IS NULL OR later.activity_id = ANY(%(about)s)))"""
# Waits for no pump, which would lock other servers in another order. It writes what it has just seen of this server.
_WAKE_SERVERS = """
    WITH free AS (SELECT origin FROM federation_peer AS p
                   WHERE EXISTS (SELECT 1 FROM federation_delivery AS d
                                  WHERE d.peer_id = p.origin AND d.state = 'waiting' AND d.next_attempt = %(now)s)
                     FOR UPDATE SKIP LOCKED)
    UPDATE federation_peer AS p SET held_until = NULL FROM free WHERE p.origin = free.origin"""


@transaction.atomic
def release(keys: Iterable[str] | None = None) -> int:
    """Those of ``keys`` that wait, or all that do. Each is looked at anew and sent as it then is; how many."""
    waiting = LedgerEntry.objects.select_for_update().filter(waiting_since__isnull=False)
    if keys is not None:
        waiting = waiting.filter(pk__in=list(keys))
    found = [entry.pk for entry in waiting.order_by("pk")]
    LedgerEntry.objects.filter(pk__in=found).update(approved=True)
    Wake.objects.bulk_create([Wake(key=key) for key in found])
    nudge(RECONCILE)
    return len(found)


def send_again(now: datetime, origin: str | None = None, key: str | None = None) -> int:
    """Deliveries to the server at ``origin``, or to all, that were refused or given up, about the page ``key`` or about
    anything; how many. What was replaced by something later stays as it is, and so does what goes to blocked
    servers."""
    about = None if key is None else list(Activity.objects.filter(object__key=key).values_list("pk", flat=True))
    return _again({"now": now, "origin": origin, "about": about, "only": None})


def send_these_again(now: datetime, numbers: Collection[int]) -> int:
    """As :func:`send_again`, those of the deliveries with these numbers."""
    return _again({"now": now, "origin": None, "about": None, "only": list(numbers)})


@transaction.atomic
def _again(values: dict[str, Any]) -> int:
    values["withdrawal"] = str(Kind.DELETE)
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, values)
        count = cursor.rowcount
        cursor.execute(_WAKE_SERVERS, values)
    # Nothing new was said, so nobody would see that what was settled is so no more. Locked in the order in which the
    # job that counts locks them, or each might wait for the other.
    sent = Activity.objects.filter(deliveries__state="waiting", deliveries__next_attempt=values["now"])
    settled = PageFigures.objects.filter(object__in=sent.values("object")).order_by("pk").select_for_update()
    PageFigures.objects.filter(pk__in=list(settled.values_list("pk", flat=True))).update(counted=None)
    nudge(DELIVER)
    return count
