"""Somebody follows one of ours. They are answered each time they ask, also when they follow already: they would not ask
if our answer had reached them (IN-04)."""

from __future__ import annotations

from datetime import datetime

from federation.actors.local import find_by_uri
from federation.inbox.brought import NOTHING, Brought
from federation.inbox.objects import fetch_unknown, get_actor
from federation.inbox.outcome import Outcome, done, ignored
from federation.inbox.screen import is_welcome
from federation.models import Follower, LocalActor, RemoteActor
from federation.net.client import Client
from federation.outbox.send import pair_lane, send_to_one
from federation.vocab.build import build_accept, build_reject
from federation.vocab.kinds import Kind
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
        _answer(actor, remote, Kind.REJECT, activity, now)
        return ignored(f"refused: {reason}")
    Follower.objects.update_or_create(
        actor=actor, remote=remote, defaults={"follow_uri": activity.uri or "", "follow": activity.raw}
    )
    _answer(actor, remote, Kind.ACCEPT, activity, now)
    return done("accepted")


def _find_wanted(activity: ParsedActivity) -> LocalActor | None:
    return find_by_uri(activity.object_uri) if activity.object_uri else None


def _objection(actor: LocalActor, remote: RemoteActor) -> str:
    """Why not; empty if they are welcome."""
    if actor.kind == LocalActor.Kind.INSTANCE:
        return "the instance's own actor has nothing to follow"
    if actor.deleted_at is not None:
        return "the profile was deleted"
    return "" if is_welcome(remote.uri) else "blocked"


def _answer(actor: LocalActor, remote: RemoteActor, kind: Kind, follow: ParsedActivity, now: datetime) -> None:
    """With the whole Follow and its own id, whatever that is: the asker finds the request by it."""
    build = build_accept if kind is Kind.ACCEPT else build_reject
    send_to_one(
        actor,
        lambda uri: build(uri, actor.uri, follow.raw, remote.uri),
        remote,
        kind=kind,
        lane=pair_lane(actor, remote),
        now=now,
    )
