"""Hears of every change that readers could see, in a thread and on a database connection of its own.

``epoch`` is a number that grows with each announcement. It is None whenever the thread cannot prove that it has heard
everything that was committed up to ``TRUST`` seconds ago: before it has connected, when the connection is lost, when
the database does not answer, when somebody between us and the database might swallow announcements. The proof is an
answer on the very connection that listens: PostgreSQL sends announcements of what was committed before the question
ahead of the answer.
"""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from contextlib import suppress
from typing import Any

import psycopg
from django.db import connections

from .sql import CHANNEL
from .triggers import missing

TRUST = 1.0
BEAT = 0.25
_PAUSE = 1.0
# A network that went silent ends the connection soon; a database on this machine ignores them.
_PATIENCE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_NEVER = float("-inf")

logger = logging.getLogger(__name__)


class CannotListen(Exception):
    """The connection works, but announcements might not reach it."""


class Listener:
    """Starts with the first question, ends with the process."""

    def __init__(self) -> None:
        self._epoch = 0
        self._begin()

    def _begin(self) -> None:
        """A child process inherits neither the thread nor the right to use its connection."""
        self._epoch += 1
        self._confirmed = _NEVER
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._bell: int | None = None
        self._stopping = False
        self._complained = False

    @property
    def epoch(self) -> int | None:
        """None means: nothing that was kept may be shown, and nothing new is worth keeping."""
        if time.monotonic() - self._confirmed > TRUST:
            self._ensure_running()
            return None
        return self._epoch

    def catch_up(self) -> None:
        """Returns once everything that this process has committed was heard, or once ``epoch`` is None."""
        asked = time.monotonic()
        with self._news:
            if self._confirmed == _NEVER or self._bell is None:
                return
            os.write(self._bell, b"!")
            self._news.wait_for(lambda: self._confirmed >= asked or self._confirmed == _NEVER, TRUST)

    def stop(self) -> None:
        """For tests: ends the thread and its connection."""
        with self._news:
            thread, self._stopping = self._thread, True
            if self._bell is not None:
                os.write(self._bell, b"!")
        if thread is not None:
            thread.join(10)
        self._begin()

    def _ensure_running(self) -> None:
        with self._news:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="page-cache", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001  whatever it is: pages are made anew, and we try again
                if self._confirmed != _NEVER or not self._complained:
                    logger.warning("cached pages are off until changes can be heard again: %s", error)
                    self._complained = True
            finally:
                connections.close_all()
                self._lose()
            if not self._stopping:
                time.sleep(_PAUSE)

    def _listen(self) -> None:
        parameters = _PATIENCE | connections["default"].get_connection_params()
        with psycopg.connect(**parameters | {"autocommit": True}) as connection, selectors.DefaultSelector() as waiting:
            connection.add_notify_handler(self._hear)
            connection.execute(f"LISTEN {CHANNEL}")
            _prove(connection)
            ear, bell = os.pipe()
            try:
                waiting.register(connection.fileno(), selectors.EVENT_READ)
                waiting.register(ear, selectors.EVENT_READ)
                with self._news:
                    self._bell = bell
                    self._epoch += 1  # what was announced while nobody listened is not known
                logger.info("cached pages are on")
                self._complained = False
                while not self._stopping:
                    self._confirm(connection)
                    if any(key.fd == ear for key, _ in waiting.select(BEAT)):
                        os.read(ear, 4096)
            finally:
                with self._news:
                    self._bell = None
                os.close(ear)
                os.close(bell)

    def _confirm(self, connection: psycopg.Connection[Any]) -> None:
        asked = time.monotonic()
        connection.execute("SELECT 1")
        with self._news:
            self._confirmed = asked
            self._news.notify_all()

    def _hear(self, announcement: psycopg.Notify) -> None:
        self._epoch += 1

    def _lose(self) -> None:
        with self._news:
            self._confirmed = _NEVER
            self._news.notify_all()


def _prove(connection: psycopg.Connection[Any]) -> None:
    """A pooler between us and the database may hand each question to another session, and keep what one of them hears.
    It shows: the session's process is not the one that greeted us. Raises :class:`CannotListen`."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        if row[0] != connection.info.backend_pid:
            raise CannotListen("there is a connection pooler in front of the database")
        if tables := missing(cursor):
            raise CannotListen(f"changes in {', '.join(sorted(tables))} are not announced; run “manage.py migrate”")


listener = Listener()
with suppress(AttributeError):  # Windows cannot fork
    os.register_at_fork(after_in_child=listener._begin)
