"""Brings the database up, measures row after row, and shows what came out."""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from config import startup
from config.database import held

from . import place, table
from .context import Bench, empty
from .measure import Figure
from .rows import ROOM, ROWS


def run(options: argparse.Namespace) -> int:
    wanted = options.rows or [row.name for row in ROWS]
    bench = Bench(options.rounds, options.quick, options.scale, frozenset(wanted))
    load = os.getloadavg()[0]
    modules = dict.fromkeys(row.module for row in ROWS if row.name in wanted)
    say(f"{'Row':16} {'reach':>7} {'ratio':>7} {'spread':>15}")
    found: list[Figure] = []
    begun = time.monotonic()
    with ExitStack() as stack:
        assert settings.EMBEDDED_DATABASE
        stack.enter_context(alone())
        stack.enter_context(held(settings.EMBEDDED_DATABASE))
        stack.callback(connections.close_all)
        prepare()
        for module in modules:
            measure: Callable[[Bench], Iterable[Figure]] = import_module(f"{ROOM}.{module}").measure
            empty()
            for figure in measure(bench):
                found.append(figure)
                if figure.row in wanted:
                    say(table.line(figure))
        empty()
        server = table.server_version()
    command = "make bench"
    if sys.argv[1:]:
        command += f' BENCH="{shlex.join(sys.argv[1:])}"'
    words = table.caption(command, options.rounds, server, load)
    say(f"{time.monotonic() - begun:.0f} s. {words}")
    if options.write:
        table.write(found, words)
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """Two runs in one place would empty each other's tables."""
    with (place.VAR / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("the bench runs here already") from None
        yield


def prepare() -> None:
    startup.migrate(say)
    call_command("check", tags=["database"], databases=["default"], verbosity=0)
    startup.name_site(settings.SITE_URL, say)
    startup.collect_static(say)
    # As long as we work, so that its server process does not end with its CPU half counted.
    connection.settings_dict["CONN_MAX_AGE"] = None


def say(text: str) -> None:
    print(text, flush=True)
