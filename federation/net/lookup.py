"""Names to addresses, within a time limit. getaddrinfo knows none, and a name server that stays silent would hold a
delivery thread for half a minute, so threads of its own ask. Called by :mod:`.dial`; it decides nothing about what it
finds."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address

from federation.errors import DnsFailed

from .guard import Address

# Name and port to addresses as text, best first; raises OSError. Tests give their own, to play a lying DNS.
Resolver = Callable[[str, int], Sequence[str]]
_Answer = queue.SimpleQueue[Sequence[str] | OSError | UnicodeError]
_Inbox = queue.SimpleQueue[tuple[Resolver, str, int, _Answer]]

# Threads that wait for a question. There are never more than the most lookups that went on at one time; a new thread
# for every lookup would cost a twentieth of a delivery.
_idle: list[_Inbox] = []
os.register_at_fork(after_in_child=_idle.clear)


def resolve(host: str, port: int) -> list[str]:
    """The operating system's answer, in its order of preference (RFC 6724)."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def look_up(resolver: Resolver, host: str, port: int, seconds: float) -> list[Address]:
    """All addresses of ``host``, each once. Raises :class:`DnsFailed`, also when it takes longer than ``seconds``; the
    lookup is then left to itself."""
    answer: _Answer = queue.SimpleQueue()
    try:
        inbox = _idle.pop()
    except IndexError:
        inbox = queue.SimpleQueue()
        threading.Thread(target=_answer_questions, args=(inbox,), name="lookup", daemon=True).start()
    inbox.put((resolver, host, port, answer))
    try:
        found = answer.get(timeout=seconds)
    except queue.Empty:
        raise DnsFailed(f"no answer about {host} in time") from None
    if isinstance(found, Exception):
        raise DnsFailed(f"{host}: {found}") from found
    addresses = [address for text in found if (address := _read_address(text)) is not None]
    if not addresses:
        raise DnsFailed(f"{host} has no address")
    return list(dict.fromkeys(addresses))


@lru_cache(maxsize=1)
def own_addresses() -> frozenset[Address]:
    """The addresses that this machine uses towards the internet. Connecting a datagram socket sends nothing; it only
    asks the routing table for the source address (the targets are documentation addresses)."""
    found = set()
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.connect((target, 9))
                address = _read_address(sock.getsockname()[0])
        except OSError:  # no route: not connected, or without this version of IP
            continue
        if address is not None:
            found.add(address)
    return frozenset(found)


def _answer_questions(inbox: _Inbox) -> None:
    while True:
        resolver, host, port, answer = inbox.get()
        try:
            found: Sequence[str] | OSError | UnicodeError = resolver(host, port)
        except (OSError, UnicodeError) as error:
            found = error
        _idle.append(inbox)
        answer.put(found)


def _read_address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
