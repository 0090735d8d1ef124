"""What more worker processes add, on this machine or on another with nothing but the database in common. The servers
are 300 ms away, so that waiting is what bounds one process; two cores have little to add where the CPU does."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from cms.models import OrganisationPage
from federation.models import Delivery
from tests.factories.instances import end, eventually

from . import place
from .context import Bench, empty, follow_from, forget_sent, news, organisation
from .measure import Figure
from .sinks import Sink, sink

LATENCY = 0.3
PATIENCE = 300.0


def measure(bench: Bench) -> Iterable[Figure]:
    hosts = bench.count(2400, 120)
    here, there_env = {}, _second_machine()
    plans = {"one": [here], "two": [here] * 2, "four": [here] * 4, "machine": [here, there_env]}
    page, actor = organisation("partner")
    with sink(hosts, latency=LATENCY) as there:
        follow_from(actor, there.live)
        rates: dict[str, list[float]] = {name: [] for name in plans}
        for _ in range(max(1, bench.rounds // 2)):  # each turn is long
            for name, environments in plans.items():
                rates[name].append(hosts / _deliver(there, page, environments))
    shutil.rmtree(place.VAR / "second", ignore_errors=True)
    empty()
    one = statistics.median(rates["one"])
    for name in ("two", "four", "machine"):
        yield Figure(
            f"workers-{name}",
            [more / single for more, single in zip(rates[name], rates["one"], strict=True)],
            f"{statistics.median(rates[name]):.0f} deliveries a second, {one:.0f} by one process;"
            f" {hosts:,} hosts {LATENCY * 1000:.0f} ms away, {settings.FEDERATION['DELIVERY_THREADS']} threads each",
        )


def _second_machine() -> dict[str, str]:
    """It knows where the database is, and the keys; nothing of our files."""
    folder = place.VAR / "second"
    folder.mkdir(exist_ok=True)
    host = quote(str(settings.DATABASES["default"]["HOST"]), safe="")
    user, name = (settings.DATABASES["default"][key] for key in ("USER", "NAME"))
    return {"VAR_DIR": str(folder), "DATABASE_URL": f"postgres://{user}@{host}/{name}"}


def _deliver(there: Sink, page: OrganisationPage, environments: Sequence[dict[str, str]]) -> float:
    """Seconds from publishing until every host has it."""
    forget_sent()
    there.forget()
    with workers(environments):
        begun = time.perf_counter()
        news(page)
        there.wait_for(len(there.live), PATIENCE)
        took = time.perf_counter() - begun
        # The workers end only when all is written.
        eventually(_all_written(len(there.live)), seconds=60, what="all outcomes are written")
    return took


def _all_written(count: int) -> Callable[[], bool]:
    return lambda: Delivery.objects.filter(state="accepted").count() == count


@contextmanager
def workers(environments: Sequence[dict[str, str]]) -> Iterator[None]:
    """Worker processes, once each of their queues listens."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    with ExitStack() as stack:
        for number, changes in enumerate(environments):
            log = stack.enter_context(Path(place.VAR / f"worker-{number}.log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--parent", str(os.getpid())],
                env=place.environment(**changes),
                cwd=place.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(end, process)
        eventually(lambda: _listening() >= 4 * len(environments), seconds=180, what="the workers start")
        yield


def _listening() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])
