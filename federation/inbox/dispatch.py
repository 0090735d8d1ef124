"""Handles what was received, in a worker: one activity, one transaction, one outcome. Handlers stand in a dict by the
activity's type. What they refuse is stored with the reason; what a passing trouble stopped is tried again. The job
engine calls ``drain``, often; the rows are the truth, a lost call loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from federation.errors import FederationError, NetworkError, TryLater
from federation.models import InboundActivity
from federation.vocab.parse import ParsedActivity, parse_activity

from .handlers import accept, announce, create, delete, follow, reject, undo, update
from .outcome import Outcome, State, failed, ignored
from .replay import BY_STATE
from .screen import is_welcome

MOST_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_REASON = 255
_LONGEST_REST = timedelta(minutes=2)
log = logging.getLogger(__name__)

HANDLERS: dict[str, Callable[[ParsedActivity, datetime], Outcome]] = {
    "Accept": accept.handle,
    "Announce": announce.handle,
    "Create": create.handle,
    "Delete": delete.handle,
    "Follow": follow.handle,
    "Reject": reject.handle,
    "Undo": undo.handle,
    "Update": update.handle,
}


def drain(now: datetime, limit: int = 100) -> int:
    """Handles up to ``limit`` activities that are due; how many it took. Several may run at once."""
    taken = 0
    while taken < limit and _take_next(now):
        taken += 1
    return taken


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 s, 2 min, 8 min … 34 h."""
    return _FIRST_PAUSE * int(4 ** (attempts - 1))


def _take_next(now: datetime) -> bool:
    with transaction.atomic():
        row = _due(now).select_for_update(skip_locked=True).first()
        if row is None:
            return False
        row.attempts += 1
        outcome = _handle(row, now)
        if outcome.state == State.WAITING:
            row.next_attempt = now + pause(row.attempts)
            _rest(row, now)
        row.state, row.reason = outcome.state, outcome.reason[:_LONGEST_REASON]
        row.save(update_fields=["attempts", "next_attempt", "state", "reason"])
        return True


def _rest(row: InboundActivity, now: datetime) -> None:
    """What else this sender told us waits a little too: a thousand activities that each need a server which does not
    answer would keep everybody else's waiting for hours. Never long, for the rest of their news may be sound; Follows
    need no server and go on."""
    until = min(row.next_attempt, now + _LONGEST_REST)
    others = InboundActivity.objects.filter(signer=row.signer, state=State.WAITING, next_attempt__lt=until)
    others.exclude(kind__in=BY_STATE).update(next_attempt=until)


def _due(now: datetime) -> QuerySet[InboundActivity]:
    """Of one signer the earlier goes first, or an Undo could overtake the Follow that it takes back, in another worker.
    What rests after a trouble holds up nobody, except a Follow or Undo those that come after it."""
    earlier = InboundActivity.objects.filter(signer=OuterRef("signer"), id__lt=OuterRef("id"), state=State.WAITING)
    return (
        InboundActivity.objects.filter(state=State.WAITING, next_attempt__lte=now)
        .exclude(Exists(earlier.filter(next_attempt__lte=now)))
        .exclude(Q(kind__in=BY_STATE) & Exists(earlier.filter(kind__in=BY_STATE)))
        .order_by("next_attempt", "id")
    )


def _handle(row: InboundActivity, now: datetime) -> Outcome:
    handler = HANDLERS.get(row.kind)
    if handler is None:
        return ignored(f"not handled yet: {row.kind}")
    try:
        with transaction.atomic():
            if not is_welcome(row.signer) and row.kind != "Follow":  # a Follow is refused aloud
                return ignored("blocked")
            return handler(parse_activity(row.document), now)
    except (OperationalError, InterfaceError) as error:
        if not _is_beyond_a_limit(error):
            raise  # the database itself: nothing can be stored now, and the row keeps waiting
        log.exception("%s could not be handled", row)
        return failed(f"{type(error).__name__}: {error}")
    except (TryLater, NetworkError) as error:
        passing = not isinstance(error, NetworkError) or error.temporary
        return _postponed(row, str(error)) if passing else failed(str(error))
    except FederationError as error:
        return failed(str(error))
    except Exception as error:
        # A mistake of ours. It must stop neither the other senders nor, for ever, this one.
        log.exception("%s could not be handled", row)
        return _postponed(row, f"{type(error).__name__}: {error}")


def _is_beyond_a_limit(error: Exception) -> bool:
    """SQLSTATE class 54, such as a value too long for its index: Django calls it operational, but it lies in what was
    sent and never passes. Raised, it would leave the row the first in line for ever, and stop all other senders."""
    return (getattr(error.__cause__, "sqlstate", None) or "").startswith("54")


def _postponed(row: InboundActivity, why: str) -> Outcome:
    if row.attempts >= MOST_ATTEMPTS:
        return failed(f"given up after {row.attempts} attempts: {why}")
    return Outcome(State.WAITING, why)
