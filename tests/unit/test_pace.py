"""How fast servers without a shared inbox are sent to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from federation.outbox.pace import BURST, LEAST, TURN, allowance, latest_worth_a_lease, spend

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
# GoToSocial's default: so many requests of all kinds within so long.
LIMIT, WINDOW = 300, timedelta(minutes=5)
FOR_FETCHES = 30


def test_a_server_that_nothing_was_sent_to_has_its_whole_burst() -> None:
    assert allowance(None, NOW) == BURST
    assert allowance(NOW - timedelta(days=1), NOW) == BURST


def test_what_was_sent_comes_back_turn_by_turn() -> None:
    """Fails if a part of a turn counts as a whole one."""
    full = spend(None, BURST, NOW)
    just_before = NOW + 3 * TURN - timedelta(microseconds=1)
    assert [allowance(full, moment) for moment in (NOW, just_before, NOW + 3 * TURN)] == [0, 2, 3]


def test_a_long_rest_gives_no_more_than_one_burst() -> None:
    """Fails if ``spend`` starts from the old moment."""
    full = spend(NOW, BURST, NOW + timedelta(days=1))
    assert allowance(full, NOW + timedelta(days=1)) == 0


def test_the_moment_up_to_which_a_lease_is_worth_it_is_that_of_the_least() -> None:
    moment = latest_worth_a_lease(NOW)
    assert allowance(moment, NOW) == LEAST
    assert allowance(moment + timedelta(microseconds=1), NOW) == LEAST - 1


@example([(20_000, BURST)] * 40)
@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(1, BURST)), min_size=1, max_size=200))
def test_whenever_somebody_looks_no_window_has_more_than_a_peer_allows(looks: list[tuple[int, int]]) -> None:
    """``looks`` are milliseconds since the last look and how many are wanted. Fails with a turn of a second."""
    now, full, sent = NOW, None, []
    for waited, wanted in looks:
        now += timedelta(milliseconds=waited)
        count = min(wanted, allowance(full, now))
        if count:
            full = spend(full, count, now)
            sent += [now] * count
    for start in set(sent):
        assert sum(start <= moment < start + WINDOW for moment in sent) <= LIMIT - FOR_FETCHES
