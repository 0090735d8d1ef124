"""Starts web servers as instances do, and asks them many things at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.factories.instances import end, eventually, free_port

from . import place
from .context import Bench
from .measure import Sample

CONNECTIONS = 8
THREADS = 4


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    def ask(self, bench: Bench, requests: Sequence[bytes], status: int) -> Sample:
        """All of them, over a few kept connections; what that cost the server and the database."""
        trouble: list[str] = []
        threads = [
            threading.Thread(target=self._ask, args=(requests[n::CONNECTIONS], status, trouble))
            for n in range(CONNECTIONS)
        ]
        with bench.meter(self.pid, itself=False).running() as meter:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            sample = meter.sample(len(requests))
        assert not trouble, trouble[0]
        return sample

    def _ask(self, requests: Sequence[bytes], status: int, trouble: list[str]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as sock:
                for request in requests:
                    sock.sendall(request)
                    answer = _read(sock)
                    if int(answer[9:12]) != status:
                        raise ValueError(answer[:300].decode("latin-1"))
        except (OSError, ValueError) as error:
            trouble.append(repr(error))


def _read(sock: socket.socket) -> bytes:
    answer = b""
    while True:
        piece = sock.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        answer += piece
        end = answer.find(b"\r\n\r\n") + 4
        if end < 4:
            continue
        head = answer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0
        while len(answer) < end + length:
            answer += sock.recv(65536)
        return answer


def request(path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> bytes:
    """Underscores in header names stand for hyphens. It comes as from the proxy that ended TLS."""
    values = {"host": place.HOST, "x_forwarded_proto": "https"} | headers
    if body or method == "POST":
        values["content_length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in values.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def server(settings: str, path: str) -> Iterator[Server]:
    """With these settings, once it answers at ``path``. It has the pool that ``manage.py serve`` would give it."""
    port = free_port()
    command = [sys.executable, "-m", "config.web", "--port", str(port), "--threads", str(THREADS)]
    with (place.VAR / f"web-{settings}.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--parent", str(os.getpid())],
            env=place.environment(DJANGO_SETTINGS_MODULE=settings, DATABASE_POOL_SIZE=str(THREADS + 2)),
            cwd=place.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            eventually(lambda: _answers(port, path), seconds=120, what=f"{settings} answers; see {log.name}")
            time.sleep(0.5)
            yield Server(port, process.pid)
        finally:
            end(process)


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(request(path))
            return _read(sock)[9:12] == b"200"
    except OSError:
        return False
