"""Notes that something about a page may have changed. Insert-only: triggers in the database write them in the same
statement as the change, and a reconciler deletes exactly those that it took."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Wake(models.Model):
    """``key`` is a publication's or publisher's page key; ``created`` is when the transaction that changed something
    began, by the database's clock, so that it knows its own. ``retry_at``, ``failures`` and ``error`` are set where
    reconciling failed: the wake stays until it succeeds."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=100, db_index=True)
    created = models.DateTimeField(db_default=TransactionNow())
    retry_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(db_default=0)
    error = models.CharField(max_length=255, blank=True, db_default="")

    def __str__(self) -> str:
        return self.key
