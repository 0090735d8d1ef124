"""Notes that something about a page may have changed. Insert-only: triggers in the database write them in the same
statement as the change, and a reconciler deletes exactly those that it took."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Wake(models.Model):
    """``key`` is a publication's or publisher's page key; ``created`` is the database's clock."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=100, db_index=True)
    created = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key
