"""Dates in words."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from cms.dates import Precision, day_text, moment_text, period_text

MAY_30, MAY_31, JUNE_2 = date(2022, 5, 30), date(2022, 5, 31), date(2022, 6, 2)


@pytest.mark.parametrize(("language", "words"), [("de", "30. Mai 2022"), ("es", "30 de mayo de 2022")])
def test_a_day_is_written_as_its_language_does(language: str, words: str) -> None:
    with translation.override(language):
        assert day_text(MAY_30) == words


def test_a_moment_of_this_year_has_its_hour() -> None:
    assert moment_text(datetime(2022, 5, 30, 14, 5, tzinfo=UTC)) == "30 May, 14:05"


def test_a_day_is_written_with_its_year() -> None:
    assert day_text(MAY_30) == "30 May 2022"


@pytest.mark.parametrize(
    ("start", "end", "precision", "words"),
    [
        (MAY_30, None, Precision.DAY, "30 May 2022"),
        (MAY_30, MAY_30, Precision.DAY, "30 May 2022"),
        (MAY_30, MAY_31, Precision.DAY, "30–31 May 2022"),
        (MAY_30, JUNE_2, Precision.DAY, "30 May – 2 June 2022"),
        (date(2022, 12, 31), date(2023, 1, 1), Precision.DAY, "31 December 2022 – 1 January 2023"),
        (MAY_30, MAY_31, Precision.MONTH, "May 2022"),
        (MAY_30, JUNE_2, Precision.MONTH, "May 2022 – June 2022"),
        (MAY_30, JUNE_2, Precision.YEAR, "2022"),
        (MAY_30, date(2023, 1, 1), Precision.YEAR, "2022–2023"),
        (MAY_30, None, Precision.UNKNOWN, ""),
        (None, None, Precision.DAY, ""),
    ],
)
def test_a_period_is_never_more_exact_than_anybody_knows(
    start: date | None, end: date | None, precision: Precision, words: str
) -> None:
    assert period_text(start, end, precision) == words
