"""Which mails somebody wants, and until when they have been told."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Pace(models.TextChoices):
    OFF = "off", _("never")
    DAILY = "daily", _("once a day")
    WEEKLY = "weekly", _("once a week")


class PaceOrAtOnce(models.TextChoices):
    OFF = "off", _("never")
    AT_ONCE = "at-once", _("at once")
    DAILY = "daily", _("once a day")
    WEEKLY = "weekly", _("once a week")


class MailPreference(models.Model):
    """One of each pair of fields is what somebody wants, the other is the moment until which they have been told: what
    happened before is in a mail that went out, so nothing is told twice. ``daily_on`` and ``weekly_on`` are the days,
    in their time zone, of the last digests."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preference")
    scheduled = models.CharField(
        _("your scheduled page went out"), max_length=8, choices=PaceOrAtOnce.choices, default=PaceOrAtOnce.AT_ONCE
    )
    scheduled_until = models.DateTimeField(editable=False)
    approval = models.CharField(
        _("something waits for approval"),
        max_length=8,
        choices=Pace.choices,
        default=Pace.DAILY,
        help_text=_("Much more than usual was about to go out within an hour, and waits for somebody to look."),
    )
    approval_until = models.DateTimeField(editable=False)
    delivery = models.CharField(
        _("deliveries wait or were refused"),
        max_length=8,
        choices=Pace.choices,
        default=Pace.WEEKLY,
        help_text=_("Other servers did not answer, or did not take what was sent."),
    )
    delivery_until = models.DateTimeField(editable=False)
    followers = models.CharField(_("new followers"), max_length=8, choices=Pace.choices, default=Pace.WEEKLY)
    followers_until = models.DateTimeField(editable=False)
    daily_on = models.DateField(editable=False)
    weekly_on = models.DateField(editable=False)

    class Meta:
        verbose_name = _("mails that somebody wants")
        verbose_name_plural = _("mails that people want")

    def __str__(self) -> str:
        return str(self.user_id)

    def until(self, kind: str) -> datetime:
        moment: datetime = getattr(self, f"{kind}_until")
        return moment
