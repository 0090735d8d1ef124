"""A database of its own in which things are really committed, for tests of what other connections hear and see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker
from wagtail.models import Site

from cms import public_function
from cms.page_cache import triggers
from cms.page_cache.sql import CHANNEL
from federation import page_wakes


@contextmanager
def committed(blocker: DjangoDbBlocker, template: str) -> Iterator[None]:
    """As every test's database begins, and gone afterwards."""
    usual = connection.settings_dict["NAME"]
    name = f"{usual}_committed"
    with blocker.unblock():
        connection.close()
        _make(name, template)
        try:
            _use(name)
            call_command("migrate", verbosity=0) if not _is_filled() else None
            public_function.install()
            triggers.install()
            page_wakes.install()
            yield
        finally:
            _use(usual)
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _make(name: str, template: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        cursor.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if cursor.fetchone() else ""))


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    Site.clear_site_root_paths_cache()
    ContentType.objects.clear_cache()


def _is_filled() -> bool:
    return "wagtailcore_page" in connection.introspection.table_names()


class Ear:
    """Another connection that hears what is announced to readers' processes."""

    def __init__(self) -> None:
        self._news: list[Any] = []
        self._connection = psycopg.connect(**connection.get_connection_params() | {"autocommit": True})
        self._connection.add_notify_handler(self._news.append)
        self._connection.execute(f"LISTEN {CHANNEL}")

    def heard(self) -> bool:
        """Whether anything was announced since the last question."""
        self._connection.execute("SELECT 1")
        found = bool(self._news)
        self._news.clear()
        return found

    def close(self) -> None:
        self._connection.close()
