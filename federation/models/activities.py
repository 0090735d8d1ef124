"""What we said: one row per activity, as the bytes that every recipient gets."""

from __future__ import annotations

import uuid

from django.db import models

from .actors import LocalActor
from .objects import PublishedObject


class Activity(models.Model):
    """``body`` is serialised once and sent unchanged to everybody, on every attempt. ``lane`` orders: of two activities
    in one lane, no inbox gets the later one first. It is the publication's key, or the pair of actors of a follow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uri = models.CharField(max_length=512, unique=True)
    actor = models.ForeignKey(LocalActor, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=32)
    object = models.ForeignKey(
        PublishedObject, null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    lane = models.CharField(max_length=2048)
    public = models.BooleanField(default=True, help_text="whether anybody may fetch it by its id")
    body = models.BinaryField()
    created = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return f"{self.kind} {self.uri}"
