"""A person lets publications go that were held back because too much was sent within an hour. Called by the command and
by the admin."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from federation.models import LedgerEntry, Wake
from federation.queue import RECONCILE, nudge


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
