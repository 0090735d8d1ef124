"""There is one door to the network. A second client that lacks the guard is how others of this field were broken into,
so nothing outside of ``federation/net`` imports what could open a connection."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("federation", "cms", "site")
DOOR = ROOT / "federation" / "net"
OPENERS = {
    "aiohttp", "asyncio.streams", "ftplib", "http.client", "httpcore", "httpx", "niquests", "pycurl", "requests",
    "socket", "socketserver", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
# Towards this machine only: whether a port is free, and whether the web process that was just started answers.
EXCEPTIONS = {
    "socket": ROOT / "site" / "config",
    "http.client": ROOT / "site" / "config" / "management" / "commands" / "serve.py",
}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "__import__",
            "import_module",
            "importlib.import_module",
        }:
            yield from (
                part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def openers(source):
    """Which opener of connections a source imports, under whatever spelling."""
    return {
        opener
        for name in imported(ast.parse(source))
        for opener in OPENERS
        if name == opener or name.startswith(f"{opener}.")
    }


def sources():
    return [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if not path.is_relative_to(DOOR)]


def test_only_the_network_room_imports_what_opens_connections():
    found = {
        f"{path.relative_to(ROOT)}: {opener}"
        for path in sources()
        for opener in openers(path.read_text(encoding="utf-8"))
        if not (opener in EXCEPTIONS and path.is_relative_to(EXCEPTIONS[opener]))
    }
    assert found == set()


def test_the_rooms_that_are_read_exist():
    assert {path.relative_to(ROOT).parts[0] for path in sources()} == set(ROOMS)


@pytest.mark.parametrize(
    ("source", "opener"),
    [
        ("import requests", "requests"),
        ("import requests.sessions as s", "requests"),
        ("from requests import get", "requests"),
        ("from urllib import request", "urllib.request"),
        ("import urllib.request", "urllib.request"),
        ("from http import client", "http.client"),
        ("def f():\n    import socket", "socket"),
        ("importlib.import_module('httpx')", "httpx"),
        ("__import__('urllib3')", "urllib3"),
    ],
)
def test_every_spelling_of_an_import_is_seen(source, opener):
    assert openers(source) == {opener}


@pytest.mark.parametrize(
    "source", ["from urllib.parse import urlsplit", "from http import HTTPStatus", "requests = []"]
)
def test_harmless_imports_are_let_be(source):
    assert openers(source) == set()


def test_the_network_room_knows_no_database():
    for path in DOOR.rglob("*.py"):
        names = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
        assert not {name for name in names if name.startswith(("django", "federation.models", "wagtail"))}, path
