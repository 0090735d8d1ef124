"""How often somebody tried something lately. In the database, so that all processes count together."""

from __future__ import annotations

from django.db import models


class RateWindow(models.Model):
    """``key`` is a hash of what is limited and whom it is about: no address of anybody is stored."""

    key = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key
