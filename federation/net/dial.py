"""Opens a TCP connection to a host that passed the guard. The name is looked up once, every address is judged, and the
connection goes to a judged address, not to the name: between a check of the name and a connection by name, its DNS
can change to 127.0.0.1 (rebinding, SS-02). Called by :mod:`.transport` for every connection, and by nobody else."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

from federation.errors import ConnectFailed, NetworkError, NotPublic, Refused, TimedOut

from .exchange import Exchange
from .guard import Address, find_fixed_addresses, may_dial
from .location import Location
from .lookup import look_up
from .sockets import PacedSocket

# Of a host with more addresses, these many are tried; each gets its share of the time to connect.
MAX_ADDRESSES = 4


def dial(exchange: Exchange, location: Location) -> PacedSocket:
    """A connected socket to one of the host's allowed addresses.

    Raises :class:`Refused` when it is another itself, :class:`NotPublic` when its name leads only to others now, and
    :class:`DnsFailed`, :class:`ConnectFailed` or :class:`TimedOut`.
    """
    fixed = find_fixed_addresses(location)
    addresses = fixed or _look_up(exchange, location)
    allowed = [address for address in addresses if may_dial(address, exchange.terms.policy)][:MAX_ADDRESSES]
    share = exchange.terms.limits.connect / max(1, len(allowed))
    kind = Refused if fixed else NotPublic
    failure: NetworkError = kind(f"{location.host} is at {', '.join(map(str, addresses))}, which is not public")
    for address in allowed:
        try:
            return _connect(exchange, address, location.port, exchange.wait(share))
        except (TimedOut, ConnectFailed) as error:
            failure = error
    raise failure


def _look_up(exchange: Exchange, location: Location) -> list[Address]:
    terms = exchange.terms
    return look_up(terms.resolver, location.host, location.port, exchange.wait(terms.limits.connect))


def _connect(exchange: Exchange, address: Address, port: int, seconds: float) -> PacedSocket:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    sock = PacedSocket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(seconds)
        sock.connect((str(address), port))
        peer = ip_address(sock.getpeername()[0])
        if peer != address:
            raise Refused(f"connected to {peer} instead of {address}")
    except TimeoutError as error:
        sock.close()
        raise TimedOut(f"no connection to {address} port {port} within {seconds:.1f} s") from error
    except OSError as error:
        sock.close()
        raise ConnectFailed(f"{address} port {port}: {error}") from error
    except Refused:
        sock.close()
        raise
    return sock
