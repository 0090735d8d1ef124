"""Somebody withdraws what they published, or themselves. Only the owner can; being on the same host is not enough
(AU-04)."""

from __future__ import annotations

from datetime import datetime

from federation.actors.farewell import forget_actor, withdraw
from federation.actors.remote import find_actor
from federation.inbox.brought import Brought
from federation.inbox.objects import is_followed, remember_withdrawn
from federation.inbox.outcome import Outcome, done, ignored
from federation.models import RemoteObject
from federation.net.location import same_origin
from federation.vocab.parse import ParsedActivity


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    uri = activity.object_uri
    if uri is None:
        return ignored("it does not say what is withdrawn")
    author = find_actor(activity.actor)
    if author is None:
        return ignored("nobody here knows the author")
    if uri == activity.actor:
        forget_actor(author, now)
        return done("the actor is gone")
    row = RemoteObject.objects.select_for_update().filter(uri=uri).first()
    if row is not None:
        if row.actor_id != author.pk:
            return ignored("it belongs to somebody else")
        withdraw(row, now)
        return done("withdrawn")
    if same_origin(uri, activity.actor) and is_followed(activity.actor):
        remember_withdrawn(uri, author, now)
        return done("withdrawn before it was known here")
    return ignored("not known here")
