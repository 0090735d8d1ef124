"""One line per event."""

from __future__ import annotations

import logging
import sys

from config.logs import OneLine


def test_a_message_with_line_breaks_stays_one_event() -> None:
    record = logging.LogRecord("cms", logging.INFO, "", 0, "first\nERROR forged", (), None)
    assert OneLine("%(levelname)s %(message)s").format(record) == "INFO first | ERROR forged"


def test_a_traceback_stays_in_the_line_of_its_event() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("cms", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    line = OneLine("%(levelname)s %(message)s").format(record)
    assert line.startswith("ERROR failed | Traceback")
    assert line.endswith("| ValueError: broken")


def test_what_a_stranger_sent_leaves_no_traceback() -> None:
    """Fails if such events are written like others: Django logs a wrong Host as an error with its traceback."""
    try:
        raise ValueError("wrong host")
    except ValueError:
        facts = (logging.ERROR, "", 0, "Invalid HTTP_HOST header", (), sys.exc_info())
        record = logging.LogRecord("django.security.DisallowedHost", *facts)
    assert OneLine("%(levelname)s %(message)s").format(record) == "ERROR Invalid HTTP_HOST header"
    assert record.exc_info, "other handlers still have it"
