"""How handling ended. A refusal is an answer: whatever is not done has a reason, which is stored beside it and shown in
the admin. Handlers return it, ``dispatch`` stores it."""

from __future__ import annotations

from dataclasses import dataclass

from federation.models import InboundActivity

State = InboundActivity.State


@dataclass(frozen=True, slots=True)
class Outcome:
    state: InboundActivity.State
    reason: str = ""


def done(what: str = "") -> Outcome:
    return Outcome(State.DONE, what)


def ignored(why: str) -> Outcome:
    return Outcome(State.IGNORED, why)


def failed(why: str) -> Outcome:
    return Outcome(State.FAILED, why)
