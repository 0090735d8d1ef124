"""Requests that no client library would send, put to the whole application as a web server does it: ``config.wsgi`` and
everything behind it, middleware included. Nothing here is checked, escaped or repaired on the way."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections

from config.wsgi import application

HOST = "hub.example"
_TRACES = re.compile(rb"Traceback|File &quot;|File \"|site-packages|\.py\b|DEBUG = True|Exception Type|psycopg")
_TAGS = re.compile(r"<(script|style|title)\b.*?</\1>|<[^>]*>", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Sent:
    """``headers`` may hold a name twice. ``length`` is what Content-Length says, None for the truth; ``chunked``: the
    body comes in chunks, without a stated length."""

    method: str = "GET"
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    length: str | None = None
    chunked: bool = False

    def environ(self) -> dict[str, Any]:
        """As a server hands it over: bytes as Latin-1, names in capitals, what comes twice joined by commas."""
        path, _, query = self.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode()).decode("latin-1"),
            "QUERY_STRING": query.encode().decode("latin-1"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self._headers():
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            read = value.encode("utf-8", "surrogateescape").decode("latin-1")
            environ[key] = f"{environ[key]},{read}" if key in environ else read
        return environ

    def _headers(self) -> Iterator[tuple[str, str]]:
        if not any(name.lower() == "host" for name, _ in self.headers):
            yield "Host", HOST
        if self.chunked:
            yield "Transfer-Encoding", "chunked"
        elif self.length is not None or self.body:
            yield "Content-Length", self.length if self.length is not None else str(len(self.body))
        yield from self.headers


@dataclass
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    raised: list[str] = field(default_factory=list)

    def fault(self, sent: Sent) -> str:
        """What is wrong with the reply itself, whatever was asked; empty if nothing is."""
        if self.raised:
            return f"raised {self.raised}"
        if not 200 <= self.status < 500:
            return f"status {self.status}"
        if _TRACES.search(self.body) and self.status >= 400:
            return f"shows its insides: {self.body[:300]!r}"
        if self.status >= 400 and sent.method != "HEAD" and not says_why(self):
            return f"{self.status} without a sentence: {self.headers.get('content-type')} {self.body[:200]!r}"
        return ""


def says_why(reply: Reply) -> bool:
    """Whether somebody who reads the answer finds a sentence: at least three words, outside of the title."""
    if reply.headers.get("content-type", "").startswith("application/problem+json"):
        text = str(json.loads(reply.body).get("title", ""))
    else:
        text = unescape(_TAGS.sub(" ", reply.body.decode("utf-8", "replace")))
    return len(_WORD.findall(text)) >= 3


def ask(sent: Sent) -> Reply:
    """Raises whatever the application lets out, which a web server would turn into a 500 of its own."""
    raised: list[str] = []

    def note(**facts: Any) -> None:
        raised.append(repr(sys.exc_info()[1]))

    reply = Reply(0, raised=raised)

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        reply.status = int(status.partition(" ")[0])
        reply.headers = {name.lower(): value for name, value in headers}

    got_request_exception.connect(note)
    try:
        answer = application(sent.environ(), start)
        try:
            reply.body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
    finally:
        got_request_exception.disconnect(note)
    return reply


@contextmanager
def kept_connection() -> Iterator[None]:
    """As Django's own test client does: the end of a request must not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
