"""What readers get: an object's stored bytes, a page that is asked for again, and a page that is made anew."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import urlsplit

from cms.addresses import page_address
from federation.models import PublishedObject
from federation.vocab.terms import ACTIVITY_JSON

from .context import Bench, empty, long_news, organisation, settle
from .measure import Figure, Sample, inverse, median_of, ratios, take_turns
from .place import SETTINGS
from .web import Server, request, server

_numbers = itertools.count(1)
_SLOW = 10.0  # milliseconds


def measure(bench: Bench) -> Iterable[Figure]:
    page = long_news(organisation("partner")[0])
    settle()
    path = urlsplit(page_address(page)).path
    told = PublishedObject.objects.get()
    known = request(f"/ap/objects/{told.pk}", accept=ACTIVITY_JSON)
    again = request(path, accept="text/html")
    few, many = bench.count(400, 16), bench.count(3000, 48)
    with (
        server(SETTINGS, "/-/health") as ours,
        server("tests.bench.floor_settings", "/bare/") as floor,
        server("tests.bench.plain_settings", "/-/health") as plain,
    ):
        runs: dict[str, dict[str, Callable[[int], Sample]]] = {
            "as2": {
                "ours": lambda count: ours.ask(bench, [known] * count, 200),
                "floor": lambda count: floor.ask(bench, [request(f"/object/{told.pk}")] * count, 200),
            },
            "page-cached": {
                "ours": lambda count: ours.ask(bench, [again] * count, 200),
                "floor": lambda count: floor.ask(bench, [request("/bare/")] * count, 200),
            },
            "page-uncached": {
                "ours": lambda count: _anew(bench, ours, path, count),
                "floor": lambda count: _anew(bench, plain, path, count),
            },
        }
        for name, variants in runs.items():
            if name not in bench.wanted:
                continue
            # Connections are made, templates compiled, the cache filled; and is it worth asking often?
            warm = take_turns({side: partial(ask, 16) for side, ask in variants.items()}, 2)
            count = many if warm["ours"][1].each < _SLOW else few
            taken = take_turns({side: partial(ask, count) for side, ask in variants.items()}, bench.rounds)
            each = {side: median_of(samples) for side, samples in taken.items()}
            yield Figure(
                name,
                inverse(ratios(taken["ours"], taken["floor"])),
                f"{each['ours']:.3f} ms of CPU each, database included, {each['floor']:.3f} below it;"
                f" {taken['ours'][0].count:,} requests",
            )
    empty()


def _anew(bench: Bench, of: Server, path: str, count: int) -> Sample:
    """A question that no cache has been asked before."""
    return of.ask(bench, [request(f"{path}?fresh={next(_numbers)}", accept="text/html") for _ in range(count)], 200)
