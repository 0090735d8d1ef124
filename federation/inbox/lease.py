"""Which activity is next, and whose it is meanwhile. A worker leases a row, for other servers may take their time, and
must not hold a transaction for so long. One that was killed loses its row by the clock; one that was only believed dead
changes nothing any more. ``dispatch`` calls it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from federation.models import InboundActivity

from .outcome import Outcome, State
from .replay import BY_STATE

# Seconds for everything that is fetched for one activity: up to ten requests, if an object, its author and the author's
# handle are all found by detours. Each alone may take thirty.
FETCHING = 60.0
# Twice that: what remains is one transaction without network.
LEASE = timedelta(seconds=2 * FETCHING)
_LONGEST_REASON = 255
_LONGEST_REST = timedelta(minutes=2)


def take(now: datetime) -> InboundActivity | None:
    """The next that is due, leased from ``now``, which must be the time it is. The attempt counts from here on: what
    kills its worker must not go on for ever."""
    with transaction.atomic(durable=True):
        row = _due(now).select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.attempts += 1
        row.lease_token, row.lease_until = uuid.uuid4(), now + LEASE
        row.save(update_fields=["attempts", "lease_token", "lease_until"])
        return row


def is_held(row: InboundActivity) -> bool:
    """Whether it is still the caller's, and then also locked until the end of the transaction: nobody else can take it
    between this and the outcome."""
    return _ours(row).select_for_update().values_list("pk", flat=True).first() is not None


def finish(row: InboundActivity, outcome: Outcome, now: datetime, pause: timedelta) -> None:
    """Writes the outcome and gives the row back, in the transaction in which :func:`is_held` said yes. ``pause`` is for
    what waits."""
    values: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason[:_LONGEST_REASON]}
    if outcome.state == State.WAITING:
        _rest(row, now, now + pause)
        values["next_attempt"] = now + pause
    _ours(row).update(lease_token=None, lease_until=None, **values)


def give_back(row: InboundActivity) -> None:
    """As if nobody had taken it, after trouble of our own. If the database does not even take that, the lease ends by
    itself."""
    with suppress(OperationalError, InterfaceError):
        _ours(row).update(lease_token=None, lease_until=None, attempts=F("attempts") - 1)


def _ours(row: InboundActivity) -> QuerySet[InboundActivity]:
    return InboundActivity.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.WAITING)


def _rest(row: InboundActivity, now: datetime, again: datetime) -> None:
    """What else this sender told us waits a little too: a thousand activities that each need a server which does not
    answer would keep everybody else's waiting for hours. Never long, for the rest of their news may be sound; Follows
    need no server and go on."""
    until = min(again, now + _LONGEST_REST)
    others = InboundActivity.objects.filter(signer=row.signer, state=State.WAITING, lease_token=None)
    others.filter(next_attempt__lt=until).exclude(kind__in=BY_STATE).update(next_attempt=until)


def _due(now: datetime) -> QuerySet[InboundActivity]:
    """Of one signer the earlier goes first, or an Undo could overtake the Follow that it takes back, in another worker;
    and one at a time, since what is leased is not finished. What rests after a trouble holds up nobody, except a Follow
    or Undo those that come after it."""
    theirs = InboundActivity.objects.filter(signer=OuterRef("signer"), state=State.WAITING)
    earlier = theirs.filter(id__lt=OuterRef("id"))
    # Of the row itself, and only of that, PostgreSQL asks again when it locks what another worker has just taken.
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return (
        InboundActivity.objects.filter(free, state=State.WAITING, next_attempt__lte=now)
        .exclude(Exists(earlier.filter(next_attempt__lte=now)))
        .exclude(Exists(theirs.filter(lease_until__gt=now)))
        .exclude(Q(kind__in=BY_STATE) & Exists(earlier.filter(kind__in=BY_STATE)))
        .order_by("next_attempt", "id")
    )
