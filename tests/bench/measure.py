"""What is measured, and how: variants take turns, CPU is counted by the kernel, and a figure is a ratio of two variants
of the same round. Wall clocks on a machine that others use say little, so they are shown and never compared."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Sample:
    """``cpu`` and ``wall`` are seconds for all ``count`` together."""

    count: int
    cpu: float
    wall: float

    @property
    def each(self) -> float:
        """CPU milliseconds for one."""
        return self.cpu / self.count * 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """What a row came to: one ratio per round, and words beside it."""

    row: str
    ratios: Sequence[float]
    detail: str

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.ratios), max(self.ratios)


def take_turns(variants: Mapping[str, Callable[[], Sample]], rounds: int) -> dict[str, list[Sample]]:
    """A, B, A, B …: whatever disturbs the machine disturbs all of them."""
    taken: dict[str, list[Sample]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            taken[name].append(variant())
    return taken


def ratios(ours: Sequence[Sample], other: Sequence[Sample]) -> list[float]:
    """CPU of ours for each of the other's, round by round."""
    return [one.each / two.each for one, two in zip(ours, other, strict=True)]


def inverse(values: Sequence[float]) -> list[float]:
    return [1 / value for value in values]


def median_of(samples: Sequence[Sample]) -> float:
    """CPU milliseconds for one."""
    return statistics.median(sample.each for sample in samples)


@dataclass(slots=True)
class Meter:
    """Counts the CPU of this process and of whole process trees, given by their first process. A measured block may
    not start or end processes of a tree, except the database's."""

    trees: Sequence[int] = ()
    itself: bool = True
    _begun: tuple[float, float] = field(default=(0.0, 0.0))

    @contextmanager
    def running(self) -> Iterator[Meter]:
        self._begun = (self._cpu(), time.perf_counter())
        yield self

    def sample(self, count: int) -> Sample:
        cpu, wall = self._begun
        return Sample(count, self._cpu() - cpu, time.perf_counter() - wall)

    def _cpu(self) -> float:
        return (time.process_time() if self.itself else 0.0) + sum(map(tree_seconds, self.trees))


def tree_seconds(pid: int) -> float:
    """CPU seconds of a process and its descendants, also of those that ended and were waited for."""
    total = 0.0
    first = psutil.Process(pid)
    for process in [first, *first.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            times = process.cpu_times()
            total += _on_cpu(process.pid) + times.children_user + times.children_system
    return total


def _on_cpu(pid: int) -> float:
    """Of all threads, in nanoseconds (proc(5), schedstat); ``stat`` has hundredths of a second only."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def forget_peak(pid: int | None = None) -> None:
    """The kernel's mark of the most memory ever used begins anew (proc(5), clear_refs)."""
    Path(f"/proc/{pid or os.getpid()}/clear_refs").write_text("5")


def memory(name: str, pid: int | None = None) -> float:
    """A line of ``/proc/PID/status`` in MB: ``VmHWM`` is the most since :func:`forget_peak`."""
    for line in Path(f"/proc/{pid or os.getpid()}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)
