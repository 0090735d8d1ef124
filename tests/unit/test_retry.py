"""What follows from an attempt, over a week of simulated time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.outbox.retry import (
    Fate,
    Outcome,
    Progress,
    Result,
    Verdict,
    classify,
    is_lasting,
    next_step,
    read_retry_after,
    rest_until,
    tells_of_the_server,
)

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FAILED, RESTS = Outcome(Result.FAILED), Outcome(Result.RESTS)
HALF = 0.5  # of the dice: exactly the schedule


@pytest.mark.parametrize(
    ("status", "result"),
    [
        *[(status, Result.ACCEPTED) for status in (200, 201, 202, 204)],
        *[(status, Result.RESTS) for status in (429, 503)],
        *[(status, Result.PERMANENT) for status in (400, 410, 413, 415, 422)],
        *[(status, Result.FAILED) for status in (301, 302, 401, 403, 404, 405, 406, 408, 425, 500, 501, 502, 504)],
    ],
)
def test_every_status_has_its_meaning(status: int, result: Result) -> None:
    assert classify(status) is result


@pytest.mark.parametrize(
    ("result", "fate"),
    [(Result.ACCEPTED, Fate.ACCEPTED), (Result.PERMANENT, Fate.REFUSED), (Result.FORBIDDEN, Fate.REFUSED)],
)
def test_what_is_decided_is_not_tried_again(result: Result, fate: Fate) -> None:
    assert next_step(Outcome(result), Progress(0, START), START, HALF) == Verdict(fate)


def test_the_schedule() -> None:
    waits = [next_step(FAILED, Progress(n, START), START, HALF).at - START for n in range(12)]
    minutes = [wait / timedelta(minutes=1) for wait in waits]
    assert minutes == [0.5, 2, 8, 30, 60, 120, 240, 480, 720, 1440, 1440, 1440]


@pytest.mark.parametrize(("dice", "seconds"), [(0.0, 15), (1.0, 45)])
def test_the_dice_spread_the_wait_from_half_to_one_and_a_half(dice: float, seconds: int) -> None:
    assert next_step(FAILED, Progress(0, START), START, dice).at == START + timedelta(seconds=seconds)


def test_a_peer_that_is_down_for_three_days_still_gets_everything() -> None:
    now, attempts = START, 0
    while now < START + timedelta(days=3):
        verdict = next_step(FAILED, Progress(attempts, START), now, HALF)
        assert verdict.fate is Fate.WAITING
        now, attempts = verdict.at, attempts + 1
    assert attempts <= 16


def test_seven_days_are_enough() -> None:
    now = START + timedelta(days=7)
    assert next_step(FAILED, Progress(12, START), now, HALF) == Verdict(Fate.EXPIRED)
    assert next_step(FAILED, Progress(12, START), now - timedelta(seconds=1), HALF).fate is Fate.WAITING


def test_what_is_lasting_is_kept_for_ninety_days() -> None:
    progress = Progress(30, START, lasting=True)
    assert next_step(RESTS, progress, START + timedelta(days=89), HALF).fate is Fate.WAITING
    assert next_step(RESTS, progress, START + timedelta(days=90), HALF).fate is Fate.EXPIRED


@pytest.mark.parametrize(
    ("kind", "about_object", "lasting"),
    [
        ("Delete", True, True),
        ("Delete", False, True),
        ("Update", False, True),
        ("Update", True, False),
        ("Create", True, False),
        ("Follow", False, False),
    ],
)
def test_withdrawals_and_changes_of_a_profile_are_lasting(kind: str, about_object: bool, lasting: bool) -> None:
    """Fails if Updates of publications are taken along."""
    assert is_lasting(kind, about_object) is lasting


def test_what_the_server_asks_for_is_granted_where_it_is_longer() -> None:
    asked = Outcome(Result.FAILED, retry_after=300)
    assert next_step(asked, Progress(0, START), START, HALF).at == START + timedelta(minutes=5)
    assert next_step(asked, Progress(3, START), START, HALF).at == START + timedelta(minutes=30)


def test_rests_grow_from_half_a_minute_to_twelve_hours() -> None:
    minutes = [(rest_until(n, None, START, HALF) - START) / timedelta(minutes=1) for n in range(11)]
    assert minutes == [0.5, 2, 8, 30, 60, 120, 240, 480, 720, 720, 720]


def test_a_server_that_names_a_time_is_left_alone_until_then() -> None:
    assert rest_until(0, 5, START, HALF) == START + timedelta(seconds=5)
    assert rest_until(0, 7200, START, HALF) == START + timedelta(hours=2)


def test_a_server_that_always_says_in_a_second_is_not_asked_every_second() -> None:
    assert rest_until(3, 1, START, HALF) == START + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 1),
        ("9" * 40, 86400),
        ("Sun, 01 Mar 2026 12:10:00 GMT", 600),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 1),
        ("Sun, 01 Mar 2027 12:00:00 GMT", 86400),
        ("Sun, 01 Mar 2026 12:10:00 -0000", 600),
        ("Sun, 41 Mar 2026 12:10:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_bounds(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, START) == seconds


@pytest.mark.parametrize(
    ("lanes", "inboxes", "shares_inbox", "expected"),
    [
        (3, 3, False, True),
        (9, 1, False, False),  # somebody is gone
        (1, 9, False, False),  # a post that it cannot read
        (9, 2, False, False),
        (3, 1, True, True),
        (2, 2, True, False),
    ],
)
def test_failures_tell_of_a_server_only_where_neither_one_post_nor_one_person_explains_them(
    lanes: int, inboxes: int, shares_inbox: bool, expected: bool
) -> None:
    """Fails if either number alone decides."""
    assert tells_of_the_server(lanes, inboxes, shares_inbox=shares_inbox) is expected
