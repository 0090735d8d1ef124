"""What every test may count on: a PostgreSQL that runs while a test needs it, and a fresh database in it.

Making all tables takes several seconds, so the first run keeps an empty copy as a template and later runs start from
that, until a migration changes. ``TEST_DB_SUFFIX`` lets several people run tests at once.
"""

from __future__ import annotations

import hashlib
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from config.database import held
from config.env import BASE_DIR
from tests.factories.committed import committed
from tests.factories.instances import Authority, RunningInstance, make_authority, running_instance
from tests.factories.keys_in_turn import keys_in_turn

TEMPLATES = "commonwire_template_"
# These start whole servers. They take longest, so they begin first, and those that share servers stay together.
WITH_SERVERS = {"journeys": 0, "peers": 1, "browser": 1}


def pytest_configure() -> None:
    """A shell that starts us in the background has Ctrl-C ignored, and so would everything that we start."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: WITH_SERVERS.get(item.path.parent.name, len(WITH_SERVERS)))


class ByWhatIsShared(LoadScopeScheduling):
    """With several processes, all files that share running servers run in one of them, and so does each other file that
    starts some or makes something for all its tests. All else goes one by one and in order, for pytest-django puts
    tests that empty the database last. The marks of pytest-xdist 3.8 for this have no effect under pytest 9.2, which
    keeps a node's id elsewhere."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path.split("/")[1] not in WITH_SERVERS:
            return path if _shares_a_fixture(path) else nodeid
        return "servers" if _shares_servers(path) else path


@cache
def _shares_servers(path: str) -> bool:
    return bool(re.search(r"\b(?:hub|partner): RunningInstance\b", (BASE_DIR / path).read_text()))


@cache
def _shares_a_fixture(path: str) -> bool:
    """Not if some of its tests empty the database: they would come where the file's first test does."""
    text = (BASE_DIR / path).read_text()
    return 'scope="module"' in text and not re.search(r"\btransaction(?:=True|al_db\b)", text)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWhatIsShared:
    return ByWhatIsShared(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_blocker: DjangoDbBlocker, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[None]:
    """pytest-django asks for this before it makes the test database, so a run without such tests starts no server. Each
    process of a run in several has a database of its own: the suffix is pytest-django's."""
    if settings.EMBEDDED_DATABASE is None:
        _start_from_template(django_db_blocker)
        yield
        return
    with held(settings.EMBEDDED_DATABASE, careless=True):
        _start_from_template(django_db_blocker)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Keeps a copy of the new test database for the next run. There is none if no test is marked as one that needs it:
    what would be copied then is an empty database."""
    template = _template_name()
    test_settings = connection.settings_dict["TEST"]
    if test_settings.get("TEMPLATE") == template or connection.settings_dict["NAME"] != test_settings["NAME"]:
        return
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            # The processes of one run come here together, and what two begin to make at once, one of them cannot.
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATES])
            try:
                _keep_copy(cursor, template)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [TEMPLATES])


@pytest.fixture(scope="session")
def tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str | None:
    """The name of a database with all tables and nothing else, if this run or one before it made one."""
    with django_db_blocker.unblock():
        return _find_template()


@pytest.fixture(scope="module")
def committed_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a file whose tests look from several connections at what is really committed."""
    with committed(django_db_blocker, _template_name()):
        yield


def _keep_copy(cursor: CursorWrapper, template: str) -> None:
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEMPLATES}%"])
    kept = {name for (name,) in cursor.fetchall()}
    for old in kept - {template}:
        with suppress(DatabaseError):  # another run may be copying it
            cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
    if template not in kept:
        with suppress(OperationalError):  # somebody looks into this database; the next run tries again
            cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{connection.settings_dict["NAME"]}"')


def _start_from_template(blocker: DjangoDbBlocker) -> None:
    with blocker.unblock():
        if template := _find_template():
            connection.settings_dict["TEST"]["TEMPLATE"] = template
        connection.close()


def _find_template() -> str | None:
    template = _template_name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        return template if cursor.fetchone() else None


def _template_name() -> str:
    """A name that changes with every migration and every version of a dependency."""
    digest = hashlib.sha256((BASE_DIR / "requirements.lock").read_bytes())
    digest.update(repr(settings.INSTALLED_APPS).encode())
    for app in ("cms", "federation"):
        for path in sorted((BASE_DIR / app / "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return f"{TEMPLATES}{digest.hexdigest()[:16]}"


@pytest.fixture(scope="session", autouse=True)
def keys_of_actors() -> Iterator[None]:
    """Real ones, which this process makes once. Those of instances that a journey starts are made as ever."""
    with keys_in_turn():
        yield


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates for localhost, for journeys between real servers."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def hub(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, tables: str | None
) -> Iterator[RunningInstance]:
    """A whole instance that runs while the session does. Tests share it, so each makes an organisation of its own."""
    folder: Path = tmp_path_factory.mktemp("hub")
    with running_instance(folder, authority, "hub", tables) as instance:
        yield instance


@pytest.fixture(scope="session")
def partner(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, tables: str | None
) -> Iterator[RunningInstance]:
    """A second whole instance."""
    folder: Path = tmp_path_factory.mktemp("partner")
    with running_instance(folder, authority, "partner", tables) as instance:
        yield instance
