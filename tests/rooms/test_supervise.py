"""Several processes that live and die together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

SUPERVISE = """
import os, sys
from config.supervise import Program, supervise

codes = enumerate(sys.argv[1:])
programs = [Program(f"program {n}", (sys.executable, "-c", code), dict(os.environ)) for n, code in codes]
patience = float(os.environ.get("PATIENCE", "40"))
sys.exit(supervise(programs, lambda text: print(text, flush=True), lambda: True, patience=patience))
"""
# Says "up", waits for SIGTERM, says "down" and ends well.
POLITE = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.write(1, b"up\\n")
signal.sigwait({signal.SIGTERM})
os.write(1, b"down\\n")
"""
DEAF = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"up\\n")
while True:
    signal.pause()
"""
# Misses one SIGTERM, as a program may that is still starting.
DISTRACTED = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.write(1, b"up\\n")
signal.sigwait({signal.SIGTERM})
os.write(1, b"missed\\n")
signal.sigwait({signal.SIGTERM})
os.write(1, b"down\\n")
"""
# Has a child that does not listen and holds the output open.
PARENT = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
signal.alarm(40)  # if the test fails
os.write(1, b"up\\n")
while True:
    signal.pause()
"""
FAILS = "import sys; sys.exit(3)"
# The web server, asked to stop at the very moment when it forks its worker, which takes its time.
FORKING_WEB = """
import os, signal, sys, time
from config.web import main

ask = lambda: os.kill(os.getpid(), signal.SIGTERM)
os.register_at_fork(after_in_parent=ask, after_in_child=lambda: time.sleep(1))
main(["--port", sys.argv[1]])
"""


class Supervised:
    def __init__(self, *programs: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, *programs],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_until(self, text: str, times: int = 1) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            times -= text in line
            if not times:
                return
        pytest.fail(f"ended without saying {text!r}")

    def rest(self) -> str:
        return self.process.communicate(timeout=30)[0]


@pytest.fixture
def supervised() -> Iterator[type[Supervised]]:
    started: list[Supervised] = []

    class Remembered(Supervised):
        def __init__(self, *programs: str) -> None:
            super().__init__(*programs)
            started.append(self)

    yield Remembered
    for one in started:
        if one.process.poll() is None:
            for process in [*psutil.Process(one.process.pid).children(), one.process]:
                process.kill()
        one.process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_lets_all_programs_finish(supervised: type[Supervised], number: signal.Signals) -> None:
    group = supervised(POLITE, POLITE)
    group.read_until("up", times=2)
    group.process.send_signal(number)
    assert group.rest().count("down") == 2


def test_a_clean_stop_ends_with_zero(supervised: type[Supervised]) -> None:
    group = supervised(POLITE)
    group.read_until("up")
    group.process.terminate()
    group.rest()
    assert group.process.returncode == 0


def test_a_program_that_dies_takes_the_others_with_it(supervised: type[Supervised]) -> None:
    group = supervised(POLITE, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "The program 1 ended by itself" in group.rest()
    assert group.process.returncode == 1


def test_a_program_that_fails_makes_the_whole_fail(supervised: type[Supervised]) -> None:
    group = supervised(FAILS)
    group.rest()
    assert group.process.returncode == 1


def test_a_program_that_just_ends_makes_the_whole_fail_too(supervised: type[Supervised]) -> None:
    group = supervised("pass")
    group.rest()
    assert group.process.returncode == 1


def test_a_supervisor_that_fails_leaves_no_program_behind() -> None:
    script = SUPERVISE.replace("lambda: True", "lambda: 1 // 0")
    group = subprocess.run(
        [sys.executable, "-c", script, POLITE],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "ZeroDivisionError" in group.stderr


def test_a_second_signal_kills_who_does_not_listen(supervised: type[Supervised]) -> None:
    group = supervised(DEAF)
    group.read_until("up")
    group.process.terminate()
    group.read_until("Stopping")
    group.process.terminate()
    group.rest()
    assert group.process.returncode == signal.SIGKILL


def test_patience_ends_with_who_missed_the_signal(
    supervised: type[Supervised], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATIENCE", "0.5")
    group = supervised(DEAF, POLITE)
    group.read_until("up", 2)
    group.process.terminate()
    assert "down" in group.rest()
    assert group.process.returncode == signal.SIGKILL


def test_a_program_that_missed_a_signal_is_asked_again(
    supervised: type[Supervised], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if each program is asked only once: patience ends, and it is killed."""
    monkeypatch.setenv("PATIENCE", "20")
    group = supervised(DISTRACTED)
    group.read_until("up")
    group.process.terminate()
    assert "missed\ndown" in group.rest()
    assert group.process.returncode == 0


def test_a_second_signal_kills_the_children_of_programs_too(supervised: type[Supervised]) -> None:
    """Fails if only the programs themselves are killed: the child keeps the output open."""
    group = supervised(PARENT)
    group.read_until("up", times=2)
    group.process.terminate()
    group.read_until("Stopping")
    group.process.terminate()
    group.rest()


def test_a_stop_that_comes_while_granian_forks_is_not_lost() -> None:
    """Fails if signals are not held back while granian forks: its worker misses the stop, and granian waits for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen(
        [sys.executable, "-c", FORKING_WEB, str(port)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    try:
        assert web.wait(20) == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGKILL)
        web.wait()
