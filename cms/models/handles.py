"""Names under which publishers can be followed. A row is never deleted once its name was public: peers remember a
handle for ever, and whoever took it over would inherit somebody else's followers (WF-05: handles are never reused)."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

HANDLE_LENGTH = 30
# The alphabet that every known peer accepts in a user name (WF-05).
valid_handle = RegexValidator(r"^[a-z0-9_]{1,30}\Z", _("Use only small letters a–z, digits and “_”, at most 30."))


class HandleClaim(models.Model):
    """``publisher`` is a publisher key. One publisher may hold several: the old one still resolves after a rename."""

    handle = models.CharField(max_length=HANDLE_LENGTH, primary_key=True, validators=[valid_handle])
    publisher = models.CharField(max_length=64, db_index=True)
    claimed = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("handle")
        verbose_name_plural = _("handles")
        constraints = [
            models.CheckConstraint(condition=models.Q(handle__regex=r"^[a-z0-9_]{1,30}$"), name="handle_alphabet")
        ]

    def __str__(self) -> str:
        return self.handle
