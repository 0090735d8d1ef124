"""Somebody takes back what they did; only one's own can be taken back. A follow is found by who follows whom, not by
its id: Mastodon undoes follows under ids that nobody ever heard of (IN-05)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from federation.errors import BadInput
from federation.inbox.objects import is_followed, withdraw
from federation.inbox.outcome import Outcome, State, done, ignored
from federation.models import Follower, InboundActivity, RemoteObject
from federation.vocab.parse import ParsedActivity, parse_activity


def handle(activity: ParsedActivity, now: datetime) -> Outcome:
    undone = _read_embedded(activity) or _find_received(activity)
    if undone is None:
        return _forget_follower_by_id(activity)
    if undone.actor != activity.actor:
        return ignored("it was done by somebody else")
    undo = _UNDO.get(undone.kind)
    return undo(activity, undone, now) if undo else ignored(f"not handled yet: Undo of {undone.kind}")


def _read_embedded(activity: ParsedActivity) -> ParsedActivity | None:
    if activity.object is None:
        return None
    try:
        return parse_activity({"actor": activity.actor} | activity.object)
    except BadInput:
        return None


def _find_received(activity: ParsedActivity) -> ParsedActivity | None:
    """What the same actor told us under that id, if it was within the last thirty days."""
    if activity.object_uri is None:
        return None
    told = InboundActivity.objects.filter(signer=activity.actor, identity=activity.object_uri).first()
    return parse_activity(told.document) if told is not None else None


def _forget_follower_by_id(activity: ParsedActivity) -> Outcome:
    """GoToSocial ignores an Undo that only names an address; others send it."""
    if activity.object_uri is None:
        return ignored("it does not say what to undo")
    followers = Follower.objects.filter(remote__uri=activity.actor, follow_uri=activity.object_uri)
    return done("no longer follows") if followers.delete()[0] else ignored("what they undo is not known here")


def _forget_follower(activity: ParsedActivity, follow: ParsedActivity, now: datetime) -> Outcome:
    followers = Follower.objects.filter(remote__uri=activity.actor, actor__uri=follow.object_uri or "")
    return done("no longer follows") if followers.delete()[0] else ignored("they did not follow")


def _take_back_boost(activity: ParsedActivity, boost: ParsedActivity, now: datetime) -> Outcome:
    """What is here only because of this boost goes with it. Whoever never boosted it here can take nothing away, or
    anybody could empty our lists."""
    row = RemoteObject.objects.select_related("actor").filter(uri=boost.object_uri or "", withdrawn_at=None).first()
    if row is None:
        return ignored("the boosted object is not known here")
    first = _boosts(row.uri).filter(signer=activity.actor).order_by("received_at").first()
    if first is None:
        return ignored("they did not boost it, or long ago")
    if row.received_at < first.received_at:
        return done("no longer boosted; it was here before")
    if is_followed(row.actor.uri) or _is_boosted_by_others(activity.actor, row.uri):
        return done("no longer boosted; it is kept for others")
    withdraw(row, now)
    return done("no longer boosted")


def _is_boosted_by_others(actor: str, uri: str) -> bool:
    return _boosts(uri).exclude(signer=actor).exists()


def _boosts(uri: str) -> QuerySet[InboundActivity]:
    """Of the last thirty days, whether they carried the object along or only named it."""
    named = Q(document__object=uri) | Q(document__object__id=uri)
    return InboundActivity.objects.filter(named, kind="Announce", state=State.DONE)


_UNDO: dict[str, Callable[[ParsedActivity, ParsedActivity, datetime], Outcome]] = {
    "Follow": _forget_follower,
    "Announce": _take_back_boost,
}
