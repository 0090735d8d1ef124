"""Runs a whole instance: web server and worker together, over the embedded PostgreSQL unless ``DATABASE_URL`` is
set."""

from __future__ import annotations

import http.client
import os
import signal
import sys
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from config import startup
from config.clock import check_clock
from config.database import held_descriptor
from config.env import BASE_DIR
from config.supervise import SIGNALS, Program, supervise

MANAGE = str(BASE_DIR / "manage.py")


class Command(BaseCommand):
    help = "Runs web server and worker until SIGTERM or Ctrl-C. Both finish what they are doing; twice stops at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--threads", type=int, default=4, help="requests answered at the same time (default: 4)")
        parser.add_argument("--worker", action=BooleanOptionalAction, default=True, help="run the worker too")
        parser.add_argument("--migrate", action=BooleanOptionalAction, default=True, help="update the database first")

        parser.add_argument("--reload", action="store_true", help="start anew when the code changes, for contributors")

    def handle(
        self, *, port: int, host: str, threads: int, worker: bool, migrate: bool, reload: bool, **options: Any
    ) -> None:
        startup.check_server()
        if warning := check_clock():
            self.say(warning)
        if migrate:
            startup.migrate(self.say)
        self.check(tags=["database"], databases=["default"])  # a lost trigger would lose every publication silently
        startup.name_site(settings.SITE_URL, self.say)
        startup.collect_static(self.say)
        connections.close_all()
        web = self.reloading_web(host, port) if reload else self.web(host, port, threads)
        programs = [web, *([self.worker(reload=reload)] if worker else [])]
        code = supervise(programs, self.say, lambda: self.greet(host, port))
        # The database still has to stop; a late signal must not interrupt that.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if code:
            sys.exit(code)

    def web(self, host: str, port: int, threads: int) -> Program:
        arguments = ("-m", "config.web", "--host", host, "--port", str(port), "--threads", str(threads))
        pool = {"DATABASE_POOL_SIZE": os.environ.get("DATABASE_POOL_SIZE") or str(threads + 2)}
        return self.program("web server", (*arguments, "--parent", str(os.getpid())), pool)

    def reloading_web(self, host: str, port: int) -> Program:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return self.program("web server", (MANAGE, "runserver", address), {})

    def worker(self, *, reload: bool) -> Program:
        if reload:
            return self.program("worker", ("-m", "config.reload", MANAGE, "worker", "--nice", "5"), {})
        return self.program("worker", (MANAGE, "worker", "--parent", str(os.getpid()), "--nice", "5"), {})

    def program(self, name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> Program:
        """A Python program of ours. It inherits the hold on the embedded database, see ``config.database.held``."""
        path = os.pathsep.join([str(BASE_DIR / "site"), str(BASE_DIR), os.environ.get("PYTHONPATH", "")])
        descriptor = held_descriptor()
        return Program(
            name,
            (sys.executable, *arguments),
            os.environ | {"PYTHONPATH": path.rstrip(os.pathsep)} | environment,
            () if descriptor is None else (descriptor,),
        )

    def greet(self, host: str, port: int) -> bool:
        """Says where the web server is, once it answers."""
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  looked up, not bound
        if not is_healthy(reachable, port):
            return False
        self.say(f"Ready: {settings.SITE_URL} (listening on {host} port {port}). Ctrl-C stops.")
        return True

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def is_healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/-/health", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
