"""Somebody whom one of ours follows boosts something. It is fetched from its own host, whatever came along (IN-12), and
kept under its author (IN-13)."""

from __future__ import annotations

from datetime import datetime

from federation.actors.remote import is_ours
from federation.inbox.objects import fetch_author, fetch_object, is_followed, keep
from federation.inbox.outcome import Outcome, done, ignored
from federation.inbox.screen import is_welcome
from federation.models import RemoteObject
from federation.vocab.parse import ParsedActivity


def handle(activity: ParsedActivity, now: datetime) -> Outcome:
    uri = activity.object_uri
    if uri is None:
        return ignored("it does not say what is boosted")
    if is_ours(uri):
        return ignored("not handled yet: Announce of something of ours")
    if not is_followed(activity.actor):
        return ignored("nobody here follows the one who boosts")
    if not is_welcome(uri):
        return ignored("blocked")
    booster = fetch_author(activity.actor, now)
    known = RemoteObject.objects.filter(uri=uri, withdrawn_at=None)
    if known.exists():
        known.filter(shared_by=None).update(shared_by=booster)
        return done("boosted; it is here already")
    found = fetch_object(uri)
    if found.owner is not None and not is_welcome(found.owner):
        return ignored("blocked")
    return keep(found, now, shared_by=booster)
