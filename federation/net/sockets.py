"""Sockets that keep to the limits of the exchange that they work for. Before every read and write the time-out is set
to what is left, so that neither headers nor a body that drips can outlast the total. Made by :mod:`.dial`; the TLS one
by the shared context in :mod:`.tls`."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from federation.errors import TimedOut

from .exchange import current


class _Paced(socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        exchange = current()
        self.settimeout(exchange.wait(exchange.terms.limits.idle))
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError as error:
            raise TimedOut("no answer, or it stopped half-way") from error
        exchange.took(count)
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._pace()
        try:
            return super().send(*args, **kwargs)
        except TimeoutError as error:
            raise TimedOut("the request was not taken in time") from error

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        # A plain socket's sendall applies its time-out to the whole; the TLS one calls send() for every part.
        self._pace()
        try:
            super().sendall(*args, **kwargs)
        except TimeoutError as error:
            raise TimedOut("the request was not taken in time") from error

    def _pace(self) -> None:
        exchange = current()
        exchange.spoke = True  # a handshake does not pass here
        self.settimeout(exchange.wait(exchange.terms.limits.idle))


class PacedSocket(_Paced):
    """Plain TCP."""


class PacedTlsSocket(_Paced, ssl.SSLSocket):
    """TLS over TCP. The handshake is one step, limited by the time-out that the plain socket has when it is wrapped."""
