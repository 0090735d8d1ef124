"""What follows from one attempt at a delivery: done, again later, or never; and whether the whole server should rest.
Pure, with the clock and the dice given, so that a week passes in a test. ``outcomes`` calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from federation.vocab.kinds import Kind


class Result(StrEnum):
    """What an attempt came to. ``RESTS``: time-out, TLS, DNS, no connection, 429, 503: the whole server is in trouble.
    ``FAILED``: anything else that may pass, and concerns one lane only. ``FORBIDDEN``: our own guard said no."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    RESTS = "rests"
    PERMANENT = "permanent"
    FORBIDDEN = "forbidden"


class Fate(StrEnum):
    """The ledger's words."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``retry_after`` is what the server asked for, in seconds, already within bounds."""

    result: Result
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A delivery before the attempt in question: earlier attempts, and when the first one began. ``lasting``: as
    :func:`is_lasting` says."""

    attempts: int
    first_attempt: datetime
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """``at`` is when to try again, for WAITING only."""

    fate: Fate
    at: datetime | None = None


# Again after these (OU-07), and then once a day.
_SCHEDULE = tuple(timedelta(seconds=s) for s in (30, 120, 480, 1800, 3600, 7200, 14400, 28800, 43200, 86400))
# The n-th rest in a row: a hiccup costs half a minute; from the fourth on the breaker is open, 30 minutes, doubled to
# 12 hours (OU-09). Each rest ends with one probe.
_RESTS = tuple(timedelta(seconds=s) for s in (30, 120, 480, 1800, 3600, 7200, 14400, 28800, 43200))
BREAKER_OPENS_AT = 3
LIFETIME = timedelta(days=7)
LASTING_LIFETIME = timedelta(days=90)
# So many failures without a success between them, and it is the server.
_THAT_TELL = 3
_SHORTEST, _LONGEST = 1.0, 86400.0

# Sending it again would be answered alike. 403, 404, 405 and 501 are not here: firewalls, moved inboxes and broken
# deployments say them for a day.
_PERMANENT = frozenset({400, 410, 413, 415, 422})
_RESTING = frozenset({429, 503})
# Said before anybody looked at the activity: by a firewall, a router, a limiter, or for want of our key. Not 5xx: a
# server behind a proxy that says 502 or 504 may have taken it, and what may be out must be withdrawn.
UNHEARD = frozenset({401, 403, 404, 405, 429})
KNOCK_AGAIN = frozenset({400, 401})  # the statuses that a signature scheme may be the reason for (SO-06)


def classify(status: int) -> Result:
    """What a status means, after both signature schemes were tried where that helps."""
    if 200 <= status < 300:
        return Result.ACCEPTED
    if status in _RESTING:
        return Result.RESTS
    return Result.PERMANENT if status in _PERMANENT else Result.FAILED


def is_lasting(kind: str, about_object: bool) -> bool:
    """Whether it is worth ninety days: a Delete, and the Update of a profile, so that a server that comes back after
    weeks gets the newest one (OU-10). The newest of those that were not tried replaces the others, so two at most wait
    per actor and inbox. ``deliver.expire`` says the same in SQL."""
    return kind == Kind.DELETE or (kind == Kind.UPDATE and not about_object)


def next_step(outcome: Outcome, progress: Progress, now: datetime, jitter: float) -> Verdict:
    """``jitter`` is from 0 to 1: the wait is between half and one and a half of the schedule's, so that peers that
    failed together do not come back together."""
    if outcome.result is Result.ACCEPTED:
        return Verdict(Fate.ACCEPTED)
    if outcome.result in (Result.PERMANENT, Result.FORBIDDEN):
        return Verdict(Fate.REFUSED)
    lifetime = LASTING_LIFETIME if progress.lasting else LIFETIME
    if now - progress.first_attempt >= lifetime:
        return Verdict(Fate.EXPIRED)
    wait = _SCHEDULE[min(progress.attempts, len(_SCHEDULE) - 1)] * (0.5 + jitter)
    asked = timedelta(seconds=outcome.retry_after or 0)
    return Verdict(Fate.WAITING, now + max(wait, asked))


def tells_of_the_server(lanes: int, inboxes: int, *, shares_inbox: bool) -> bool:
    """Whether failures in so many lanes and at so many inboxes, without a success between them, are the whole server's.
    One lane alone may be a post that it cannot read; one inbox alone somebody who is gone, unless all share it."""
    return lanes >= _THAT_TELL and (shares_inbox or inboxes >= _THAT_TELL)


def rest_until(rests: int, retry_after: float | None, now: datetime, jitter: float) -> datetime:
    """When a server that rested ``rests`` times in a row may be probed. Its own wish is followed; once the breaker is
    open, only if it is the later, or a server that always says "in a second" would be asked every second."""
    wait = _RESTS[min(rests, len(_RESTS) - 1)] * (0.75 + jitter / 2)
    if retry_after is None:
        return now + wait
    asked = timedelta(seconds=retry_after)
    return now + (asked if rests < BREAKER_OPENS_AT else max(wait, asked))


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header, which has seconds or a date; at least one second, at most a day. None where
    there is none or it cannot be read."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return min(max(float(text[:9]), _SHORTEST), _LONGEST)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max((date - now).total_seconds(), _SHORTEST), _LONGEST)
