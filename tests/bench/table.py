"""The table as people read it: on the screen, and in ``docs/explanation/performance.md`` between two markers."""

from __future__ import annotations

import platform
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from django.db import connection

from .measure import Figure
from .place import ROOT
from .rows import ROWS

PAGE = ROOT / "docs/explanation/performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_BY_NAME = {row.name: row for row in ROWS}
_LIBRARIES = ("wagtail", "django", "psycopg", "granian", "requests", "urllib3", "cryptography")


def line(figure: Figure) -> str:
    row = _BY_NAME[figure.row]
    mark = "" if row.holds(figure.median) else "  ABOVE ITS REACH" if row.limit.value == "≤" else "  BELOW ITS REACH"
    return f"{row.name:16} {row.reach_text:>7} {figure.median:7.2f} {_spread(figure):>15}  {figure.detail}{mark}"


def write(figures: Sequence[Figure], words: str) -> None:
    by_row = {figure.row: figure for figure in figures}
    lines = ["| Row | What | Reach | Median | Spread | Beside it |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        figure = by_row[row.name]
        median = f"{figure.median:.2f}" if row.holds(figure.median) else f"**{figure.median:.2f}**"
        lines.append(
            f"| `{row.name}` | {row.what} | {row.reach_text} | {median} | {_spread(figure)} | {figure.detail} |"
        )
    block = "\n".join([BEGIN, "", words, "", *lines, "", END])
    text = PAGE.read_text()
    changed = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: block, text, flags=re.DOTALL)
    assert BEGIN in text, "the page has lost its markers"
    PAGE.write_text(changed)


def caption(command: str, rounds: int, server: str, load: float) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with `{command}`, rounds: {rounds}, on {cpu_count()} cores of"
        f" {_cpu()}, with a load of {load:.1f} by others when it began: Python"
        f" {platform.python_version()} ({ssl.OPENSSL_VERSION.rsplit(' ', 3)[0]}),"
        f" PostgreSQL {server}, {libraries}."
    )


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]


def _cpu() -> str:
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.partition(":")[2].strip()
    return platform.machine()


def _spread(figure: Figure) -> str:
    least, most = figure.spread
    return f"{least:.2f}–{most:.2f}"
