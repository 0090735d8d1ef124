"""What a pump hands to its threads and gets back: plain values, so that no thread ever touches the database."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from federation.signatures.sign import Scheme, Signer

from .health import Failures, Health
from .retry import Outcome


@dataclass(frozen=True, slots=True)
class Body:
    """An activity as everybody gets it, and its SHA-256, made once (SO-12)."""

    data: bytes
    digest: bytes


class Standing(StrEnum):
    """Of a server towards an actor whose keys are being changed: it ``KNOWS`` the new key, or ``HOLDS`` the former."""

    KNOWS = "knows"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Rotation:
    """``former_row`` is the former key's, ``standing`` what is believed of the server. ``other`` signs where the item's
    own signer is refused. ``tells``: the activity itself announces the new key."""

    current: Signer
    other: Signer
    former_row: int
    standing: Standing
    tells: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery. ``first_attempt`` and ``unheard`` are of the row before it was taken; None if this is the first
    attempt. ``signer`` is None where our own key cannot be read; ``lasting`` is for :class:`~.retry.Progress`;
    ``rotation`` is set while the actor's keys are being changed."""

    id: int
    inbox: str
    lane: str
    body: Body
    signer: Signer | None
    attempts: int
    first_attempt: datetime | None
    attempted_at: datetime | None
    unheard: bool
    lasting: bool
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """``status`` is the last answer's, None if there was none; ``error`` is empty when it was accepted; ``scheme`` and
    ``signer`` are those that the server took. ``unheard``: nothing was sent, or the server said that it does not take
    it."""

    item: Item
    outcome: Outcome
    status: int | None = None
    error: str = ""
    scheme: Scheme | None = None
    signer: Signer | None = None
    unheard: bool = False

    @property
    def standing(self) -> Standing | None:
        """What a rotation learns from it; None where that is nothing new."""
        rotation = self.item.rotation
        if rotation is None or self.signer is None:
            return None
        standing = Standing.KNOWS if rotation.tells or self.signer == rotation.current else Standing.HOLDS
        return None if standing is rotation.standing else standing


@dataclass(slots=True)
class Destination:
    """A leased server with what is due there: at most one item per lane, so any order is right and several at once are
    too. ``good_until`` is on the pump's monotonic clock, ``ends`` on everybody's: the one stands still while a machine
    sleeps, the other may be set back. ``halted`` stops its threads before their next item."""

    origin: str
    token: uuid.UUID
    health: Health
    items: deque[Item]
    width: int
    good_until: float
    ends: datetime
    touched: float
    runners: int = 0
    halted: bool = False
    failed_here: Failures = field(default_factory=Failures)
