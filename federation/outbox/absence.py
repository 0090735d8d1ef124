"""How long somebody who is not there is waited for. Pure, with the clock given, so that ninety days pass in a test.
``lost_inboxes`` asks after people, ``silent_servers`` after whole servers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

# A person: 404 on three askings over seven days (OU-08). One bad day of their server is not enough.
ASKINGS, SPREAD = 3, timedelta(days=7)
# A server: probed once a week after a week of failures; its followers are kept for ninety days (OU-10).
FAILING = EVERY = timedelta(days=7)
KEPT = timedelta(days=90)
# When a server began to fail says nothing about today, if nothing was sent since: probes must have failed lately, too.
PROBES = 2
# What lies further apart is not in a row: we were away ourselves, or had no reason to ask.
_STALE = timedelta(days=21)
_LATELY = timedelta(days=7)


def in_a_row(before: int, last: datetime | None, now: datetime) -> int:
    """How many failures in a row with the present one: ``before`` until ``last``."""
    return before + 1 if last is not None and now - last <= _STALE else 1


def is_lost(count: int, since: datetime, now: datetime) -> bool:
    """Whether somebody is let go whose document was missing ``count`` times in a row, first at ``since``, last now."""
    return count >= ASKINGS and now - since >= SPREAD


def is_dead(failing_since: datetime, probes: int, now: datetime) -> bool:
    """Whether the followers at a server are let go: ``probes``, a week apart, failed in a row, the last one now."""
    return now - failing_since >= KEPT and probes >= PROBES


def is_our_own_trouble(answers: Iterable[bool], last_success: datetime | None, now: datetime) -> bool:
    """Whether it must be our network that is down, since nobody at all answers: neither the servers that were just
    asked, nor (``last_success`` is the newest of all servers) anybody within a week."""
    return not any(answers) and (last_success is None or now - last_success > _LATELY)
