"""The Django application of the content side. It runs with or without federation beside it."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Content")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .page_cache import triggers  # noqa: PLC0415 -- it needs models, which are loaded after this module

        checks.register(triggers.check_triggers, checks.Tags.database)
        post_migrate.connect(triggers.after_migration, dispatch_uid="cms.page_cache")
