"""One line per event on standard error, ready for journald. Messages are written to hold no personal data: the access
log stays off, and no address of a reader is ever logged."""

from __future__ import annotations

import copy
import logging
import time
from typing import Any


class OneLine(logging.Formatter):
    """``2026-03-04T05:06:07Z INFO federation.outbox message``, a traceback included, joined with `` | ``. An event that
    spread over lines could be forged by whoever chose part of its text."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = ""

    def format(self, record: logging.LogRecord) -> str:
        # A wrong Host, a redirect too long: what a stranger sent is no fault of ours, and whoever scans the net would
        # fill the log with tracebacks.
        if record.name.startswith("django.security."):
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return " | ".join(line.strip() for line in super().format(record).splitlines() if line.strip())


def logging_config(level: str) -> dict[str, Any]:
    """Django's ``LOGGING`` for a level such as ``"INFO"``."""
    quiet = "WARNING" if level == "INFO" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "config.logs.OneLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django adds handlers of its own (mail to admins, a console in DEBUG); everything goes one way here.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # One line per job and several per start: a busy instance would say nothing else.
            "procrastinate": {"level": quiet},
            "django_tasks": {"level": quiet},
            # An address that does not exist is the visitor's news, not the operator's.
            "django.request": {"level": "ERROR"},
        },
    }
