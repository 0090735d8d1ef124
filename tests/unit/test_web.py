"""The process that runs granian."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from config import web


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> object:
    """Loads a pretended application, as granian does in its child process."""
    application = object()
    monkeypatch.setitem(sys.modules, "config.wsgi", SimpleNamespace(application=application))
    monkeypatch.setattr(web, "end_with_parent", lambda parent: None)
    monkeypatch.setattr(os, "environ", {"SECRET_KEY": "s", "DATABASE_URL": "d", "HTTP_PROXY": "p", "LANG": "C"})
    return web.load("config.wsgi:application", 1)


def test_requests_carry_no_secret_and_no_pretended_header_of_the_environment(load: object) -> None:
    assert not {"SECRET_KEY", "DATABASE_URL", "HTTP_PROXY"} & set(os.environ)


def test_the_application_is_the_one_of_wsgi(load: object) -> None:
    assert load is sys.modules["config.wsgi"].application


# A handler that only takes note, as granian's does, and a stop that comes before the child could set its own.
FORK = """
import os, signal
from config.web import lose_no_stop_at_fork

noted = []
signal.signal(signal.SIGTERM, lambda *_: noted.append(1))
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))
lose_no_stop_at_fork()
child = os.fork()
if not child:
    os._exit(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os.kill(os.getpid(), signal.SIGTERM)
print(code, noted)
"""


def test_a_child_obeys_a_stop_from_the_moment_of_its_fork_and_the_parent_after_it() -> None:
    """Fails if signals are not blocked before the fork, or stay blocked after it."""
    done = subprocess.run(
        [sys.executable, "-c", FORK],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stdout == "-15 [1]\n"
