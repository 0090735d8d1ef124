"""What an instance does before it serves: bring the database up to date, learn its own address, collect static files.
Every step may run again at any time and then changes nothing."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Site

OLDEST_POSTGRESQL = 15
MIGRATION_LOCK = 0x636F6D6D6F6E  # any number that is always the same

Say = Callable[[str], None]


class CannotStart(SystemExit):
    """Something outside this program must be changed first; the text says what."""


def check_server() -> None:
    """Refuses a PostgreSQL that is too old."""
    version: int = connection.pg_version  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    if version < OLDEST_POSTGRESQL * 10_000:
        raise CannotStart(
            f"The database server is PostgreSQL {version // 10_000}; Commonwire needs {OLDEST_POSTGRESQL} or newer."
        )


def use_pool(size: int) -> None:
    """Connections of this process come from a pool of at most ``size``. Call it before the first query."""
    connections.close_all()
    options = connection.settings_dict["OPTIONS"]
    options["pool"] = options.get("pool") or {"min_size": 1, "max_size": size, "timeout": 20}


def migrate(say: Say) -> None:
    """Brings the database up to date, one process at a time, and tells how far it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if steps:
            say(f"Preparing the database: {steps} steps")
            call_command("migrate", interactive=False, verbosity=1, no_color=True, stdout=_Progress(steps, say))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


class _Progress(io.StringIO):
    """Reads along with Django's ``migrate`` and speaks at every fifth of the way."""

    def __init__(self, steps: int, say: Say) -> None:
        super().__init__()
        self.steps, self.done, self.said, self.say = steps, 0, 0, say

    def write(self, text: str) -> int:
        self.done += text.count(" OK")
        fifth = self.done * 5 // self.steps
        if fifth > self.said:
            self.said = fifth
            self.say(f"Preparing the database: {self.done} of {self.steps}")
        return len(text)


def name_site(site_url: str, say: Say) -> None:
    """Wagtail's default site gets the host and port of the canonical origin."""
    parts = urlsplit(site_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first()
    if site is None or (site.hostname, site.port) == (host, port):
        return
    if Site.objects.filter(hostname=host, port=port).exists():
        say(f"Another Wagtail site already has the address {host}:{port}; it should be the default site.")
        return
    site.hostname, site.port = host, port
    site.save()
    say(f"The default site is now {site_url}")


def collect_static(say: Say) -> None:
    """Collects static files where their names carry a hash, unless nothing changed since the last time. Elsewhere they
    are served from where they lie."""
    storage: Any = staticfiles_storage
    if not isinstance(storage, ManifestFilesMixin):
        return
    stamp = Path(str(settings.STATIC_ROOT)) / ".collected"
    current = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == current:
        return
    say("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(current)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(None), key=lambda found: found[0]):
            status = os.stat(storage.path(path))
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
