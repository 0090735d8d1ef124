"""Somebody whom one of ours asked says yes. Nothing counts as followed before that (Pixelfed CVE-2025-30741)."""

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
    if following.state == Following.State.REJECTED:
        return ignored("it was refused before")
    following.state, following.answered_at = Following.State.ACCEPTED, now
    following.save(update_fields=["state", "answered_at"])
    return done("following")
