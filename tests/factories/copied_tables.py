"""The tables of a database of the tests in the embedded database of an instance, for tests that are not about its first
start: making them by migrations takes longer than most of what such a test does."""

from __future__ import annotations

import subprocess

from django.conf import settings

from config import postgres
from config.database import Place
from config.postgres_binaries import find_binaries


def copy_tables(name: str, place: Place) -> None:
    """``name`` is a database of the tests, which are on an embedded server; the one in ``place`` is running and
    empty."""
    assert settings.EMBEDDED_DATABASE is not None
    here = settings.EMBEDDED_DATABASE.sockets
    programs = find_binaries(place.system_user)
    dump = subprocess.run(
        [programs / "pg_dump", "-h", here, "-p", "5432", "-U", postgres.SUPERUSER, "--no-owner", "--no-acl", name],
        check=True,
        capture_output=True,
        timeout=120,
    )
    load = [programs / "psql", "-h", place.sockets, "-p", "5432", "-U", postgres.USER, "-v", "ON_ERROR_STOP=1", "-q"]
    subprocess.run([*load, postgres.DATABASE], input=dump.stdout, check=True, capture_output=True, timeout=120)
