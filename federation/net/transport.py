"""The inside of urllib3, with the guard built in: connections that dial through :mod:`.dial`, send exactly the
path that was signed, and read a bounded head. What goes wrong leaves here as one of :mod:`federation.errors`, so that
nobody has to know three libraries' exceptions. Used by :mod:`.session`, which hands them the TLS context."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from federation.errors import AnswerTooLarge, BadAnswer, ConnectFailed, TimedOut, TlsFailed

from .dial import dial
from .exchange import current
from .location import Location
from .sockets import PacedSocket

# Seconds. Firewalls forget a connection that rests, without a word to either end: a request over it would time out, and
# its whole origin be held for nothing.
MAX_REST = 60.0


class StaleConnection(ConnectFailed):
    """A kept connection that the peer had closed meanwhile. Nothing came back, so the request may be sent again."""


class _Head:
    """Reads status line and header lines, and no more of them than allowed; http.client's own bound is 6.5 MB."""

    def __init__(self, stream: Any, left: int) -> None:
        self.stream = stream
        self.left = left

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self.stream.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise AnswerTooLarge("the headers are too long")
        return line

    def close(self) -> None:
        self.stream.close()


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        stream = self.fp
        head: Any = _Head(stream, current().terms.limits.head)
        self.fp = head  # begin() only calls readline() and close()
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = stream


class _Guarded(HTTPConnection):
    """What both kinds of connection have in common."""

    scheme = "http"
    response_class = _Response
    answers = 0  # over this connection, since it was opened
    used_at = 0.0  # by the exchange's clock

    def _new_conn(self) -> PacedSocket:
        exchange = current()
        sock = dial(exchange, Location(self.scheme, self.host, self.port, "/"))
        sock.settimeout(exchange.wait(exchange.terms.limits.handshake))
        return sock

    def connect(self) -> None:
        self.answers = 0
        with _translated(self):
            try:
                super().connect()
            except ssl.SSLEOFError as error:
                raise TlsFailed("broken off during the handshake") from error

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        # ``url`` was normalised on its way here (%7e became %7E); the signature covers what the peer wrote.
        super().putrequest(method, current().target, skip_host, skip_accept_encoding)

    def request(self, *args: Any, **kwargs: Any) -> None:
        with _translated(self):
            try:
                super().request(*args, **kwargs)
            except (ConnectionError, ssl.SSLEOFError):
                # A server may say 413 or 401 and close before it has taken the body: what it said can still be read. If
                # it said nothing, getresponse() fails in turn.
                pass

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        with _translated(self):
            response = super().getresponse()
        self.answers += 1
        self.used_at = current().terms.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        """Asked before a kept connection is used again."""
        return current().terms.monotonic() - self.used_at < MAX_REST and super().is_connected


class _GuardedTls(_Guarded, HTTPSConnection):
    scheme = "https"


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


@contextmanager
def _translated(connection: _Guarded) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise TimedOut(str(error)) from error
    except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError) as error:
        kind = StaleConnection if connection.answers else ConnectFailed
        raise kind(f"the connection was broken off: {error}") from error
    except ssl.SSLError as error:
        raise TlsFailed(str(error)) from error
    except OSError as error:
        raise ConnectFailed(str(error)) from error
    except (http.client.HTTPException, HTTPError) as error:
        raise BadAnswer(f"not HTTP: {error!r}") from error
