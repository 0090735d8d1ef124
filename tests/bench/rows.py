"""Every row that ``make bench`` prints: its name, what is measured against what, how far it must reach, and the module
that measures it. The table in ``docs/explanation/performance.md`` has these rows and no other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ROOM = "tests.bench"


class Limit(Enum):
    """Which side of the number is the good one."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, slots=True)
class Row:
    """``module`` lies in :data:`ROOM` and has ``measure(bench)``, which gives one figure for each of its rows.
    ``reach`` is None where nothing is asked for."""

    name: str
    module: str
    what: str
    limit: Limit = Limit.AT_MOST
    reach: float | None = None

    @property
    def reach_text(self) -> str:
        return "–" if self.reach is None else f"{self.limit.value} {self.reach:g}"

    def holds(self, ratio: float) -> bool:
        if self.reach is None:
            return True
        return ratio <= self.reach if self.limit is Limit.AT_MOST else ratio >= self.reach


ROWS = (
    Row("delivery-new", "delivery", "CPU per delivery, TLS, every host new ÷ bare urllib3 loop", reach=1.25),
    Row(
        "delivery-fedify",
        "delivery",
        "Deliveries per CPU-second, the same ÷ Fedify's to the same sink",
        Limit.AT_LEAST,
        1.8,
    ),
    Row("delivery-kept", "delivery_kept", "CPU per delivery, connections kept alive ÷ bare urllib3 loop", reach=1.6),
    Row("far-threads", "far", "Share of the threads' time that a fifth of dead hosts takes", reach=0.25),
    Row("far-p95", "far", "p95 until live hosts, 300 ms away, have it: a fifth dead ÷ all live", reach=1.2),
    Row("publish-click", "click", "Publish click with the most followers ÷ with 10", reach=1.1),
    Row("fan-out", "fanout", "CPU per row of a fan-out, the most followers ÷ 1,000"),
    Row("inbox", "inbox", "CPU per signed inbox POST ÷ bare Django view with two inserts", reach=1.3),
    Row("as2", "reads", "Rate of a stored object ÷ bare Django view with one query", Limit.AT_LEAST, 0.6),
    Row("page-cached", "reads", "Rate of a page asked for again ÷ bare Django view", Limit.AT_LEAST, 0.7),
    Row("page-uncached", "reads", "Rate of a page made anew ÷ Wagtail's own serve of it", Limit.AT_LEAST, 0.8),
    Row("workers-two", "workers", "Deliveries a second, two worker processes ÷ one", Limit.AT_LEAST),
    Row("workers-four", "workers", "Deliveries a second, four worker processes ÷ one", Limit.AT_LEAST),
    Row("workers-machine", "workers", "Deliveries a second, with a second machine's worker ÷ one", Limit.AT_LEAST),
)
