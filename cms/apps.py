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
        from . import public_function  # noqa: PLC0415 -- they need models, which are loaded after this module
        from .page_cache import triggers  # noqa: PLC0415

        checks.register(triggers.check_triggers, checks.Tags.database)
        checks.register(public_function.check_function, checks.Tags.database)
        post_migrate.connect(public_function.after_migration, dispatch_uid="cms.public_function")
        post_migrate.connect(triggers.after_migration, dispatch_uid="cms.page_cache")
