"""Which instance this database speaks for. A copy of a database must not speak in the original's name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Instance(models.Model):
    """One row (primary key 1): the origin this database first spoke as, which PostgreSQL cluster and database it lived
    in then, and whether sending rests. While ``paused`` nothing goes out; everything keeps being recorded."""

    origin = models.CharField(max_length=255)
    database = models.CharField(max_length=100, help_text="PostgreSQL's system identifier and the database's oid")
    paused = models.BooleanField(default=False)
    pause_reason = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("instance")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="federation_instance_is_one")]

    def __str__(self) -> str:
        return self.origin
