"""Other servers and those who speak from there."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actors import ActorKey


class Peer(models.Model):
    """A server, by origin: also a destination of the delivery pump, which leases it.

    ``held_until`` rests the whole origin; ``scheme`` is the signature scheme that it last accepted. A lease belongs to
    whoever knows ``lease_token``; outcomes written under another token change nothing.
    """

    origin = models.CharField(primary_key=True, max_length=300, help_text="scheme://host[:port]")
    created = models.DateTimeField(auto_now_add=True)
    blocked = models.BooleanField(default=False)
    scheme = models.CharField(max_length=16, blank=True)
    scheme_learned = models.DateTimeField(null=True, blank=True)
    shares_inbox = models.BooleanField(default=False, help_text="some actor there has a shared inbox")
    held_until = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=255, blank=True)
    holds = models.PositiveIntegerField(default=0, help_text="holds in a row without a success")
    last_success = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    roused_at = models.DateTimeField(null=True, blank=True, help_text="when its own message last cut a rest short")
    probed_at = models.DateTimeField(null=True, blank=True, help_text="when it was last asked whether it is there")
    # What other code inserts in SQL need not know of these.
    probes_failed = models.PositiveIntegerField(default=0, db_default=0, help_text="in a row")
    let_go_count = models.PositiveIntegerField(default=0, db_default=0, help_text="followers there whom we gave up")
    let_go_at = models.DateTimeField(_("followers let go at"), null=True, blank=True)
    full_at = models.DateTimeField(null=True, blank=True, help_text="when it may be sent a whole burst again")
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("server")
        verbose_name_plural = _("servers")
        indexes = [
            models.Index(
                fields=["failing_since"],
                condition=models.Q(failing_since__isnull=False),
                name="federation_peer_failing",
            )
        ]

    def __str__(self) -> str:
        return self.origin.partition("://")[2]

    @property
    def state_text(self) -> str:
        """How it stands with this server, in an operator's words."""
        if self.blocked:
            return str(_("blocked"))
        if self.holds:
            return str(_("not answering, will retry"))
        return str(_("fine"))

    @property
    def followers_let_go(self) -> str:
        """How many, and why; empty if none were."""
        if not self.let_go_count:
            return ""
        if self.failing_since is None:
            return str(_("%(count)d (it answers again)")) % {"count": self.let_go_count}
        values = {"count": self.let_go_count, "date": f"{self.failing_since:%Y-%m-%d}"}
        return str(_("%(count)d (unreachable since %(date)s)")) % values


class RemoteActor(models.Model):
    """Somebody elsewhere, as their own server described them. ``summary`` is cleaned HTML."""

    uri = models.CharField(max_length=2048, unique=True)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="actors")
    kind = models.CharField(max_length=32)
    handle = models.CharField(max_length=400, blank=True, help_text="user@host")
    name = models.CharField(max_length=2048, blank=True)
    summary = models.TextField(blank=True)
    url = models.CharField(max_length=2048, blank=True)
    icon_url = models.CharField(max_length=2048, blank=True)
    inbox = models.CharField(max_length=2048)
    shared_inbox = models.CharField(max_length=2048, blank=True)
    outbox = models.CharField(max_length=2048, blank=True)
    blocked = models.BooleanField(default=False)
    fetched_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True, help_text="when last asked after because of a lost inbox")
    missing_since = models.DateTimeField(null=True, blank=True, help_text="the first 404 in a row, when asked after")
    missing_count = models.PositiveIntegerField(default=0, db_default=0, help_text="how many in a row")
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("remote profile")

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else self.uri


class RemoteKey(models.Model):
    """A public key that its owner lists. ``public`` is a PEM or, for a Multikey, a multibase text."""

    key_id = models.CharField(max_length=2048, unique=True)
    actor = models.ForeignKey(RemoteActor, on_delete=models.CASCADE, related_name="keys")
    public = models.TextField()
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class KeyFailure(models.Model):
    """A key that could not be fetched, remembered for a while so that a flood of bad signatures costs one fetch."""

    key_id = models.CharField(max_length=2048, unique=True)
    failed_at = models.DateTimeField()
    gone = models.BooleanField(default=False)
    temporary = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key_id


class KeyHolder(models.Model):
    """A server that knows one of our actors by a former ``key`` and has not taken the new one yet: until it does, what
    the actor says there is signed with the former."""

    key = models.ForeignKey(ActorKey, on_delete=models.CASCADE, related_name="holders")
    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="held_keys")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "peer"], name="federation_holds_once")]

    def __str__(self) -> str:
        return f"{self.peer_id}: {self.key_id}"
