"""Somebody published something. It is stored if one of ours follows them, and public (IN-07)."""

from __future__ import annotations

from datetime import datetime

from federation.inbox.brought import NOTHING, Brought
from federation.inbox.objects import fetch_said, is_followed, keep
from federation.inbox.outcome import Outcome, ignored
from federation.net.client import Client
from federation.vocab.parse import ParsedActivity


def fetch(activity: ParsedActivity, client: Client) -> Brought:
    return Brought(fetch_said(activity, client)) if is_followed(activity.actor) else NOTHING


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    if not is_followed(activity.actor):
        return ignored("nobody here follows the author")
    found = brought.get_said()
    if found.owner != activity.actor:
        return ignored("it belongs to somebody else")
    return keep(found, brought, now)
