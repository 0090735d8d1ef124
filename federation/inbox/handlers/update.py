"""Somebody corrected what they published, or their own profile (IN-08)."""

from __future__ import annotations

from datetime import datetime, timedelta

from federation.actors.remote import fetch_profile, find_actor, store_actor
from federation.inbox.brought import NOTHING, Brought
from federation.inbox.objects import fetch_said, is_followed, keep
from federation.inbox.outcome import Outcome, done, ignored
from federation.models import RemoteObject
from federation.net.client import Client
from federation.vocab.parse import ParsedActivity

# A correction of something older that never came is no news; it would be listed as if it were.
_STILL_NEWS = timedelta(days=1)


def fetch(activity: ParsedActivity, client: Client) -> Brought:
    if activity.object_uri == activity.actor:
        # From the source, never from what was sent along: the keys come with the profile.
        return Brought(profile=fetch_profile(activity.actor, client=client)) if find_actor(activity.actor) else NOTHING
    return NOTHING if _objection(activity, _find_known(activity)) else Brought(fetch_said(activity, client))


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    if activity.object_uri == activity.actor:
        return _refresh(activity.actor, brought, now)
    row = _find_known(activity)
    if objection := _objection(activity, row):
        return ignored(objection)
    found = brought.get_said()
    if found.owner != activity.actor:
        return ignored("it belongs to somebody else")
    if row is None and (found.published is None or found.published < now - _STILL_NEWS):
        return ignored("a correction of something that is not known here")
    return keep(found, brought, now)


def _find_known(activity: ParsedActivity) -> RemoteObject | None:
    return RemoteObject.objects.select_related("actor").filter(uri=activity.object_uri or "").first()


def _objection(activity: ParsedActivity, row: RemoteObject | None) -> str:
    """Why not, as far as is known before it is fetched; empty if nothing speaks against it."""
    if row is not None:
        return "" if row.actor.uri == activity.actor else "it belongs to somebody else"
    return "" if is_followed(activity.actor) else "nobody here follows the author"


def _refresh(uri: str, brought: Brought, now: datetime) -> Outcome:
    if find_actor(uri) is None:
        return ignored("nobody here knows the actor")
    store_actor(brought.get_profile(uri), now)
    return done("the profile was fetched anew")
