"""The page about performance shows every row of the bench, with what it must reach, and no other."""

from __future__ import annotations

from pathlib import Path

from tests.bench.rows import ROOM, ROWS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/performance.md"


def rows_on_the_page() -> list[list[str]]:
    block = PAGE.read_text().partition("<!-- bench: begin -->")[2].partition("<!-- bench: end -->")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines() if line.startswith("| `")]


def test_the_page_has_a_line_for_each_row_of_the_bench_and_no_other() -> None:
    """Fails if a row is taken out of ``rows.py`` or out of the page."""
    assert [cells[0].strip("`") for cells in rows_on_the_page()] == [row.name for row in ROWS]


def test_the_page_asks_of_each_row_what_the_bench_asks() -> None:
    """Fails if a reach is changed in one of the two places."""
    assert [cells[1:3] for cells in rows_on_the_page()] == [[row.what, row.reach_text] for row in ROWS]


def test_every_row_is_measured_by_the_module_that_it_names() -> None:
    """Fails if a row names a module that does not measure."""
    room = ROOT / ROOM.replace(".", "/")

    assert [
        row.name for row in ROWS if "\ndef measure(bench: Bench)" not in (room / f"{row.module}.py").read_text()
    ] == []
