"""Dates as readers see them: always with a year, and never more exact than anybody knows (D8). Pure."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from django.utils.dateformat import format as format_date
from django.utils.translation import pgettext


class Precision(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


def day_text(day: date) -> str:
    """“30 May 2022”."""
    return format_date(day, pgettext("format of a day, see Django's date filter", "j F Y"))


def moment_text(moment: datetime) -> str:
    """“30 May, 14:05”, in the zone that ``moment`` is in."""
    return format_date(moment, pgettext("format of a moment of this year", "j F, H:i"))


def period_text(start: date | None, end: date | None, precision: Precision) -> str:
    """“30–31 May 2022”, “30 May – 2 June 2022”, “May 2022”, “2022”; empty if the date is unknown."""
    if start is None or precision is Precision.UNKNOWN:
        return ""
    return _WRITERS[precision](start, end or start)


def _days(start: date, end: date) -> str:
    if start == end:
        return day_text(end)
    if (start.year, start.month) == (end.year, end.month):
        first = format_date(start, pgettext("format of the first of several days of one month, before a dash", "j"))
        return f"{first}–{day_text(end)}"
    without_year = pgettext("format of a day without its year", "j F")
    first = format_date(start, without_year) if start.year == end.year else day_text(start)
    return f"{first} – {day_text(end)}"


def _months(start: date, end: date) -> str:
    pattern = pgettext("format of a month", "F Y")
    first, last = format_date(start, pattern), format_date(end, pattern)
    return last if first == last else f"{first} – {last}"


def _years(start: date, end: date) -> str:
    return str(end.year) if start.year == end.year else f"{start.year}–{end.year}"


_WRITERS = {Precision.DAY: _days, Precision.MONTH: _months, Precision.YEAR: _years}
