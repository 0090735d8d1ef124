"""One call with its limits: how long it may still take, how many bytes may still come, which path goes on the wire.
requests and urllib3 have time-outs per step only, so a peer that sends a byte every nine seconds holds a thread for
hours (slow loris, Mastodon CVE-2023-36461). The client enters an :class:`Exchange` for each call; connections and
sockets, which urllib3 makes and re-uses as it likes, ask :func:`current` for it before every step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from federation.errors import AnswerTooLarge, TimedOut

from .guard import Policy
from .location import Location
from .lookup import Resolver, resolve


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. ``total`` is for everything together: lookup, all redirects, all bodies. A lease on a delivery
    must last at least twice as long. ``altogether`` is for all calls of one client, from when it was made. ``head`` is
    for headers, ``drain`` for what is read only to be thrown away."""

    connect: float = 5.0
    handshake: float = 5.0
    idle: float = 10.0
    total: float = 30.0
    altogether: float = math.inf
    head: int = 32 * 1024
    drain: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every call of a client. ``monotonic`` gives seconds."""

    policy: Policy
    limits: Limits = field(default_factory=Limits)
    resolver: Resolver = resolve
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Exchange:
    """``target`` is set before each request. ``spoke``: some of a request went out. ``budget`` is how many bytes may
    still come over the wire for it: it stops what no count of unpacked bytes can, such as endless empty chunks.
    ``latest`` is a moment of the terms' clock by which it ends in any case."""

    terms: Terms
    latest: float = math.inf
    target: str = "/"
    spoke: bool = False
    budget: int = 0
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends = min(self.terms.monotonic() + self.terms.limits.total, self.latest)

    def begin(self, location: Location, limit: int) -> None:
        """Prepares for one request whose answer may have ``limit`` bytes when unpacked."""
        self.target = location.target
        # Twice, for chunk marks and for content that packing makes larger.
        self.budget = 2 * limit + self.terms.limits.head + self.terms.limits.drain

    def wait(self, at_most: float) -> float:
        """How long the next step may take. Raises :class:`TimedOut` when all time is used up."""
        left = self._ends - self.terms.monotonic()
        if left <= 0:
            raise TimedOut("not done within the time that there was")
        return min(at_most, left)

    def took(self, count: int) -> None:
        """Counts bytes that came in."""
        self.budget -= count
        if self.budget < 0:
            raise AnswerTooLarge("more bytes on the wire than any allowed answer has")


_required: list[Callable[[], None]] = []
_current: ContextVar[Exchange] = ContextVar("exchange")


def current() -> Exchange:
    """The exchange of this thread. Raises LookupError outside of one: nothing here dials without limits."""
    return _current.get()


def require(check: Callable[[], None]) -> None:
    """From now on ``check`` is called before each exchange. It raises where nobody may be asked, such as in a database
    transaction, of which this room knows nothing."""
    if check not in _required:
        _required.append(check)


def check_required() -> None:
    """Raises what a required check raises."""
    for check in _required:
        check()


@contextmanager
def entered(exchange: Exchange) -> Iterator[Exchange]:
    """Raises what :func:`check_required` does."""
    check_required()
    token = _current.set(exchange)
    try:
        yield exchange
    finally:
        _current.reset(token)
