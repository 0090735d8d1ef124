"""The people who log in. An own model from the first migration, because Django cannot swap it later; the language of
the editor's screen is kept by Wagtail (Account → Preferred language)."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):  # type: ignore[django-manager-missing]
    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
