"""The process that runs granian."""

from __future__ import annotations

import os
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
    monkeypatch.setattr(web.signal, "signal", lambda number, handler: None)  # those of the test run stay
    monkeypatch.setattr(os, "environ", {"SECRET_KEY": "s", "DATABASE_URL": "d", "HTTP_PROXY": "p", "LANG": "C"})
    return web.load("config.wsgi:application", 1)


def test_requests_carry_no_secret_and_no_pretended_header_of_the_environment(load: object) -> None:
    assert not {"SECRET_KEY", "DATABASE_URL", "HTTP_PROXY"} & set(os.environ)


def test_the_application_is_the_one_of_wsgi(load: object) -> None:
    assert load is sys.modules["config.wsgi"].application
