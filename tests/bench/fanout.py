"""From a wake to the last row of the fan-out, as followers grow: how much each row costs, and whether memory grows with
them, in the worker or in the database's process that serves it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from cms.models import OrganisationPage
from federation.models import Delivery
from federation.outbox import reconcile

from .context import Bench, follow_from_many, forget_sent, news, organisation
from .measure import Figure, Sample, forget_peak, memory, ratios

_LOOKS_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Spread:
    """``worker`` and ``database`` are by how many MB the two processes grew at most."""

    sample: Sample
    worker: float
    database: float


def measure(bench: Bench) -> Iterable[Figure]:
    sizes = [1000, *(bench.count(size, 5000) for size in (10_000, 100_000, 300_000))]
    sizes = sorted(set(sizes))
    pages = {}
    for size in sizes:
        pages[size], actor = organisation(f"with_{size}")
        follow_from_many(actor, size)
    _spread(bench, sizes[0], pages[sizes[0]])
    taken: dict[int, list[Spread]] = {size: [] for size in sizes}
    for _ in range(bench.rounds):
        for size in sizes:
            taken[size].append(_spread(bench, size, pages[size]))
    samples = {size: [spread.sample for spread in spreads] for size, spreads in taken.items()}
    rates = ", ".join(
        f"{size:,}: {size / min(s.wall for s in samples[size]):,.0f} rows a second,"
        f" {max(s.worker for s in taken[size]):.0f} + {max(s.database for s in taken[size]):.0f} MB"
        for size in sizes
    )
    yield Figure("fan-out", ratios(samples[sizes[-1]], samples[sizes[0]]), f"{rates} (worker + database process)")


def _spread(bench: Bench, size: int, page: OrganisationPage) -> Spread:
    forget_sent()
    news(page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with Peak(backend) as peak:
        forget_peak()
        before = memory("VmRSS")
        with bench.meter().running() as meter:
            reconcile.drain(timezone.now())
            sample = meter.sample(size)
        worker = memory("VmHWM") - before
    assert Delivery.objects.count() == size
    return Spread(sample, worker, peak.most - peak.first)


class Peak:
    """The most memory of its own that another process has, looked at while it works."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.first = self.most = memory("RssAnon", pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOKS_EVERY):
            with suppress(FileNotFoundError):
                self.most = max(self.most, memory("RssAnon", self.pid))
