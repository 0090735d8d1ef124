"""What to say, from what the world was told and what is true now. Pure: values in, steps out. ``reconcile`` calls it
with the ledger's row locked, and nothing else ever decides that something is sent.

====================  ==========================  ================  ========  =====================
last told \\ now       not public, or not shared   same fingerprint  changed   another publisher
====================  ==========================  ================  ========  =====================
never told            –                           create            create    create
live                  delete                      –                 update    delete, then create
withdrawn             –                           create, new id    the same  the same
====================  ==========================  ================  ========  =====================
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from federation.contract import Picture, Publication


class State(StrEnum):
    """What the world was last told; the words are the ledger's."""

    NEVER = "never"
    LIVE = "live"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Told:
    """``publisher`` and ``fingerprint`` are of the last telling; empty if there was none. ``quiet`` is the fingerprint
    after a change that nobody is to be told of; empty if there was none since."""

    state: State = State.NEVER
    publisher: str = ""
    fingerprint: str = ""
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Now:
    """What is public and shared at this moment: who publishes it, and what it looks like."""

    publisher: str
    fingerprint: str


# What a peer tells from the bytes but no reader sees: an image's address changes with every new rendition. That another
# image stands there is said by its original.
_UNSEEN = {(Picture, "url")}


def decide(told: Told, now: Now | None, *, boost: bool = False) -> tuple[Step, ...]:
    """The steps to take, in order. ``now`` is None while the public may not see it or its editor does not share it.
    ``boost``: somebody asked to share it anew, which only what stays out can be."""
    stays = told.state is State.LIVE and now is not None and now.publisher == told.publisher
    return _steps(told, now) + ((Step.BOOST,) if boost and stays else ())


def _steps(told: Told, now: Now | None) -> tuple[Step, ...]:
    if told.state is not State.LIVE:
        return () if now is None else (Step.CREATE,)
    if now is None:
        return (Step.DELETE,)
    if now.publisher != told.publisher:
        return (Step.DELETE, Step.CREATE)
    return () if is_told(told, now) else (Step.UPDATE,)


def is_told(told: Told, now: Now | None) -> bool:
    """Whether what is out looks like ``now``, or differs only in what nobody is to be told of."""
    if told.state is not State.LIVE or now is None or now.publisher != told.publisher:
        return False
    return now.fingerprint in (told.fingerprint, told.quiet)


# What all publishers together may send, in limits of a single one: a fault that speaks for everybody is stopped too.
ALL_TOGETHER = 5


@dataclass(frozen=True, slots=True)
class Traffic:
    """``sent`` is how many posts, changes and boosts the publisher sent within the hour, ``limit`` how many it may;
    ``sent_by_all`` is everybody's number. ``waiting`` says that this publication waits for a person already,
    ``approved`` that a person let it go."""

    sent: int
    limit: int
    sent_by_all: int = 0
    waiting: bool = False
    approved: bool = False

    @property
    def is_too_much(self) -> bool:
        return self.sent >= self.limit or self.sent_by_all >= self.limit * ALL_TOGETHER


def held_back(steps: tuple[Step, ...], traffic: Traffic) -> tuple[Step, ...]:
    """Those of ``steps`` that wait for a person, because a fault or an import might be speaking: everything but
    withdrawals, once the hour's number was reached. What waits goes on waiting when the hour is over."""
    if traffic.approved or not (traffic.waiting or traffic.is_too_much):
        return ()
    return tuple(step for step in steps if step is not Step.DELETE)


def observed(publication: Publication | None) -> Now | None:
    return None if publication is None else Now(publication.publisher, fingerprint(publication))


def fingerprint(publication: Publication) -> str:
    """64 hex digits, equal for publications that look the same to every reader. Fields with their default value do not
    count, so that a field which a later version adds does not make everything look changed."""
    plain = json.dumps(_plain(publication), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if (type(value), field.name) not in _UNSEEN
            and (field.default is MISSING or getattr(value, field.name) != field.default)
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value
