"""Somebody whom one of ours asked says no, or has had enough of a follower that was accepted before (IN-06)."""

from __future__ import annotations

from datetime import datetime

from federation.inbox.answers import find_asked
from federation.inbox.brought import Brought
from federation.inbox.outcome import Outcome, done, ignored
from federation.models import Following
from federation.vocab.parse import ParsedActivity


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    following = find_asked(activity)
    if following is None:
        return ignored("it answers no follow of ours")
    following.state, following.answered_at = Following.State.REJECTED, now
    following.save(update_fields=["state", "answered_at"])
    return done("refused")
