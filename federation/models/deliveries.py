"""Who still has to hear what. This table, with the leases on :class:`~federation.models.Peer`, is the truth about
delivery; jobs only say when to look."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .activities import Activity
from .peers import Peer

WORDS = {
    "Create": _("new post"),
    "Update": _("change"),
    "Delete": _("removal"),
    "Announce": _("boost"),
    "Accept": _("answer to a follower"),
    "Reject": _("answer to a follower"),
    "Follow": _("follow"),
    "Undo": _("unfollow"),
}
_END_OF_BOOST = _("end of an earlier boost")


def what_it_is(kind: str, *, about_page: bool) -> str:
    """What kind of message this is, in an editor's words."""
    return str(_END_OF_BOOST if about_page and kind == "Undo" else WORDS.get(kind, kind))


class Delivery(models.Model):
    """One activity for one inbox. ``id`` grows: within (lane, inbox) the smallest waiting id goes first."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted by the server")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("given up after seven days")
        DROPPED = "dropped", _("no longer needed")

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="deliveries")
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="deliveries")
    inbox = models.CharField(max_length=2048)
    lane = models.CharField(max_length=2048)
    first = models.BooleanField(default=False, help_text="goes before other lanes: withdrawals and answers")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created = models.DateTimeField()
    next_attempt = models.DateTimeField()
    # Written when a pump takes the row, before anything is sent: whatever dies after that may have been received.
    first_attempt = models.DateTimeField(null=True, blank=True)
    attempted_at = models.DateTimeField(null=True, blank=True)
    unheard = models.BooleanField(default=False, db_default=False, help_text="tried, and surely not received")
    done_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveIntegerField(null=True, blank=True, help_text="HTTP status of the last answer")
    error = models.CharField(max_length=1024, blank=True, help_text="why the last attempt failed")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["activity", "inbox"], name="federation_delivers_once")]
        indexes = [
            models.Index(
                fields=["peer", "next_attempt"], condition=models.Q(state="waiting"), name="federation_delivery_due"
            ),
            models.Index(
                fields=["lane", "inbox", "id"], condition=models.Q(state="waiting"), name="federation_delivery_lane"
            ),
            models.Index(fields=["inbox"], condition=models.Q(status__in=(404, 410)), name="federation_delivery_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} → {self.inbox}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def what(self) -> str:
        return what_it_is(self.activity.kind, about_page=self.activity.object_id is not None)
