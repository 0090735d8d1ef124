"""What the demo shows: short lines in columns, with colours and a line that counts seconds only where a person sees
them. It decides nothing; ``config.demo`` and ``config.demo_walk`` speak through it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

WIDTH = 62  # of the text before a result
LOOK_EVERY = 0.15
STILL_THERE_EVERY = 15.0  # seconds between two signs of life where no terminal shows a counting line

Event = tuple[datetime | None, str, str, str]


class StepFailed(Exception):
    """A step of the demo did not happen; the text says which, and where to look."""


class Screen:
    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.colours = self.live and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def line(self, text: str = "") -> None:
        self._write(f"{text}\n")

    def title(self, text: str) -> None:
        self.line(f"\n{self.bold(text)}")

    def done(self, text: str, result: str) -> None:
        self.line(f"  {self.paint('✓', '32')} {text:<{WIDTH}} {self.dim(result)}")

    def events(self, *rows: Event) -> None:
        """In the order in which they happened."""
        for row in sorted(rows, key=lambda row: row[0].timestamp() if row[0] else 0.0):
            self.event(*row)

    def event(self, at: datetime | None, side: str, text: str, evidence: str = "") -> None:
        """Something that travelled: when, on whose side, what, and what the ledger holds as proof."""
        clock = at.astimezone().strftime("%H:%M:%S.%f")[:-5] if at else " " * 10
        side = self.paint(f"{side:<8}", "36" if side == "hub" else "35")
        self.line(f"  {self.dim(clock)}  {side} {text:<52} {self.dim(evidence)}".rstrip())

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """A step that takes a while; yields a function that shows how far it is."""
        started = last = time.monotonic()

        def tick(detail: str = "") -> None:
            nonlocal last
            seconds = time.monotonic() - started
            if self.live:
                shown = f"  … {text:<{WIDTH}} {seconds:4.0f} s  {detail}"
                self._write(f"\r\033[K{shown[: shutil.get_terminal_size().columns - 1]}")
            elif time.monotonic() - last > STILL_THERE_EVERY:
                last = time.monotonic()
                self.line(f"  … {text}: {seconds:.0f} s {detail}".rstrip())

        tick()
        try:
            yield tick
        finally:
            self._clear()
        self.done(text, f"{time.monotonic() - started:.1f} s")

    def wait(self, text: str, look: Callable[[], Any], seconds: float, tick: Callable[[str], None]) -> Any:
        """The first true answer of ``look``; raises :class:`StepFailed` after so many seconds."""
        end = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > end:
                raise StepFailed(f"{text}: not within {seconds:.0f} seconds.")
            tick("")
            time.sleep(LOOK_EVERY)
        return found

    def paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colours else text

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def dim(self, text: str) -> str:
        return self.paint(text, "2") if text else text

    def _clear(self) -> None:
        if self.live:
            self._write("\r\033[K")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read along has left; there are still processes to stop
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
