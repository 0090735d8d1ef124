"""Lists as CSV and XLSX. Names and words come from strangers, and a spreadsheet takes what begins like a formula for
one and runs it on the machine of whoever opens the file."""

from __future__ import annotations

import re
from typing import Any

from django.utils.encoding import force_str
from wagtail.admin.views.mixins import SpreadsheetExportMixin

# Also as wide characters, which East Asian spreadsheets take for the same.
_BEGINS_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# What no XLSX may hold (XML 1.0, section 2.2), and what nobody can read in a CSV either.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def harmless(text: str) -> str:
    """The text as it may stand in a CSV: an apostrophe before what would begin a formula."""
    readable = _UNREADABLE.sub("", text)
    begins = readable.lstrip(" ")[:1]
    return f"'{readable}" if begins and begins in _BEGINS_A_FORMULA else readable


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else harmless(force_str(value))


def _text(value: Any) -> Any:
    return _UNREADABLE.sub("", value) if isinstance(value, str) else value


class SafeSpreadsheets(SpreadsheetExportMixin):
    """Before Wagtail's own in a view's bases. In an XLSX a text is a text, and Wagtail sees to that."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        found = super().preprocess_field_value(field, value, export_format)
        return _cell(found) if export_format == self.FORMAT_CSV else _text(found)
