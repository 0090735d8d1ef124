"""Keeps the database's copy of “public and shared now” (``visibility.public_condition`` with ``few``) as the code has
it: made anew after each migration, from the page types that there are then, and checked before a server starts."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.db import connections

from .visibility import PUBLIC_FUNCTION, public_function_body, shareable_models


def install(using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [PUBLIC_FUNCTION])
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {PUBLIC_FUNCTION}(key text) RETURNS boolean LANGUAGE plpgsql STABLE"
            f" AS $function${public_function_body()}$function$"
        )


def after_migration(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receives ``post_migrate``, which is sent once per app: only after the last one all tables exist."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if app_config.label == last.label and _has_tables(using):
        install(using)


def check_function(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """With ``manage.py check --database default``: another condition than the code's might show what is hidden."""
    if "default" not in (databases or ()) or not _has_tables("default"):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regproc(%s)", [PUBLIC_FUNCTION])
        found = cursor.fetchone()
    if found == (public_function_body(),):
        return []
    words = "The database decides by other rules what is public."
    return [Error(words, hint="Run “manage.py migrate”.", id="cms.E011")]


def _has_tables(using: str) -> bool:
    tables = {model._meta.db_table for model in shareable_models()}
    return tables <= set(connections[using].introspection.table_names())
