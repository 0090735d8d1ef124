"""Figures for people, counted by jobs (``outbox.figures``), so that whoever looks at them waits for no counting."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actors import LocalActor
from .objects import PublishedObject


class DayFigures(models.Model):
    """How many followed one of ours at the end of a day, and on how many servers; today, when it was last counted."""

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="day_figures")
    day = models.DateField(_("day"))
    followers = models.PositiveIntegerField(_("followers"))
    servers = models.PositiveIntegerField(_("servers"))
    counted = models.DateTimeField()

    class Meta:
        verbose_name_plural = "day figures"
        constraints = [models.UniqueConstraint(fields=["actor", "day"], name="federation_counts_a_day_once")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day}"


class MonthFigures(models.Model):
    """What one of ours did in a month, which ``month``, its first day, names. ``followers`` were so many at its end;
    None where nobody counted. ``servers`` accepted something that was said of a page in this month, ``refused`` is how
    many refused something or were given up."""

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="month_figures")
    month = models.DateField(_("month"))
    published = models.PositiveIntegerField(_("pages published"))
    followers = models.PositiveIntegerField(_("followers"), null=True)
    servers = models.PositiveIntegerField(_("servers reached"))
    refused = models.PositiveIntegerField(_("servers that refused"))
    counted = models.DateTimeField()

    class Meta:
        verbose_name_plural = "month figures"
        constraints = [models.UniqueConstraint(fields=["actor", "month"], name="federation_counts_a_month_once")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.month}"


class PageFigures(models.Model):
    """How far servers are with the newest that was said of a page: how many accepted it, wait, or refused it or were
    given up, and since when the oldest waits. ``counted`` is None where it has to be counted anew."""

    object = models.OneToOneField(PublishedObject, on_delete=models.CASCADE, primary_key=True, related_name="figures")
    accepted = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    counted = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "page figures"
        indexes = [
            models.Index(
                fields=["waiting_since"],
                condition=models.Q(waiting_since__isnull=False),
                name="federation_page_waits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_id}: {self.accepted}"
