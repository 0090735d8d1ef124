"""What others told us, and what they published."""

from __future__ import annotations

from django.db import models
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from .peers import RemoteActor


class InboundActivity(models.Model):
    """A verified activity, stored before it is answered with 202, handled by a worker, kept thirty days against replay.

    ``identity`` is the activity's id, or a hash of its facts where the id is not on the actor's own host. While a
    worker handles it, it is leased: an outcome under another ``lease_token`` changes nothing.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("ignored")
        FAILED = "failed", _("failed")

    id = models.BigAutoField(primary_key=True)
    identity = models.CharField(max_length=2048)
    signer = models.CharField(max_length=2048, help_text="the actor whose key verified it")
    kind = models.CharField(max_length=64)
    document = models.JSONField()
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "inbound activities"
        constraints = [models.UniqueConstraint(fields=["signer", "identity"], name="federation_received_once")]
        indexes = [
            models.Index(fields=["next_attempt"], condition=models.Q(state="waiting"), name="federation_inbound_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.signer}"


class RemoteObject(models.Model):
    """What a followed actor published, cleaned: ``content`` is safe HTML.

    ``shared_by`` boosted it, first of those who still do. ``only_shared``: it is here for a boost alone, and goes when
    the last one is taken back.
    """

    uri = models.CharField(max_length=2048, unique=True)
    actor = models.ForeignKey(
        RemoteActor, on_delete=models.CASCADE, related_name="publications", verbose_name=_("from")
    )
    shared_by = models.ForeignKey(
        RemoteActor,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="boosts",
        verbose_name=_("shared by"),
    )
    only_shared = models.BooleanField(default=False)
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=2048, blank=True, verbose_name=_("title"))
    summary = models.TextField(blank=True)
    content = models.TextField(blank=True)
    url = models.CharField(max_length=2048, blank=True)
    language = models.CharField(max_length=35, blank=True)
    published = models.DateTimeField(null=True, blank=True, verbose_name=_("published"))
    updated = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(verbose_name=_("received"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("item from partners")
        verbose_name_plural = _("items from partners")

    def __str__(self) -> str:
        return self.title or self.uri

    @property
    def text(self) -> str:
        """The content for the admin. It was cleaned when it was stored; nothing else may be marked safe."""
        return mark_safe(self.content)
