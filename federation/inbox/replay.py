"""Which activity is this, and was it here before? The database's unique (signer, identity) is the judge; this file only
says what the identity is, and how long it is remembered. ``receive`` calls it, and the nightly clean-up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from federation.models import InboundActivity
from federation.vocab.parse import ParsedActivity

# What these do depends on what is so now, not on whether their id was seen: Takahē uses one Follow id and one Undo id
# for every follow of the same two, so that a new follow would be lost for ever (PROTOCOL §24).
BY_STATE = frozenset({"Follow", "Undo"})
KEPT = timedelta(days=30)
# PostgreSQL indexes at most 2,704 bytes per row, signer included.
_LONGEST = 1024


def identity(activity: ParsedActivity, occasion: str) -> str:
    """At most 1,100 bytes, unique per signer (SV-13): the id if it lies on the actor's host, else a hash of the facts.

    A Follow or Undo adds ``occasion``, the request that its actor signed: the same request again is a replay, a newly
    signed one is news. Without an occasion anybody may have sent it, at any time, so its id counts alone.
    """
    name = activity.uri or _hash(_facts(activity))
    if len(name.encode()) > _LONGEST:
        name = _hash(name)
    return f"{name} {occasion}" if occasion and activity.kind in BY_STATE else name


def came_signed(signer: str, activity: ParsedActivity) -> bool:
    """Whether a Follow or Undo came before in a request that its actor signed. Brought again with nothing but its
    proof, by whoever got hold of it, it would undo what the actor did since."""
    if activity.kind not in BY_STATE:
        return False
    name = identity(activity, "")
    return InboundActivity.objects.filter(signer=signer, identity__startswith=f"{name} ").exists()


def forget_old(now: datetime) -> int:
    """Deletes what was handled and is older than thirty days; how many."""
    waiting = InboundActivity.State.WAITING
    return InboundActivity.objects.filter(received_at__lt=now - KEPT).exclude(state=waiting).delete()[0]


def _facts(activity: ParsedActivity) -> list[Any]:
    subject = activity.object if activity.object is not None else activity.object_uri
    return [activity.actor, activity.kind, subject, activity.target, activity.raw.get("published")]


def _hash(value: Any) -> str:
    return f"sha256:{sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()}"
