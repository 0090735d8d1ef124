"""Django's handle on this package."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from .checks import check_keys, check_source
from .net.exchange import require
from .transactions import check_none_open


class FederationConfig(AppConfig):
    name = "federation"
    verbose_name = _("Sharing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        require(check_none_open)
        checks.register(check_source)
        checks.register(check_keys)
        from . import page_wakes  # noqa: PLC0415 -- it needs models, which are loaded after this module
        from .page_wakes import nudges  # noqa: PLC0415 -- the same

        checks.register(page_wakes.check_triggers, checks.Tags.database)
        nudges.connect()
        post_migrate.connect(page_wakes.after_migration, dispatch_uid="federation.page_wakes")
