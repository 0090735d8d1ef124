"""Peers on 127.0.0.1, made by hand: they say exactly the bytes that a test gives them, also wrong ones and slow ones,
and keep what they were sent. With them, clients that may talk to them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Self

from federation.net.client import Client
from federation.net.exchange import Limits, Terms
from federation.net.guard import Policy
from federation.net.lookup import Resolver, resolve

LOOPBACK = Policy(allow_private=(ip_network("127.0.0.0/8"),), allow_http=True)
AGENT = "Commonwire/1.0 (+https://hub.example/)"


@dataclass(frozen=True)
class Seen:
    """A request as it came. ``connection`` counts from 1; header names are lower-case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


Reply = Callable[[Seen], bytes | Iterable[bytes]]


class Peer:
    """A server for one test. ``reply`` gives the answer: bytes, or pieces that are sent one by one. An empty answer
    closes the connection. ``stopped`` is set at the end, for endless answers to wait on; ``ended`` as soon as a
    connection ended."""

    def __init__(self, reply: Reply, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self.reply = reply
        self.context = context
        self.seen: list[Seen] = []
        self.connections = 0
        self.stopped = threading.Event()
        self.ended = threading.Event()
        self._listener = socket.create_server((address, 0))
        self._open: list[socket.socket] = []
        self.host, self.port = self._listener.getsockname()[:2]
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for sock in [self._listener, *self._open]:
            sock.close()

    def url(self, target: str = "/") -> str:
        return f"http://{self.host}:{self.port}{target}"

    def close_connections(self) -> None:
        """As a server does with connections that rested too long."""
        while self._open:
            sock = self._open.pop()
            with suppress(OSError):  # it was closed already
                sock.shutdown(socket.SHUT_RDWR)

    def drip(self, piece: bytes, every: float = 0.02) -> Iterable[bytes]:
        """The same piece again and again, until the test is over."""
        while not self.stopped.wait(every):
            yield piece

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            self._open.append(sock)
            with sock, sock.makefile("rb") as stream:
                while (seen := self._read(stream, number)) is not None:
                    self.seen.append(seen)
                    said = self.reply(seen)
                    for piece in [said] if isinstance(said, bytes) else said:
                        if not piece:
                            return
                        sock.sendall(piece)
        except (OSError, ValueError):  # the client went away, or the test is over
            return
        finally:
            self.ended.set()

    def _read(self, stream, number: int) -> Seen | None:
        line = stream.readline().decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = {}
        while header := stream.readline().strip():
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Seen(line[0], line[1], headers, stream.read(int(headers.get("content-length", 0))), number)


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a plain answer; underscores in header names stand for hyphens."""
    named = {"content_length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def client_for(
    policy: Policy = LOOPBACK,
    *,
    context: ssl.SSLContext | None = None,
    resolver: Resolver = resolve,
    limits: Limits | None = None,
    **changes: float,
) -> Client:
    """A client that reaches loopback. ``changes`` are limits (seconds and bytes) other than the usual."""
    terms = Terms(policy, replace(limits or Limits(), **changes), resolver)
    return Client(terms, user_agent=AGENT, context=context)
