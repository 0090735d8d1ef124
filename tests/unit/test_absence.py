"""How long somebody who is not there is waited for, by a simulated clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.outbox.absence import in_a_row, is_dead, is_lost, is_our_own_trouble

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("before", "last", "count"), [(0, None, 1), (2, 7, 3), (2, 21, 3), (2, 22, 1), (9, None, 1)])
def test_failures_within_three_weeks_are_in_a_row(before: int, last: int | None, count: int) -> None:
    """Fails if all are counted, or none."""
    assert in_a_row(before, None if last is None else NOW - last * DAY, NOW) == count


@pytest.mark.parametrize(("count", "days", "lost"), [(3, 7, True), (9, 8, True), (2, 90, False), (9, 6.9, False)])
def test_a_person_is_lost_after_three_askings_over_seven_days(count: int, days: float, lost: bool) -> None:
    """Fails if either is left out."""
    assert is_lost(count, NOW - days * DAY, NOW) is lost


@pytest.mark.parametrize(
    ("days", "probes", "dead"), [(90, 2, True), (400, 9, True), (89.9, 12, False), (90, 1, False), (400, 0, False)]
)
def test_a_server_is_dead_after_ninety_days_and_two_fresh_probes(days: float, probes: int, dead: bool) -> None:
    """Fails if either is left out."""
    assert is_dead(NOW - days * DAY, probes, NOW) is dead


@pytest.mark.parametrize(
    ("answers", "success", "ours"),
    [
        ([False, False], None, True),
        ([False, False], 8, True),
        ([False, False], 6, False),
        ([False, True], None, False),
        ([], None, True),
    ],
)
def test_it_is_our_own_trouble_if_nobody_at_all_answers(answers: list[bool], success: int | None, ours: bool) -> None:
    """Fails if either kind of answer is left out."""
    assert is_our_own_trouble(answers, None if success is None else NOW - success * DAY, NOW) is ours
