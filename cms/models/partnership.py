"""Who was asked to work for an organisation, and when an organisation left and came back. Neither is a field of its
page: an older revision that is published would bring an older state back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Invitation(models.Model):
    """Somebody is asked to work for an organisation. ``digest`` is of the link's secret, which is stored nowhere:
    whoever reads this table, or a backup of it, cannot use it. Each new link takes the place of the former one.

    ``sent_at`` is when a mail server took it; while it is empty and ``failed_at`` is not, it could not be sent.
    """

    organisation = models.ForeignKey("cms.OrganisationPage", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"), max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="cms_invited_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.pk}"

    def state(self, now: datetime) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        return InvitationState.OPEN if self.expires_at > now else InvitationState.EXPIRED


class Departure(models.Model):
    """An organisation has left, until ``returned_at``. ``members`` were its editors at that moment: its group is empty
    since, and has no rights. ``publisher`` is a publisher key."""

    publisher = models.CharField(max_length=64, db_index=True)
    left_at = models.DateTimeField()
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hidden = models.BooleanField(help_text="its page was unpublished")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(fields=["publisher"], condition=models.Q(returned_at=None), name="cms_is_away_once")
        ]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.left_at:%Y-%m-%d}"
