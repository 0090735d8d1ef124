"""Thousands of servers that answer after 300 ms, and as many again as a quarter of them that never answer: from the
second publication on, the dead may not keep the living waiting. The first one teaches who is dead, and is not measured.
The second begins at the worst moment, when all of the dead have just rested and are tried again."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone

from cms.models import OrganisationPage
from federation.models import Delivery, Peer
from federation.net.client import Answer, client
from federation.outbox.deliver import deliver

from .context import Bench, empty, follow_from, forget_sent, news, organisation, settle
from .measure import Figure
from .sinks import Sink, sink

LATENCY = 0.3
PATIENCE = 900.0


@dataclass
class Watch:
    """When each live host had taken it, in seconds since the beginning, and how long threads were busy with whom.
    ``most`` is the most dead hosts that were tried at one time."""

    live: frozenset[str]
    begun: float = field(default_factory=time.monotonic)
    arrived: list[float] = field(default_factory=list)
    busy: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.arrived, n=20)[-1]

    def enter(self, *, alive: bool) -> float:
        with self._lock:
            self._now += not alive
            self.most = max(self.most, self._now)
        return time.monotonic()

    def leave(self, entered: float, *, alive: bool, accepted: bool) -> None:
        moment = time.monotonic()
        with self._lock:
            self._now -= not alive
            self.busy[alive] += moment - entered
            if accepted:
                self.arrived.append(moment - self.begun)


class Watched:
    """The pump's client, with a watch."""

    def __init__(self, watch: Watch) -> None:
        self.client = client()
        self.watch = watch

    def post(self, url: str, body: bytes, **how: Any) -> Answer:
        alive = url.removesuffix("/inbox") in self.watch.live
        entered, accepted = self.watch.enter(alive=alive), False
        try:
            answer = self.client.post(url, body, **how)
            accepted = answer.status == 202
            return answer
        finally:
            self.watch.leave(entered, alive=alive, accepted=accepted)

    def close(self) -> None:
        self.client.close()


def measure(bench: Bench) -> Iterable[Figure]:
    hosts, threads = bench.count(10_000, 200), 32 if bench.quick else 128
    alive = hosts * 4 // 5
    federation = settings.FEDERATION | {"DELIVERY_THREADS": threads}
    with sink(alive, hosts - alive, LATENCY) as there, override_settings(FEDERATION=federation):
        lucky, lucky_actor = organisation("lucky")
        unlucky, unlucky_actor = organisation("unlucky")
        follow_from(lucky_actor, there.live)
        follow_from(unlucky_actor, there.live + there.dead)
        _run(there, unlucky)
        pairs = []
        for _ in range(bench.rounds):
            undisturbed = _run(there, lucky)
            _end_rests(there)
            pairs.append((undisturbed, _run(there, unlucky)))
    empty()
    words = f"{alive:,} live hosts and {hosts - alive:,} dead ones, {threads} threads"
    shares = [watch.busy[False] / (watch.busy[True] + watch.busy[False]) for _, watch in pairs]
    yield Figure("far-threads", shares, f"at most {max(w.most for _, w in pairs)} dead hosts at one time; {words}")
    seconds = [statistics.median(times) for times in zip(*((a.p95, b.p95) for a, b in pairs), strict=True)]
    bound = alive * LATENCY / threads * 0.95
    yield Figure(
        "far-p95",
        [with_dead.p95 / without.p95 for without, with_dead in pairs],
        f"{seconds[1]:.1f} s against {seconds[0]:.1f} s; the threads alone allow {bound:.1f} s; {words}",
    )


def _run(there: Sink, page: OrganisationPage) -> Watch:
    """One publication, until all live hosts have it."""
    forget_sent()
    news(page)
    settle()
    watch = Watch(frozenset(there.live))
    goal = Delivery.objects.filter(peer__in=there.live).count()
    assert goal == len(there.live)
    deliver(
        seconds=PATIENCE,
        stopping=lambda: len(watch.arrived) >= goal,
        make_client=lambda: Watched(watch),  # type: ignore[arg-type,return-value]
    )
    assert len(watch.arrived) == goal
    return watch


def _end_rests(there: Sink) -> None:
    for origins in (there.live, there.dead):
        Peer.objects.filter(pk__in=origins, held_until__isnull=False).update(held_until=timezone.now())
    troubled = Peer.objects.filter(holds__gt=0)
    # Those that the first publication did not get to are as dead as the others.
    troubled_or_untried = Peer.objects.filter(pk__in=there.dead, holds=0)
    troubled_or_untried.update(holds=1, held_until=timezone.now(), failing_since=timezone.now())
    assert troubled.count() == len(there.dead)
