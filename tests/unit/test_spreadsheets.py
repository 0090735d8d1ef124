"""What a spreadsheet must not take for a formula."""

from __future__ import annotations

import pytest

from federation.admin.plots import _ticks
from federation.admin.spreadsheets import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1+1", "＋1", "－1", "＠x", "\x01=1"]
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    """Fails if only the first four signs are known."""
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Wells", "1 - 1", "a=b", "https://peer.example", "’quoted’"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("highest", [0, 1, 2, 3, 4, 5, 17, 99, 100, 101, 20_000, 123_456])
def test_the_numbers_beside_a_plot_are_few_whole_and_high_enough(highest: int) -> None:
    ticks = _ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= max(1, highest)
    assert 2 <= len(ticks) <= 5
