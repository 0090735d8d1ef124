"""What somebody shows at login besides a password. Locking out after wrong codes, and who has shown one in this
session, is django-otp's; secrets are sealed (``cms.sealing``), which its own tables do not do."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin

# After this many wrong codes in a row each further one waits as long as the last: 2¹² seconds, about 70 minutes.
# Without an end, somebody with a stolen password could lock its owner out for years.
MOST_FAILURES = 13


class SecondFactor(TimestampMixin, ThrottlingMixin, Device):
    """An authenticator app. ``secret`` is sealed; ``last_step`` is the time step of the last code that was taken, so
    that none is taken twice (RFC 6238 §5.2). Not ``confirmed`` is one that is being set up."""

    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        constraints = [models.UniqueConstraint(fields=["user", "confirmed"], name="cms_one_second_factor")]

    def get_throttle_factor(self) -> int:
        """The first wrong code costs a second, each further one twice as long."""
        return 1

    def throttle_increment(self, commit: bool = True) -> None:
        super().throttle_increment(commit=False)
        count: int = self.throttling_failure_count  # type: ignore[has-type]
        self.throttling_failure_count = min(count, MOST_FAILURES)
        if commit:
            self.save()


class RecoveryCode(models.Model):
    """Works once, for whoever lost the app. Only a hash is stored; the row goes when it is used."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="cms_recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.factor_id}: {self.pk}"


class GroupRule(models.Model):
    """What holds for the people of a group, besides their permissions."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="rule")
    second_factor = models.BooleanField(
        _("must use two-factor login"),
        default=False,
        help_text=_(
            "Everybody in this group then needs an authenticator app besides the password. Who has none is led to set "
            "one up, and can do nothing else before."
        ),
    )

    class Meta:
        verbose_name = _("rule of a group")
        verbose_name_plural = _("rules of groups")

    def __str__(self) -> str:
        return str(self.group)
