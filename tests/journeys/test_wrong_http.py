"""What is no HTTP, or only just, sent over real sockets to a whole instance: to its web server itself, and through the
TLS proxy before it. Whatever comes, others are served and nobody sees a stack trace."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest

from tests.factories.instances import RunningInstance
from tests.factories.odd_requests import odd_requests

SECONDS = 60.0  # generous: other people use the machine
WAITING = 40
FORWARDED = b"X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n"
PATHS = [
    "/",
    "/ap/inbox",
    "/.well-known/webfinger",
    "/feed.atom",
    "/-/health",
    "/nothing/",
    "/admin/login/",
    "/documents/1/a",
]
TRACES = (b"Traceback", b'File "', b"site-packages", b"Exception Type", b"Request Method")
MALFORMED = [
    *(
        b"",
        b"\r\n\r\n",
        b"\x00" * 100,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"get / http/1.1\r\nHost: localhost\r\n\r\n",
        b"SSH-2.0-x\r\n",
    ),
    *(
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
    *(
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX y: z\r\n\r\n",
        b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    ),
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xyz\r\n\r\nx",
    b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
]


def _spoken(connection: socket.socket, request: bytes) -> bytes:
    """What comes back until the other side has finished, or nothing came for a while after our last word."""
    heard = b""
    with suppress(OSError, ssl.SSLError):  # whoever is refused may be cut off while still sending
        connection.sendall(request)
        if not isinstance(connection, ssl.SSLSocket):
            connection.shutdown(socket.SHUT_WR)
    with suppress(OSError, ssl.SSLError):
        while part := connection.recv(65536):
            heard += part
    return heard


@contextmanager
def _to_server(hub: RunningInstance) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", hub.proxy.backend), timeout=SECONDS)) as connection:
        yield connection


@contextmanager
def _to_proxy(hub: RunningInstance) -> Iterator[socket.socket]:
    port = int(hub.host.partition(":")[2])
    with (
        closing(socket.create_connection(("127.0.0.1", port), timeout=SECONDS)) as plain,
        closing(hub.authority.context().wrap_socket(plain, server_hostname="localhost")) as connection,
    ):
        yield connection


def _status(heard: bytes) -> int:
    """0 if there was no answer, which is one as well."""
    line = heard.partition(b"\r\n")[0].split()
    return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/") else 0


def _check(heard: bytes, request: bytes) -> None:
    assert _status(heard) < 500, (request[:300], heard[:300])
    assert not [trace for trace in TRACES if trace in heard], (request[:300], heard[:2000])


def _check_serving(hub: RunningInstance) -> None:
    assert hub.request("GET", "/-/health").json()["database"] == "ok"
    assert b"Traceback" not in hub.log.read_bytes()


@pytest.mark.parametrize("request_", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_request_harms_nobody(hub: RunningInstance, request_: bytes) -> None:
    """Fails if an answer is a 5xx or shows a stack trace, if the log has one, or if nobody is served after it."""
    with _to_server(hub) as connection:
        _check(_spoken(connection, request_), request_)
    _check_serving(hub)


def test_hundreds_of_odd_requests_to_the_web_server_are_answered(hub: RunningInstance) -> None:
    """Fails if a stranger's wrong Host leaves a traceback in the log (seen before ``OneLine`` dropped those)."""
    statuses = set()
    for sent in odd_requests(PATHS, "over the wire", 300):
        head = f"{sent.method} {sent.target.replace(' ', '%20')} HTTP/1.1\r\n".encode()
        named = {name.lower() for name, _ in sent.headers}
        head += b"" if "host" in named else f"Host: {hub.host}\r\n".encode()
        head += b"".join(f"{name}: {value}\r\n".encode() for name, value in sent.headers)
        if "content-length" not in named and "transfer-encoding" not in named:
            head += f"Content-Length: {len(sent.body)}\r\n".encode()
        request = head + FORWARDED + b"Connection: close\r\n\r\n" + sent.body
        with _to_server(hub) as connection:
            heard = _spoken(connection, request)
        _check(heard, request)
        statuses.add(_status(heard))
    assert {200, 400, 404} <= statuses
    _check_serving(hub)


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_charset_through_the_proxy_is_no_error(hub: RunningInstance, path: str) -> None:
    """Fails if ``config.wsgi`` lets every charset through."""
    answer = hub.request("GET", f"{path}?resource=x&page=1&next=/", headers={"Content-Type": "text/plain; charset=hex"})
    assert answer.status < 500


def test_those_who_never_finish_their_headers_hold_up_nobody(hub: RunningInstance) -> None:
    """Fails if each of them holds one of the four threads."""
    with ExitStack() as open_ones:
        for _ in range(WAITING):
            connection = open_ones.enter_context(_to_server(hub))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert [hub.request("GET", "/").status for _ in range(10)] == [200] * 10


def test_those_who_never_finish_a_body_hold_up_nobody_behind_a_proxy(hub: RunningInstance) -> None:
    """The proxy of this test takes a body in before it passes it on, as nginx does by itself and Caddy if told to."""
    with ExitStack() as open_ones:
        for _ in range(WAITING):
            connection = open_ones.enter_context(_to_proxy(hub))
            connection.sendall(b"POST /ap/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        assert [hub.request("GET", "/").status for _ in range(10)] == [200] * 10
