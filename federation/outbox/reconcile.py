"""Compares what is public now with what the world was told, publication by publication, and makes the one follow the
other. Woken by rows that triggers write; it looks at the present truth and never at what happened. The worker calls
``drain``; nothing else decides that something is sent.

Per key: read the ids of its wakes, lock its ledger row, *then* ask the site, act, and delete exactly those wakes. A
change that is committed meanwhile has a wake of its own, with a later id, and is found by the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from federation.actors.local import SITE
from federation.conf import source
from federation.contract import Publication
from federation.models import LedgerEntry, LocalActor, Wake

from . import ledger
from .boost import boost, is_asked
from .decide import Step, decide, held_back, is_told, observed
from .publishers import find_actor_for, retire, tell_profile
from .quiet import told_by
from .speaking import Voice, voice
from .traffic import traffic

_log = logging.getLogger(__name__)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)


def drain(now: datetime, limit: int = 200) -> int:
    """Reconciles up to ``limit`` woken keys, those first that wait longest. Returns how many it dealt with: 0 means
    that nothing is left to do now. Rests while the site runs under another address than its profiles."""
    if voice() is Voice.FOREIGN:
        return 0
    return sum(reconcile(key, now) for key in _woken(now, limit))


def reconcile(key: str, now: datetime) -> bool:
    """One key, in one transaction. False if another process is at it. A key that fails keeps its wakes, and waits
    longer each time; the row says why."""
    taken = list(Wake.objects.filter(key=key).values_list("pk", flat=True))
    try:
        with transaction.atomic():
            if not _reconcile(key, now):
                return False
            Wake.objects.filter(pk__in=taken).delete()
    except Exception as error:  # noqa: BLE001 -- whatever one page raises, the others must still be told
        _log.exception("%s could not be reconciled", key)
        _set_back(taken, now, error)
    return True


def _woken(now: datetime, limit: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM federation_wake WHERE retry_at IS NULL OR retry_at <= %s"
            " GROUP BY key ORDER BY min(id) LIMIT %s",
            [now, limit],
        )
        return [key for (key,) in cursor.fetchall()]


def _reconcile(key: str, now: datetime) -> bool:
    entry = _lock(key)
    if entry is None:
        return False
    if key == SITE:
        tell_profile(SITE, now)
    else:
        _reconcile_publisher(entry, now)
        _reconcile_publication(entry, now)
    if entry.state == LedgerEntry.State.NEVER and not entry.publisher and entry.waiting_since is None:
        entry.delete()  # most pages are never shared: no row each
    else:
        entry.save()
    return True


def _lock(key: str) -> LedgerEntry | None:
    LedgerEntry.objects.bulk_create([LedgerEntry(key=key)], ignore_conflicts=True)
    # No join: a row that another process has just changed would be joined with what belonged to its old state.
    return LedgerEntry.objects.select_for_update(skip_locked=True).filter(pk=key).first()


def _reconcile_publisher(entry: LedgerEntry, now: datetime) -> None:
    """A publisher's own page. The ledger remembers whose it was, for the day when the page is gone: then the publisher
    is retired, or shows the page that it still has in another language."""
    publisher_key = source().is_publisher(entry.key)
    if publisher_key is not None:
        tell_profile(publisher_key, now)
        if entry.state == LedgerEntry.State.NEVER:
            entry.publisher = publisher_key
    elif entry.publisher and not retire(entry.publisher, now):
        tell_profile(entry.publisher, now)


def _reconcile_publication(entry: LedgerEntry, now: datetime) -> None:
    publication, actor = _speakable(entry.key, now)
    seen = observed(publication)
    steps = decide(told_by(entry), seen, boost=is_asked(entry, now))
    if seen is not None and is_told(told_by(entry), seen):
        entry.fingerprint = seen.fingerprint  # a quiet change is noted: the next one is told with it
    entry.quiet_fingerprint = ""
    if publication is None or Step.CREATE in steps:
        entry.boost_at = None  # nothing stays out that could be shared anew
    publisher = publication.publisher if publication else entry.publisher
    waiting = held_back(steps, traffic(entry, publisher, now)) if steps else ()
    for step in steps:
        if step not in waiting:
            _ACTIONS[step](entry, publication, actor, now)
    _note_waiting(entry, publication if waiting else None, now)
    if publication is not None and entry.current is not None:
        # Also where the sending waits for a person: whoever asks must not be given what was corrected away since.
        ledger.refresh(entry, publication, now)


def _speakable(key: str, now: datetime) -> tuple[Publication | None, LocalActor | None]:
    """What is public now and who says it; two Nones where either is missing."""
    publication = source().publication(key)
    actor = find_actor_for(publication.publisher, now) if publication is not None else None
    return (None, None) if actor is None else (publication, actor)


def _note_waiting(entry: LedgerEntry, publication: Publication | None, now: datetime) -> None:
    """``publication`` is what waits for a person; None if nothing does. Editors see it in the admin."""
    if publication is None:
        entry.waiting_since, entry.waiting_publisher, entry.waiting_title = None, "", ""
        entry.approved = entry.approved and entry.boost_at is not None  # a second boost takes two steps
        return
    if entry.waiting_since is None:
        _log.warning("%s waits for approval: more was sent within the hour than usual", entry.key)
    entry.waiting_since = entry.waiting_since or now
    entry.waiting_publisher, entry.waiting_title = publication.publisher, publication.title[:500]


def _create(entry: LedgerEntry, publication: Publication | None, actor: LocalActor | None, now: datetime) -> None:
    assert publication is not None
    assert actor is not None
    ledger.create(entry, publication, actor, now)


def _update(entry: LedgerEntry, publication: Publication | None, actor: LocalActor | None, now: datetime) -> None:
    assert publication is not None
    ledger.update(entry, publication, now)


def _delete(entry: LedgerEntry, publication: Publication | None, actor: LocalActor | None, now: datetime) -> None:
    ledger.delete(entry, now)


def _boost(entry: LedgerEntry, publication: Publication | None, actor: LocalActor | None, now: datetime) -> None:
    boost(entry, now)


_ACTIONS: dict[Step, Callable[[LedgerEntry, Publication | None, LocalActor | None, datetime], None]] = {
    Step.CREATE: _create,
    Step.UPDATE: _update,
    Step.DELETE: _delete,
    Step.BOOST: _boost,
}


def _set_back(taken: list[int], now: datetime, error: Exception) -> None:
    failures = Wake.objects.filter(pk__in=taken).aggregate(most=Max("failures"))["most"] or 0
    pause = min(_FIRST_PAUSE * 2 ** min(failures, 10), _LONGEST_PAUSE)
    Wake.objects.filter(pk__in=taken).update(
        retry_at=now + pause, failures=failures + 1, error=f"{type(error).__name__}: {error}"[:255]
    )
