"""The web server process: granian with blocking threads. ``manage.py serve`` starts it with ``python -m config.web``;
any other WSGI server may take its place (see ``config.wsgi``)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from .logs import logging_config
from .parent import end_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
DRAIN_SECONDS = 30
SECRETS = {"SECRET_KEY", "FEDERATION_KEYS", "DATABASE_URL", "EMAIL_URL"}


def load(target: str, parent: int) -> Callable[..., Any]:
    """The application, loaded in granian's own child process."""
    # The fork brought along granian's handlers, which only take note, for a loop that runs in the parent alone. Until
    # granian sets others, after this, a stop would be lost and the parent would wait for us in vain.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent(parent)
    from config.wsgi import application  # noqa: PLC0415  loads every app, in this process and not in granian's first

    # granian copies the whole environment into every request's ``META``, where error reports would show it, and where
    # HTTP_PROXY would look like a header that the client sent.
    for name in [name for name in os.environ if name in SECRETS or name.startswith("HTTP_")]:
        del os.environ[name]
    return application


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
    own_id = os.getpid()
    server.serve(target_loader=lambda target: load(target, own_id))


if __name__ == "__main__":
    main(sys.argv[1:])
