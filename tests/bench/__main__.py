"""Runs the bench: ``python -m tests.bench [ROW …] [--rounds N] [--quick] [--write]``."""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module
from typing import Any

from . import place
from .rows import ROOM, ROWS


def arguments() -> argparse.Namespace:
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=0, help="how often each variant takes its turn (default: 3)")
    parser.add_argument("--quick", action="store_true", help="small counts, to try out; the numbers mean nothing")
    parser.add_argument("--scale", type=float, default=1.0, help="the part of the full counts to do (default: 1)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/explanation/performance.md")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(names):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.write and (options.rows or options.quick):
        parser.error("the documentation holds a whole and full run: --write goes with neither rows nor --quick")
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def ask_to_end(*_: Any) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    chosen = arguments()
    signal.signal(signal.SIGTERM, ask_to_end)  # everything that was started is ended on the way out
    place.prepare()
    import_module("django").setup()
    try:
        sys.exit(import_module(f"{ROOM}.run").run(chosen))
    except KeyboardInterrupt:
        sys.exit(130)
