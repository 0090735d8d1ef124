"""How often readers may have this site ask other servers, and that nobody could tell afterwards who did."""

from __future__ import annotations

import pytest

from federation.net.allowance import Allowance, Answer, network_block

YES, TOO_MANY, BUSY = Answer.YES, Answer.TOO_MANY, Answer.BUSY


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(allowance: Allowance, asker: str) -> Answer:
    with allowance.asking(asker) as answer:
        return answer


def test_one_block_gets_so_many_and_another_is_not_in_its_way(clock: Clock) -> None:
    """Fails if blocks are not told apart, or never counted."""
    allowance = Allowance(block=2, altogether=9, monotonic=clock)
    assert [ask(allowance, f"192.0.2.{n}") for n in range(3)] == [YES, YES, TOO_MANY]
    assert ask(allowance, "198.51.100.1") is YES


def test_all_together_get_so_many(clock: Clock) -> None:
    allowance = Allowance(block=2, altogether=3, monotonic=clock)
    assert [ask(allowance, f"10.0.{n}.1") for n in range(5)] == [YES, YES, YES, TOO_MANY, TOO_MANY]


def test_who_was_refused_takes_nothing_from_the_others(clock: Clock) -> None:
    allowance = Allowance(block=1, altogether=2, monotonic=clock)
    assert [ask(allowance, "10.0.0.1") for _ in range(5)] == [YES, *[TOO_MANY] * 4]
    assert ask(allowance, "10.0.1.1") is YES


@pytest.mark.parametrize("later", [600.0, -1.0])
def test_it_begins_anew_when_the_time_is_over(clock: Clock, later: float) -> None:
    """Also after a clock that went back. Fails if the window never ends."""
    allowance = Allowance(block=1, window=600, monotonic=clock)
    assert [ask(allowance, "10.0.0.1") for _ in range(2)] == [YES, TOO_MANY]
    clock.now += later
    assert ask(allowance, "10.0.0.1") is YES


def test_only_so_many_wait_for_an_answer_at_once(clock: Clock) -> None:
    """Or servers that never answer would keep every thread of the web server. Fails without the places."""
    allowance = Allowance(at_once=1, monotonic=clock)
    with allowance.asking("10.0.0.1") as first:
        assert (first, ask(allowance, "10.0.1.1")) == (YES, BUSY)
    assert ask(allowance, "10.0.1.1") is YES


def test_a_place_is_free_again_after_an_error(clock: Clock) -> None:
    allowance = Allowance(at_once=1, monotonic=clock)
    with pytest.raises(RuntimeError), allowance.asking("10.0.0.1"):
        raise RuntimeError
    assert ask(allowance, "10.0.0.1") is YES


def test_what_is_remembered_names_nobody(clock: Clock) -> None:
    """Fails if addresses are keys, or if the salt is always the same."""
    allowance = Allowance(monotonic=clock)
    ask(allowance, "192.0.2.7")
    first = set(allowance._blocks)
    clock.now += 10_000
    ask(allowance, "192.0.2.7")
    assert first != set(allowance._blocks)
    assert "192.0.2" not in repr(vars(allowance))


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_neighbours_share_a_block(address: str, block: str) -> None:
    assert network_block(address) == block
