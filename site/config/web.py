"""The web server process: granian with blocking threads. ``manage.py serve`` starts it with ``python -m config.web``;
any other WSGI server may take its place (see ``config.wsgi``)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from .logs import logging_config
from .parent import end_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
DRAIN_SECONDS = 30
STOPS = (signal.SIGTERM, signal.SIGINT)
SECRETS = {"SECRET_KEY", "FEDERATION_KEYS", "DATABASE_URL", "EMAIL_URL"}


def load(target: str, parent: int) -> Callable[..., Any]:
    """The application, loaded in granian's own child process."""
    end_with_parent(parent)
    from config.wsgi import application  # noqa: PLC0415  loads every app, in this process and not in granian's first

    # granian copies the whole environment into every request's ``META``, where error reports would show it, and where
    # HTTP_PROXY would look like a header that the client sent.
    for name in [name for name in os.environ if name in SECRETS or name.startswith("HTTP_")]:
        del os.environ[name]
    return application


def lose_no_stop_at_fork() -> None:
    """Signals that ask to stop wait while this process forks, and find their default action in the child.

    The child inherits granian's handlers, which only take note, for a loop that runs in the parent alone. Until the
    child sets its own, seconds later, a stop would be lost, and the parent would wait for the child in vain.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, STOPS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS),
        after_in_child=_obey_at_once,
    )


def _obey_at_once() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m config.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--parent", type=int, default=0, help="process id of the supervisor")
    options = parser.parse_args(arguments)
    if options.parent:
        end_with_parent(options.parent)
    logging = logging_config("WARNING")
    logging["loggers"] = {name: {"propagate": True} for name in ("_granian", "granian.access")}
    server = Server(
        "config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        blocking_threads=options.threads,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=logging,
        workers_kill_timeout=DRAIN_SECONDS,
    )
    lose_no_stop_at_fork()
    try:
        server.serve(target_loader=partial(load, parent=os.getpid()))
    finally:
        # The supervisor asks more than once. Python drops handlers before it ends, and a signal then would turn a good
        # end into a bad one.
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main(sys.argv[1:])
