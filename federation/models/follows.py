"""Who follows us, and whom we follow."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actors import LocalActor
from .peers import RemoteActor


class Follower(models.Model):
    """Somebody elsewhere who follows one of ours. ``follow`` is their Follow, kept whole for Accept and Reject."""

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="followers")
    remote = models.ForeignKey(RemoteActor, on_delete=models.CASCADE, related_name="follows")
    follow_uri = models.CharField(max_length=2048, blank=True)
    follow = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True, verbose_name=_("since"))

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.UniqueConstraint(fields=["actor", "remote"], name="federation_follows_once")]

    def __str__(self) -> str:
        return str(self.remote)


class FollowRequest(models.Model):
    """Somebody elsewhere who asked to follow one of ours, and whom somebody here has to approve. It is a table of its
    own: who is not approved is no follower to any query, so that nothing can be sent to them by mistake.

    ``decision`` is what was said here; a worker tells them and the row goes. A follower who is removed comes here with
    a refusal.
    """

    class Decision(models.TextChoices):
        NONE = "none", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="follow_requests")
    remote = models.ForeignKey(RemoteActor, on_delete=models.CASCADE, related_name="follow_requests")
    follow_uri = models.CharField(max_length=2048, blank=True)
    follow = models.JSONField(default=dict)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.NONE)
    created = models.DateTimeField(auto_now_add=True, verbose_name=_("since"))

    class Meta:
        verbose_name = _("follower to approve")
        verbose_name_plural = _("followers to approve")
        constraints = [models.UniqueConstraint(fields=["actor", "remote"], name="federation_asks_once")]
        indexes = [
            models.Index(fields=["id"], condition=~models.Q(decision="none"), name="federation_request_decided"),
        ]

    def __str__(self) -> str:
        return str(self.remote)


class Following(models.Model):
    """One of ours follows somebody elsewhere; active only once their server accepted."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        ACCEPTED = "accepted", _("Following")
        REJECTED = "rejected", _("Refused")

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="following")
    remote = models.ForeignKey(RemoteActor, on_delete=models.CASCADE, related_name="followed_by")
    follow_uri = models.CharField(max_length=512, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    created = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "remote"], name="federation_is_followed_once")]

    def __str__(self) -> str:
        return f"{self.actor} → {self.remote}"
