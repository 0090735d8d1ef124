"""Which pages a profile names as its own, and whether they say the same."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actors import LocalActor


class ProfileLink(models.Model):
    """An address in the lines of a profile. ``page`` is the address of ours that the page there has to link to; with
    another one it has to be looked at anew. ``due`` is when; None for what was looked at."""

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("Not looked at yet.")
        CONFIRMED = "confirmed", _("Links back to your page. Mastodon shows a check mark.")
        SILENT = "silent", _("Does not link back to your page, or not with rel=“me”.")
        MISSING = "missing", _("There is no page at this address.")
        UNREACHABLE = "unreachable", _("Could not be reached.")
        UNREADABLE = "unreadable", _("What is at this address is no page that can be read.")
        UNSAFE = "unsafe", _("Mastodon looks only at public addresses that begin with https.")
        OURS = "ours", _("A page of this site.")

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="links")
    address = models.CharField(max_length=512)
    page = models.CharField(max_length=2048)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNKNOWN)
    checked_at = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "address"], name="federation_names_once")]
        indexes = [models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="federation_link_due")]

    def __str__(self) -> str:
        return self.address
