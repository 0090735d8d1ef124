"""Somebody follows one of ours. They are answered each time they ask, also when they follow already; where somebody
here approves followers first, they wait."""

from __future__ import annotations

from datetime import datetime

from federation.actors.local import find_by_uri
from federation.inbox.brought import NOTHING, Brought
from federation.inbox.objects import fetch_unknown, get_actor
from federation.inbox.outcome import Outcome, done, ignored
from federation.inbox.screen import is_welcome
from federation.models import LocalActor, RemoteActor
from federation.net.client import Client
from federation.outbox.followers import receive, refuse
from federation.vocab.parse import ParsedActivity


def fetch(activity: ParsedActivity, client: Client) -> Brought:
    return Brought(profile=fetch_unknown(activity.actor, client)) if _find_wanted(activity) else NOTHING


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    actor = _find_wanted(activity)
    if actor is None:
        # Friendica follows single posts in this way, to hear of their changes.
        return ignored("what they want to follow is nobody here")
    remote = get_actor(activity.actor, brought, now)
    if remote.gone_at is not None:
        return ignored("the follower is gone")
    if reason := _objection(actor, remote):
        refuse(actor, remote, activity.raw, now)
        return ignored(f"refused: {reason}")
    is_in = receive(actor, remote, activity.uri or "", activity.raw, now)
    return done("accepted" if is_in else "waits for approval")


def _find_wanted(activity: ParsedActivity) -> LocalActor | None:
    return find_by_uri(activity.object_uri) if activity.object_uri else None


def _objection(actor: LocalActor, remote: RemoteActor) -> str:
    """Why not; empty if they are welcome."""
    if actor.kind == LocalActor.Kind.INSTANCE:
        return "the instance's own actor has nothing to follow"
    if actor.deleted_at is not None:
        return "the profile was deleted"
    return "" if is_welcome(remote.uri) else "blocked"
