"""Handles what was received, in a worker: one activity, one outcome. Handlers stand in a dict by the activity's type.
What they need from other servers is fetched first, while only a lease is held; then one short transaction has the
effect and the outcome. What they refuse is stored with the reason; what a passing trouble stopped is tried again. The
job engine calls ``drain``, often; the rows are the truth, a lost call loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

from federation.errors import FederationError, NetworkError, TryLater
from federation.models import InboundActivity
from federation.net.client import Client, client
from federation.vocab.parse import ParsedActivity, parse_activity

from . import lease
from .brought import NOTHING, Brought
from .handlers import accept, announce, create, delete, follow, reject, undo, update
from .outcome import Outcome, State, failed, ignored
from .screen import is_welcome

MOST_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=30)
_Part = TypeVar("_Part")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """``fetch`` may use the network and read the database, and writes nothing; ``handle`` the other way round, in a
    transaction. Most need nothing from elsewhere."""

    handle: Callable[[ParsedActivity, Brought, datetime], Outcome]
    fetch: Callable[[ParsedActivity, Client], Brought] | None = None


HANDLERS: dict[str, Handler] = {
    "Accept": Handler(accept.handle),
    "Announce": Handler(announce.handle, announce.fetch),
    "Create": Handler(create.handle, create.fetch),
    "Delete": Handler(delete.handle),
    "Follow": Handler(follow.handle, follow.fetch),
    "Reject": Handler(reject.handle),
    "Undo": Handler(undo.handle),
    "Update": Handler(update.handle, update.fetch),
}


def drain(now: datetime, limit: int = 100) -> int:
    """Handles up to ``limit`` activities that are due; how many it took. Several may run at once. Leases run from
    ``now``, so whoever works with other servers asks for one at a time."""
    taken = 0
    while taken < limit and _take_next(now):
        taken += 1
    return taken


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 s, 2 min, 8 min … 34 h."""
    return _FIRST_PAUSE * int(4 ** (attempts - 1))


def _take_next(now: datetime) -> bool:
    row = lease.take(now)
    if row is None:
        return False
    try:
        _work(row, now)
    except (OperationalError, InterfaceError):
        lease.give_back(row)
        raise
    return True


def _work(row: InboundActivity, now: datetime) -> None:
    brought = _judged(row, lambda: _fetch(row))
    with transaction.atomic(durable=True):
        if not lease.is_held(row):
            log.warning("%s took longer than its lease; what came of it is dropped", row)
            return
        outcome = brought if isinstance(brought, Outcome) else _judged(row, lambda: _handle(row, brought, now))
        lease.finish(row, outcome, now, pause(row.attempts))


def _fetch(row: InboundActivity) -> Brought | Outcome:
    if row.attempts > MOST_ATTEMPTS:
        return failed(f"given up: {MOST_ATTEMPTS} workers ended while they handled it")
    handler = HANDLERS.get(row.kind)
    if handler is None or handler.fetch is None or _is_unheard(row):
        return NOTHING
    with client(seconds=lease.FETCHING) as own:
        return handler.fetch(parse_activity(row.document), own)


def _handle(row: InboundActivity, brought: Brought, now: datetime) -> Outcome:
    handler = HANDLERS.get(row.kind)
    if handler is None:
        return ignored(f"not handled yet: {row.kind}")
    with transaction.atomic():  # what fails leaves nothing behind, and room to say so
        if _is_unheard(row):
            return ignored("blocked")
        return handler.handle(parse_activity(row.document), brought, now)


def _is_unheard(row: InboundActivity) -> bool:
    """A Follow is refused aloud."""
    return row.kind != "Follow" and not is_welcome(row.signer)


def _judged(row: InboundActivity, part: Callable[[], _Part]) -> _Part | Outcome:
    """What the part gives, or what its failure means for the row."""
    try:
        return part()
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
