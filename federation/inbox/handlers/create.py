"""Somebody published something. It is stored if one of ours follows them, and public (IN-07)."""

from __future__ import annotations

from datetime import datetime

from federation.inbox.objects import fetch_said, is_followed, keep
from federation.inbox.outcome import Outcome, ignored
from federation.vocab.parse import ParsedActivity


def handle(activity: ParsedActivity, now: datetime) -> Outcome:
    if not is_followed(activity.actor):
        return ignored("nobody here follows the author")
    found = fetch_said(activity)
    if found.owner != activity.actor:
        return ignored("it belongs to somebody else")
    return keep(found, now)
