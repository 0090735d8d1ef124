"""How often people who are not logged in may have us ask other servers (PR-07: no fetch on behalf of an anonymous
visitor without a limit). Without one, anybody could have this site knock at any door a thousand times a minute, in its
name, or keep all of its web threads waiting for servers that never answer. Kept in this process's memory: nothing is
stored, and from what is remembered nobody can tell who asked."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network

# A household or a small office has one such block; a large one shares it, and can still copy the handle.
_BLOCK_V4, _BLOCK_V6 = 24, 48


class Answer(Enum):
    YES = "yes"
    TOO_MANY = "too many"
    BUSY = "busy"


class Allowance:
    """``block`` and ``altogether`` are how many questions there may be in ``window`` seconds, from one block of network
    addresses and in all; ``at_once`` is how many threads may wait for an answer. Any number of threads may use it."""

    def __init__(
        self,
        *,
        block: int = 12,
        altogether: int = 240,
        window: float = 600,
        at_once: int = 2,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._block, self._altogether, self._window = block, altogether, window
        self._monotonic = monotonic
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._forget(monotonic())

    @contextmanager
    def asking(self, asker: str) -> Iterator[Answer]:
        """Whether this asker may ask now. A place is held until the block ends. ``asker`` is an address as text; all
        that are none count as one."""
        if not self._places.acquire(blocking=False):
            yield Answer.BUSY
            return
        try:
            yield Answer.YES if self._count(asker) else Answer.TOO_MANY
        finally:
            self._places.release()

    def _count(self, asker: str) -> bool:
        with self._lock:
            now = self._monotonic()
            if not 0 <= now - self._since < self._window:
                self._forget(now)
            name = blake2b(network_block(asker).encode(), key=self._salt, digest_size=8).digest()
            if self._asked >= self._altogether or self._blocks[name] >= self._block:
                return False
            self._asked += 1
            self._blocks[name] += 1
            return True

    def _forget(self, now: float) -> None:
        """A new salt each time: not even the same asker has the same name in the next window."""
        self._since, self._asked = now, 0
        self._blocks: Counter[bytes] = Counter()
        self._salt = secrets.token_bytes(16)


def network_block(address: str) -> str:
    """The network that somebody with this address most likely has to themselves; empty for what is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ip_network((ip.packed, _BLOCK_V6), strict=False))
        ip = ip.ipv4_mapped  # how a dual-stack socket reports an IPv4 peer
    return str(ip_network((ip.packed, _BLOCK_V4), strict=False))
