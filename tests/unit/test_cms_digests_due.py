"""When a digest is due."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cms.digests.due import Due, Kind, due

MONDAY, TUESDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 22)
PACES = {Kind.SCHEDULED: "at-once", Kind.APPROVAL: "daily", Kind.DELIVERY: "weekly", Kind.FOLLOWERS: "off"}
DAILY = Due(frozenset({Kind.APPROVAL}), daily=True)
BOTH = Due(frozenset({Kind.APPROVAL, Kind.DELIVERY}), daily=True, weekly=True)


@pytest.mark.parametrize(
    ("local", "daily_on", "weekly_on", "expected"),
    [
        (datetime(2026, 11, 24, 6, 59, tzinfo=UTC), MONDAY, MONDAY, Due()),  # it is night
        (datetime(2026, 11, 24, 7, 0, tzinfo=UTC), MONDAY, MONDAY, DAILY),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), TUESDAY, MONDAY, Due()),  # they had one today
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), SUNDAY, SUNDAY, BOTH),  # nobody ran on Monday
        (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), SUNDAY, SUNDAY, BOTH),
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), date(2026, 11, 21), date(2026, 11, 16), DAILY),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), TUESDAY, MONDAY, Due()),  # they travelled west
        (
            datetime(2027, 1, 1, 9, 0, tzinfo=UTC),
            date(2026, 12, 31),
            date(2026, 12, 28),
            DAILY,
        ),  # the week of the year before
        (datetime(2027, 1, 4, 9, 0, tzinfo=UTC), date(2027, 1, 3), date(2026, 12, 28), BOTH),
    ],
)
def test_a_digest_is_due_once_a_day_in_the_morning_and_once_a_week(
    local: datetime, daily_on: date, weekly_on: date, expected: Due
) -> None:
    """Fails without the hour, the day or the week."""
    assert due(PACES, local, daily_on, weekly_on) == expected


def test_at_once_and_off_are_in_no_digest() -> None:
    assert not {Kind.SCHEDULED, Kind.FOLLOWERS} & BOTH.kinds
