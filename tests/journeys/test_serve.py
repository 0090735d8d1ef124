"""A whole instance as an operator runs it: ``manage.py serve`` with its web server, worker and embedded database."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import postgres
from config.database import find_place, forget
from config.env import BASE_DIR
from tests.factories.instances import eventually

MANAGE = [sys.executable, str(BASE_DIR / "manage.py")]


class Instance:
    """One instance in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.var_dir = folder / "var"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "VAR_DIR": str(self.var_dir),
            "SITE_URL": f"http://localhost:{self.port}",
            "TRUSTED_PROXIES": "127.0.0.1/32",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.launch("Ready: ")

    def launch(self, until: str) -> None:
        """Starts it and waits for a line that begins with ``until``."""
        self.process = process = subprocess.Popen(
            [*MANAGE, "serve", "--port", str(self.port)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith(until):
                return
        pytest.fail(f"serve ended before it said {until!r}:\n" + "".join(said))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *arguments],
            check=False,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def ask(self, path: str = "/-/health", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": f"localhost:{self.port}"} | named)
        return connection.getresponse()

    def children(self) -> dict[str, psutil.Process]:
        """The processes below ``serve`` by what they are, without the database."""
        assert self.process
        below = psutil.Process(self.process.pid).children(recursive=True)
        words = {"config.web": "web", "worker": "worker"}
        return {name: p for p in reversed(below) for word, name in words.items() if word in p.cmdline()}

    def database_runs(self) -> bool:
        return postgres.is_running(find_place(self.var_dir).cluster())

    def finish(self, seconds: float = 60) -> str:
        """Waits for the end and returns what was said."""
        assert self.process
        return self.process.communicate(timeout=seconds)[0]

    def clean_up(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.finish()


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("serve"))
    yield instance
    instance.clean_up()
    forget(instance.var_dir)


@pytest.fixture
def served(instance: Instance) -> Instance:
    """The instance, running; started anew only after a test that ended it."""
    if instance.process is None or instance.process.poll() is not None:
        instance.start()
    return instance


def test_it_answers_with_its_database(served: Instance) -> None:
    assert served.ask().status == 200


def test_the_worker_stands_back_behind_the_web_server(served: Instance) -> None:
    children = served.children()
    eventually(lambda: children["worker"].nice() > children["web"].nice(), what="the worker steps back")


def test_the_host_that_a_client_names_reaches_the_application(served: Instance) -> None:
    assert served.ask(Host="evil.example").status == 400


def test_the_address_of_a_trusted_proxy_reaches_the_application(served: Instance) -> None:
    assert served.ask(X_Forwarded_Host="evil.example").status == 400


def test_another_command_may_use_the_database_meanwhile(served: Instance) -> None:
    assert served.command("migrate", "--check").returncode == 0
    assert served.ask().status == 200


def test_sigterm_ends_everything_and_succeeds(served: Instance) -> None:
    children = served.children()
    assert served.process
    served.process.terminate()
    served.finish()
    assert served.process.returncode == 0
    assert not [child for child in children.values() if child.is_running()]
    assert not served.database_runs()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_tables_are_made_ends_everything(tmp_path: Path, number: signal.Signals) -> None:
    instance = Instance(tmp_path)
    instance.launch("Preparing the database")
    assert instance.process
    instance.process.send_signal(number)
    try:
        instance.finish(seconds=20)
        assert instance.process.returncode == 128 + number
        assert not instance.database_runs()
    finally:
        instance.clean_up()
        forget(instance.var_dir)


def test_a_worker_that_dies_ends_the_whole_instance(served: Instance) -> None:
    served.children()["worker"].kill()
    assert "The worker ended by itself" in served.finish()
    assert served.process
    assert served.process.returncode == 1
    assert not served.database_runs()


def test_killing_the_supervisor_leaves_no_process_behind(served: Instance) -> None:
    children = list(served.children().values())
    assert served.process
    served.process.send_signal(signal.SIGKILL)
    served.finish()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    served.command("migrate", "--check")  # takes the database over and stops it
    assert not served.database_runs()
