"""Changes a page without telling anybody: a touch to the layout that is only for the website. What is told is still for
``reconcile`` to decide; this leaves it a mark, the fingerprint that the page has after the change. Meeting exactly that
one, it tells nobody. Called by the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from federation.conf import source
from federation.models import LedgerEntry, Wake

from .decide import State, Told, is_told, observed


@contextmanager
def keep_quiet(key: str) -> Iterator[None]:
    """Around the change, in one transaction with it. Without effect where silence would hide more than this change: the
    page is not out, or its publisher changes, or an earlier change is not told yet, or something else that the page
    shows changes at the same moment. Then everything is told as ever."""
    with transaction.atomic():
        # Locked, so that what was told stays what it is until the mark is set.
        entry = LedgerEntry.objects.select_for_update().filter(pk=key).first()
        told = Told() if entry is None else told_by(entry)
        earlier = set(_wakes(key))
        is_up_to_date = is_told(told, observed(source().publication(key)))
        yield
        after = observed(source().publication(key))
        if is_up_to_date and after is not None and after.publisher == told.publisher and not _others(key, earlier):
            LedgerEntry.objects.filter(pk=key).update(quiet_fingerprint=after.fingerprint)


def told_by(entry: LedgerEntry) -> Told:
    return Told(State(entry.state), entry.publisher, entry.fingerprint, entry.quiet_fingerprint)


def _wakes(key: str) -> list[int]:
    return list(Wake.objects.filter(key=key).values_list("pk", flat=True))


def _others(key: str, earlier: set[int]) -> bool:
    """Whether another transaction changed something that the page shows since we looked: the clock of a wake is the
    beginning of its transaction."""
    return Wake.objects.filter(key=key).exclude(created=TransactionNow()).exclude(pk__in=earlier).exists()
