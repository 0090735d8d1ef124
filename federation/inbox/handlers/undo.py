"""Somebody takes back what they did; only one's own can be taken back. A follow is found by who follows whom, not by
its id: Mastodon undoes follows under ids that nobody ever heard of (IN-05)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from federation.actors.farewell import withdraw
from federation.errors import BadInput
from federation.inbox.brought import Brought
from federation.inbox.objects import is_followed
from federation.inbox.outcome import Outcome, State, done, ignored
from federation.models import Following, InboundActivity, RemoteActor, RemoteObject
from federation.outbox.followers import forget
from federation.vocab.parse import ParsedActivity, parse_activity


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
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
    known = forget(activity.actor, follow_uri=activity.object_uri)
    return done("no longer follows") if known else ignored("what they undo is not known here")


def _forget_follower(activity: ParsedActivity, follow: ParsedActivity, now: datetime) -> Outcome:
    known = forget(activity.actor, actor__uri=follow.object_uri or "")
    return done("no longer follows") if known else ignored("they did not follow")


def _take_back_boost(activity: ParsedActivity, boost: ParsedActivity, now: datetime) -> Outcome:
    """What is here only because of this boost goes with it. Whoever never boosted it here can take nothing away, or
    anybody could empty our lists."""
    uri = boost.object_uri or ""
    rows = RemoteObject.objects.select_for_update(of=("self",)).select_related("actor", "shared_by")
    row = rows.filter(uri=uri, withdrawn_at=None).first()
    if _forget_waiting(activity, boost):
        return done("taken back before it was handled")
    if row is None:
        return ignored("the boosted object is not known here")
    taken_back = _boosts(uri).filter(signer=activity.actor).update(state=State.IGNORED, reason="taken back")
    if row.shared_by is None or row.shared_by.uri != activity.actor:
        return done("no longer boosted; it is kept for others") if taken_back else ignored("they did not boost it")
    row.shared_by = _find_other_booster(uri)
    row.save(update_fields=["shared_by"])
    if row.shared_by is not None or is_followed(row.actor.uri):
        return done("no longer boosted; it is kept for others")
    if not row.only_shared:
        return done("no longer boosted; it was here before")
    withdraw(row, now)
    return done("no longer boosted")


def _forget_waiting(activity: ParsedActivity, boost: ParsedActivity) -> int:
    """A boost that rests, because the server of what is boosted did not answer, would come after its Undo and stay."""
    if boost.uri is None:
        return 0
    told = InboundActivity.objects.filter(signer=activity.actor, identity=boost.uri, kind="Announce")
    return told.filter(state=State.WAITING).update(state=State.IGNORED, reason="taken back")


def _find_other_booster(uri: str) -> RemoteActor | None:
    """Somebody followed who boosted it as well, within the thirty days that their words are kept."""
    heard = _boosts(uri).values("signer")
    followed = Following.objects.filter(state=Following.State.ACCEPTED).values("remote")
    return RemoteActor.objects.filter(uri__in=heard, pk__in=followed).order_by("pk").first()


def _boosts(uri: str) -> QuerySet[InboundActivity]:
    """Of the last thirty days, whether they carried the object along or only named it."""
    named = Q(document__object=uri) | Q(document__object__id=uri)
    return InboundActivity.objects.filter(named, kind="Announce", state=State.DONE)


_UNDO: dict[str, Callable[[ParsedActivity, ParsedActivity, datetime], Outcome]] = {
    "Follow": _forget_follower,
    "Announce": _take_back_boost,
}
