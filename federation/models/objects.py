"""The ledger: what the world was told of each publication."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actors import LocalActor
from .peers import Peer


class PublishedObject(models.Model):
    """One publication epoch: from a Create until its Delete. A peer that saw the Delete never accepts the id again, so
    publishing once more makes a new row with a new ``uri``.

    ``document`` is the object as signed bytes, or its tombstone once ``withdrawn_at`` is set. ``published`` is when the
    world was first told, ``updated`` when it was last told of a change.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uri = models.CharField(max_length=512, unique=True)
    key = models.CharField(max_length=100, db_index=True)
    actor = models.ForeignKey(LocalActor, on_delete=models.PROTECT, related_name="published_objects")
    kind = models.CharField(max_length=32, help_text="the type that it has on the wire")
    title = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=2048)
    document = models.BinaryField()
    etag = models.CharField(max_length=64)
    builder = models.PositiveIntegerField(help_text="the version of the builder that made the bytes")
    published = models.DateTimeField()
    updated = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-published"], name="federation_object_timeline"),
            models.Index(fields=["-published"], name="federation_object_newest"),
        ]

    def __str__(self) -> str:
        return self.uri


class LedgerEntry(models.Model):
    """What the world was last told of the publication ``key``. Locked before the site is asked what is true now.

    ``waiting_since`` is set while the entry waits for a person because too much was sent within the hour;
    ``waiting_publisher`` and ``waiting_title`` say whose it is, and what. ``quiet_fingerprint`` is what the page looks
    like after a change for the website only, until that is dealt with; ``boost_at`` is set while somebody wants it to
    be shared anew.
    """

    class State(models.TextChoices):
        NEVER = "never", _("never shared")
        LIVE = "live", _("shared")
        WITHDRAWN = "withdrawn", _("removed")

    key = models.CharField(primary_key=True, max_length=100)
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEVER)
    publisher = models.CharField(max_length=100, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    current = models.OneToOneField(
        PublishedObject, null=True, blank=True, on_delete=models.PROTECT, related_name="entry"
    )
    waiting_since = models.DateTimeField(null=True, blank=True, verbose_name=_("waiting since"))
    waiting_publisher = models.CharField(max_length=100, blank=True, db_default="")
    waiting_title = models.CharField(max_length=500, blank=True, db_default="", verbose_name=_("title"))
    quiet_fingerprint = models.CharField(max_length=64, blank=True, db_default="")
    boost_at = models.DateTimeField(null=True, blank=True, help_text="when it may be shared anew, if asked")
    approved = models.BooleanField(default=False, help_text="a person let the next send go")
    changed = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("publication")
        indexes = [
            models.Index(fields=["boost_at"], condition=models.Q(boost_at__isnull=False), name="federation_boost_due")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"


class Reach(models.Model):
    """An inbox that may know an object: it was sent there, or its server fetched it. Updates and withdrawals go to all
    of them, followers or not."""

    object = models.ForeignKey(PublishedObject, on_delete=models.CASCADE, related_name="reached")
    inbox = models.CharField(max_length=2048)
    peer = models.ForeignKey(Peer, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "inbox"], name="federation_reach_once")]

    def __str__(self) -> str:
        return self.inbox
