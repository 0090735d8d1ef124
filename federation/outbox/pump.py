"""The pump: leases servers with something due and sends to many at once, one thread per server over connections that
are kept alive. Threads sign and post; only the main thread knows the database. ``deliver`` runs it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from federation.net.client import Client

from . import outcomes
from .attempt import attempt
from .freight import Attempt, Destination, Standing
from .lease import DEADLINES, LEASE, Leaser, renew
from .retry import Result

# Outcomes are written together, at most this late, or as soon as nothing more comes in.
_LATEST_WRITE = 0.5
_LULL = 0.03
_MOST_WRITES = 200
# In parts of a lease. An item is begun only if the lease lasts for two knocks, each as long as the deadline.
_RENEW_EVERY = 1 / 8
_NEEDED = 2 / DEADLINES
# So many servers per thread are leased ahead: each look for more costs the database as much as ten deliveries.
_AHEAD = 4
# Servers whose breaker is open wait for their time-outs: they never take more than this share of the threads.
_PROBE_SHARE = 4


@dataclass(slots=True)
class Pump:
    """One run. ``make_client`` is called once by each thread; ``now`` is the wall clock; ``may_go_on`` is asked now and
    then, and ends the run after what is under way. ``lasts`` is how long a lease is good. ``dice`` gives numbers from
    0 to 1."""

    make_client: Callable[[], Client]
    threads: int
    now: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    lasts: timedelta = LEASE
    monotonic: Callable[[], float] = time.monotonic
    dice: Callable[[], float] = random.random
    sent: int = 0
    _leaser: Leaser = field(init=False)
    _out: SimpleQueue[tuple[Destination, Attempt | None]] = field(default_factory=SimpleQueue)
    _active: dict[str, Destination] = field(default_factory=dict)
    _halt: threading.Event = field(default_factory=threading.Event)
    _renewed: float = 0.0
    _more: bool = False  # the last look found as many as it asked for
    _mine: threading.local = field(default_factory=threading.local)
    _clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._leaser = Leaser(self.lasts)

    def run(self) -> bool:
        """Sends until nothing is due or it may not go on. True if it stopped early, so that something may be left."""
        self._renewed = self.monotonic()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="deliver") as pool:
            try:
                while True:
                    if not self._halt.is_set() and not self.may_go_on():
                        self._halt.set()
                    if not self._halt.is_set():
                        self._refill(pool)
                    if not self._active:
                        return self._halt.is_set()
                    self._collect()
                    self._keep()
            finally:
                self._halt.set()  # whatever is raised here, no thread begins another item
                pool.shutdown()
                for client in self._clients:
                    client.close()

    def _refill(self, pool: ThreadPoolExecutor) -> None:
        """Some servers more than threads, so that none waits for a lease."""
        room = self.threads * _AHEAD - len(self._active)
        if room < self.threads:
            return
        probing = sum(destination.health.open for destination in self._active.values())
        found = self._leaser.lease(room, self.now(), self.monotonic(), troubled=False)
        self._more = len(found) == room
        spare = min(room - len(found), max(1, self.threads // _PROBE_SHARE) - probing)
        if spare > 0:
            found += self._leaser.lease(spare, self.now(), self.monotonic(), troubled=True)
        self._leaser.forget()
        for destination in found:
            if (former := self._active.get(destination.origin)) is not None:
                # Our own lease ran out unnoticed: the machine slept, or somebody set its clock. What still comes in
                # under it counts no more; the new one sends all of it again.
                former.halted = True
            self._active[destination.origin] = destination
            destination.runners = max(1, destination.width)
            for _ in range(destination.runners):
                pool.submit(self._work, destination)

    def _work(self, destination: Destination) -> None:
        """Runs in a thread. Its last word is None."""
        try:
            client = self._client()
            while not self._should_stop(destination):
                try:
                    item = destination.items.popleft()
                except IndexError:
                    break
                now = self.now()
                done = attempt(client, item, destination.health.scheme_at(now), now)
                self._note(destination, done)
                self._out.put((destination, done))
        finally:
            self._out.put((destination, None))

    def _client(self) -> Client:
        """The thread's own, with the connections that it keeps alive."""
        if not hasattr(self._mine, "client"):
            self._mine.client = self.make_client()
            self._clients.append(self._mine.client)
        client: Client = self._mine.client
        return client

    def _should_stop(self, destination: Destination) -> bool:
        needed = self.lasts * _NEEDED
        late = destination.good_until - self.monotonic() < needed.total_seconds()
        return late or destination.ends - self.now() < needed or destination.halted or self._halt.is_set()

    def _note(self, destination: Destination, done: Attempt) -> None:
        """So that the thread stops at once, and not when the main thread has heard of it."""
        if done.outcome.result is Result.RESTS:
            destination.halted = True
        elif done.outcome.result is Result.FAILED:
            destination.failed_here.add(done.item.lane, done.item.inbox)
            destination.halted |= destination.failed_here.tell
        elif done.outcome.result is Result.ACCEPTED:
            destination.failed_here.clear()
            # What is left was to be signed with the other key; it is taken up again at once, and then rightly.
            destination.halted |= done.standing is Standing.KNOWS

    def _collect(self) -> None:
        """Waits for outcomes, until there are many, or nothing comes for a moment, or threads are about to have nothing
        to do; then writes them."""
        judged: list[outcomes.Judged] = []
        finished: list[Destination] = []
        latest = self.monotonic() + _LATEST_WRITE
        while len(judged) < _MOST_WRITES:
            waits = _LULL if judged or finished else _LATEST_WRITE
            try:
                destination, done = self._out.get(timeout=min(waits, max(0.0, latest - self.monotonic())))
            except Empty:
                break
            destination.touched = self.monotonic()
            if done is not None:
                judged.append(outcomes.judge(destination, done, self.now(), self.dice()))
                self.sent += done.outcome.result is Result.ACCEPTED
                continue
            destination.runners -= 1
            if destination.runners == 0:
                finished.append(destination)
                if self._more and len(self._active) - len(finished) <= self.threads:
                    break
        if judged or finished:
            outcomes.write(judged, finished, self.now())
        for destination in finished:
            if self._active.get(destination.origin) is destination:
                del self._active[destination.origin]

    def _keep(self) -> None:
        """Renews leases of all that still move. A thread is bound by the client's total deadline, so one that was
        silent for a whole lease is broken, and its server goes to somebody else."""
        moment, lasts = self.monotonic(), self.lasts.total_seconds()
        if moment - self._renewed < lasts * _RENEW_EVERY:
            return
        self._renewed = moment
        moving = [d for d in self._active.values() if moment - d.touched < lasts]
        renew(moving, self.now(), moment, self.lasts)
