"""What a pump hands to its threads and gets back: plain values, so that no thread ever touches the database."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from federation.signatures.sign import Scheme, Signer

from .health import Health
from .retry import Outcome


@dataclass(frozen=True, slots=True)
class Body:
    """An activity as everybody gets it, and its SHA-256, made once (SO-12)."""

    data: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery. ``first_attempt`` is of the row before it was taken, None if this is the first; ``signer`` is None
    where our own key cannot be read; ``lasting`` is for :class:`~.retry.Progress`."""

    id: int
    inbox: str
    lane: str
    body: Body
    signer: Signer | None
    attempts: int
    first_attempt: datetime | None
    attempted_at: datetime | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """``status`` is the last answer's, None if there was none; ``error`` is empty when it was accepted; ``scheme`` is
    the one that the server took."""

    item: Item
    outcome: Outcome
    status: int | None = None
    error: str = ""
    scheme: Scheme | None = None


@dataclass(slots=True)
class Destination:
    """A leased server with what is due there: at most one item per lane, so any order is right and several at once are
    too. ``good_until`` is on the pump's monotonic clock; ``halted`` stops its threads before their next item."""

    origin: str
    token: uuid.UUID
    health: Health
    items: deque[Item]
    width: int
    good_until: float
    touched: float
    runners: int = 0
    halted: bool = False
    failed_here: set[str] = field(default_factory=set)
