"""The page on complaints names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/complaints.md"
ROWS = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def names_in(path: Path) -> set[str]:
    """Names of all tests of a file, also of those in classes."""
    found = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_there_is_a_row_for_each_complaint() -> None:
    assert len(ROWS) == 19


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_every_row_names_its_source_and_tests_that_exist(row: str) -> None:
    """Fails if a test that the page names is renamed or removed, and if a row names none."""
    _, _complaint, source, _cure, tests, _ = row.split("|")
    named = NAMED.findall(tests)

    assert "](https://" in source
    assert named
    assert [(path, name) for path, name in named if name not in names_in(ROOT / path)] == []
