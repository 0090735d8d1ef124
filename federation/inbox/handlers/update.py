"""Somebody corrected what they published, or their own profile (IN-08)."""

from __future__ import annotations

from datetime import datetime, timedelta

from federation.actors.remote import fetch_actor, find_actor
from federation.inbox.objects import fetch_said, is_followed, keep
from federation.inbox.outcome import Outcome, done, ignored
from federation.models import RemoteObject
from federation.vocab.parse import ParsedActivity

# A correction of something older that never came is no news; it would be listed as if it were.
_STILL_NEWS = timedelta(days=1)


def handle(activity: ParsedActivity, now: datetime) -> Outcome:
    if activity.object_uri == activity.actor:
        return _refresh(activity.actor, now)
    row = RemoteObject.objects.select_related("actor").filter(uri=activity.object_uri or "").first()
    if row is not None and row.actor.uri != activity.actor:
        return ignored("it belongs to somebody else")
    if row is None and not is_followed(activity.actor):
        return ignored("nobody here follows the author")
    found = fetch_said(activity)
    if found.owner != activity.actor:
        return ignored("it belongs to somebody else")
    if row is None and (found.published is None or found.published < now - _STILL_NEWS):
        return ignored("a correction of something that is not known here")
    return keep(found, now)


def _refresh(uri: str, now: datetime) -> Outcome:
    """From the source, never from what was sent along: the keys come with the profile."""
    if find_actor(uri) is None:
        return ignored("nobody here knows the actor")
    fetch_actor(uri, now)
    return done("the profile was fetched anew")
