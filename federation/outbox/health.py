"""How a server has been doing, while a pump holds its lease. Pure bookkeeping over :mod:`.retry`: each attempt's
outcome changes it, and ``outcomes`` writes it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from federation.signatures.sign import Scheme

from .retry import Outcome, Result, rest_until, tells_of_the_server

# After this a server is greeted as a stranger again: most learn the newer scheme sooner or later, some unlearn it.
SCHEME_LASTS = timedelta(days=7)


class Sent(Protocol):
    """What is looked at of a delivery."""

    @property
    def lane(self) -> str: ...

    @property
    def inbox(self) -> str: ...


@dataclass(slots=True)
class Failures:
    """What has failed since the last success, lanes and inboxes each by themselves. ``shares_inbox``: there is one for
    all who live there."""

    shares_inbox: bool = False
    lanes: set[str] = field(default_factory=set)
    inboxes: set[str] = field(default_factory=set)

    @property
    def tell(self) -> bool:
        return tells_of_the_server(len(self.lanes), len(self.inboxes), shares_inbox=self.shares_inbox)

    def add(self, lane: str, inbox: str) -> None:
        self.lanes.add(lane)
        self.inboxes.add(inbox)

    def clear(self) -> None:
        self.lanes.clear()
        self.inboxes.clear()


@dataclass(slots=True)
class Health:
    """``holds`` counts rests in a row; while it is not 0, the breaker is open and one probe goes at a time."""

    holds: int = 0
    held_until: datetime | None = None
    reason: str = ""
    last_success: datetime | None = None
    failing_since: datetime | None = None
    scheme: str = ""
    scheme_learned: datetime | None = None
    failures: Failures = field(default_factory=Failures)
    rested: bool = False  # under this lease: several sends may be under way when the first one tells

    @property
    def open(self) -> bool:
        return self.holds > 0

    def scheme_at(self, now: datetime) -> Scheme:
        """What to sign with first: what the server took within seven days, else cavage, which all but the newest
        servers know."""
        recent = self.scheme_learned is not None and now - self.scheme_learned < SCHEME_LASTS
        return Scheme(self.scheme) if recent and self.scheme in set(Scheme) else Scheme.CAVAGE

    def note(self, outcome: Outcome, item: Sent, reason: str, now: datetime, jitter: float) -> bool:
        """Takes an outcome into account. True if the server is to rest from now on."""
        if outcome.result is Result.ACCEPTED:
            self._recover(now)
            return False
        if outcome.result is Result.FAILED:
            self.failures.add(item.lane, item.inbox)
        if outcome.result in (Result.FAILED, Result.RESTS):
            self.failing_since = self.failing_since or now
        if outcome.result is Result.RESTS or self.failures.tell or self.open:
            # Only a 2xx closes the breaker: a probe that is answered with 404 or 410 shows that somebody is there, not
            # that anything is taken.
            if not self.rested:
                self.held_until = rest_until(self.holds, outcome.retry_after, now, jitter)
                self.reason = reason[:255]
                self.holds += outcome.result in (Result.RESTS, Result.FAILED)
            self.rested = True
            return True
        return False

    def learn(self, scheme: Scheme, now: datetime) -> None:
        """The scheme that was just accepted. An old memory is renewed only when it has run out, so that a server is
        tried with cavage now and then."""
        if scheme != self.scheme or self.scheme_learned is None or now - self.scheme_learned >= SCHEME_LASTS:
            self.scheme, self.scheme_learned = str(scheme), now

    def _recover(self, now: datetime) -> None:
        self.holds, self.held_until, self.reason = 0, None, ""
        self.failing_since, self.last_success = None, now
        self.failures.clear()
        self.rested = False
