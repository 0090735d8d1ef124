"""Whole instances for the journeys: ``manage.py serve`` with an embedded PostgreSQL of its own, behind a TLS proxy, and
a second process that does what editors do, with Wagtail's own actions, in the instance's database."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme
from django.conf import settings

from config.database import find_place, forget, held

from .copied_tables import copy_tables
from .tls_proxy import TlsProxy

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 400.0  # all migrations, on a machine that others use too
END_SECONDS = 40


@dataclass(frozen=True)
class Authority:
    """A certificate authority that only the tests trust, and a certificate for localhost."""

    bundle: Path
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.bundle))


def make_authority(folder: Path) -> Authority:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    found = Authority(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(found.bundle))
    issued.private_key_pem.write_to_path(str(found.key))
    issued.cert_chain_pems[0].write_to_path(str(found.certificate))
    return found


def free_port() -> int:
    """Below the range from which the system gives ports to connections that go out: one of those could be taken in the
    moment before somebody listens there."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def eventually(check: Callable[[], Any], *, seconds: float = 30, what: str = "") -> Any:
    """The first true answer of ``check``; AssertionError after ``seconds``. For what another process does."""
    end = time.monotonic() + seconds
    while True:
        if result := check():
            return result
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds:.0f} s: {what or check}")
        time.sleep(0.1)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RunningInstance:
    """``origin`` is what the world sees; ``proxy.passed`` is what the world asked."""

    origin: str
    var_dir: Path
    environment: dict[str, str]
    proxy: TlsProxy
    authority: Authority
    server: subprocess.Popen[bytes]
    editor: subprocess.Popen[str]
    log: Path

    @property
    def host(self) -> str:
        return urlsplit(self.origin).netloc

    def do(self, action: str, **arguments: Any) -> Any:
        """Has the editor's process do something (see ``instance_editor``); returns its answer."""
        assert self.editor.stdin
        assert self.editor.stdout
        self.editor.stdin.write(json.dumps({"do": action} | arguments) + "\n")
        self.editor.stdin.flush()
        line = self.editor.stdout.readline()
        assert line, f"the editor's process ended; see {self.log}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """A request through the proxy, redirects not followed."""
        connection = http.client.HTTPSConnection(
            "localhost", int(self.host.partition(":")[2]), timeout=30, context=self.authority.context()
        )
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, url: str, accept: str = "application/activity+json") -> Answer:
        return self.request("GET", url.removeprefix(self.origin), headers={"Accept": accept})

    def manage(self, *arguments: str) -> str:
        """The output of a management command."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def running_instance(
    folder: Path, authority: Authority, name: str, tables: str | None = None, **variables: str
) -> Iterator[RunningInstance]:
    """Starts everything and stops everything. With ``tables``, a database of the tests, it finds them made;
    ``variables`` are of the environment."""
    port, backend = free_port(), free_port()
    var_dir = folder / name
    var_dir.mkdir()
    origin = f"https://localhost:{port}"
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "TEST_DATABASE_URL"}}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SITE_URL": origin,
        "VAR_DIR": str(var_dir),
        "FEDERATION_ALLOW_PRIVATE": "127.0.0.0/8,::1/128",
        "FEDERATION_CA_BUNDLE": str(authority.bundle),
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "SENDING_DELAY": "0",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "PYTHONUNBUFFERED": "1",
    } | variables
    log = folder / f"{name}.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        proxy = stack.enter_context(TlsProxy(port, backend, authority.certificate, authority.key))
        stack.callback(forget, var_dir)
        if settings.EMBEDDED_DATABASE is not None and tables is not None:
            with held(find_place(var_dir)):
                copy_tables(tables, find_place(var_dir))
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(backend)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        stack.callback(end, server)
        eventually(lambda: _ready(server, log), seconds=START_SECONDS, what=f"{name} starts; see {log}")
        editor = subprocess.Popen(
            [sys.executable, "-m", "tests.factories.instance_editor"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
        stack.callback(end, editor)
        yield RunningInstance(origin, var_dir, environment, proxy, authority, server, editor, log)


def _ready(server: subprocess.Popen[bytes], log: Path) -> bool:
    text = log.read_text(errors="replace")
    assert server.poll() is None, text[-3000:]
    return "Ready:" in text


def end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is not None:
        return
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
