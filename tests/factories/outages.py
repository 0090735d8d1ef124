"""A server that can be taken away in different ways, and given back: over real TLS, by a name."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import trustme

from federation.net.client import Client
from federation.net.guard import Policy
from federation.net.tls import shared_context
from tests.factories import loopback
from tests.factories.delivery import Sink
from tests.factories.loopback import client_for

NAME = "peer.example"


class _Named(loopback.Peer):
    def url(self, target: str = "/") -> str:
        return f"https://{NAME}:{self.port}{target}"


class Away:
    """``trouble`` is one of ``TROUBLES`` or empty, and may be changed at any time."""

    def __init__(self, authority: trustme.CA, bundle: Path) -> None:
        self.sink = Sink()
        self._authority, self._bundle = authority, bundle
        self._good, self._old = self._context(), self._context(not_after=datetime.now(UTC) - timedelta(days=1))

    @contextmanager
    def listening(self) -> Iterator[Away]:
        with _Named(self._reply, self._good) as self.sink.peer:
            self.trouble = ""
            yield self

    @property
    def trouble(self) -> str:
        return self._trouble

    @trouble.setter
    def trouble(self, name: str) -> None:
        self._trouble = name
        self.sink.answers = [403 if name == "a firewall" else 202]
        self.sink.peer.context = self._old if name == "an expired certificate" else self._good
        self.sink.peer.close_connections()

    def make_client(self) -> Client:
        policy = Policy((ip_network("127.0.0.0/8"),), ports=frozenset({self.sink.peer.port}))
        return client_for(policy, context=shared_context(str(self._bundle)), resolver=self._resolve)

    def _resolve(self, host: str, port: int) -> list[str]:
        if self.trouble == "a fault of its DNS":
            raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")
        # Nobody listens at that port of another address of this machine.
        return ["127.0.0.2"] if self.trouble == "nobody there" else ["127.0.0.1"]

    def _reply(self, seen: loopback.Seen) -> bytes:
        return self.sink.reply(seen)

    def _context(self, **options: datetime) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(NAME, **options).configure_cert(context)
        return context


TROUBLES = ("nobody there", "an expired certificate", "a fault of its DNS", "a firewall")


@contextmanager
def away(folder: Path) -> Iterator[Away]:
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with Away(authority, bundle).listening() as made:
        yield made
