"""What the world is told about those who publish: a profile that changed, or one that is gone for good. ``reconcile``
and ``sweep`` call it, inside a transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from federation.actors.document import addresses_of
from federation.actors.local import (
    ActorDeleted,
    delete_actor,
    ensure_publisher,
    find_by_key,
    hide_pictures,
    is_known,
    is_outdated,
)
from federation.conf import source
from federation.models import Activity, LocalActor
from federation.queue import REQUESTS, nudge
from federation.vocab.build import build_delete_actor, build_update_actor
from federation.vocab.kinds import Kind

from .audience import Audience
from .back_links import note_links
from .send import send


def find_actor_for(publisher_key: str, now: datetime) -> LocalActor | None:
    """The actor that a publication goes out as; made if this is the first. None while the publisher has no public page,
    and for ever once it was deleted. An actor that exists is not compared with its page here: the change would be
    noted without being told."""
    actor = find_by_key(publisher_key)
    if actor is not None:
        return actor if actor.deleted_at is None else None
    publisher = source().publisher(publisher_key)
    return None if publisher is None else ensure_publisher(publisher, now)[0]


def tell_profile(publisher_key: str, now: datetime) -> bool:
    """Makes the profile if it is missing, and tells its followers if it changed. A publisher without a public page
    keeps its profile: unpublishing only empties the list of what it published. Whether anything was told."""
    publisher = source().publisher(publisher_key)
    if publisher is None:
        hide_pictures(publisher_key)
        return False
    try:
        actor, changed = ensure_publisher(publisher, now)
    except ActorDeleted:  # peers never take a deleted profile back
        return False
    note_links(actor, now)
    if actor.follow_requests.exists():
        nudge(REQUESTS)  # perhaps nobody has to approve them any more
    if not changed or not actor.followers.exists():
        return False
    send_profile(actor, Audience.FOLLOWERS, now)
    return True


def remake_profile(actor: LocalActor, now: datetime) -> None:
    """Makes a profile's document anew that an older version of this program made. Tells nobody, and leaves it as it is
    where something else about it changed, which has to be told."""
    publisher = source().publisher(actor.key) if is_outdated(actor) else None
    if publisher is not None and is_known(actor, publisher):
        note_links(ensure_publisher(publisher, now)[0], now)


def send_profile(
    actor: LocalActor, audience: Audience, now: datetime, *, only: Sequence[str] | None = None
) -> Activity:
    """The actor's document as it is now, keys included."""
    document = json.loads(bytes(actor.document))
    followers = addresses_of(actor).followers
    return send(
        actor,
        lambda uri: build_update_actor(uri, actor.uri, document, followers),
        kind=Kind.UPDATE,
        lane=actor.uri,
        audience=audience,
        now=now,
        only=only,
    )


def retire(publisher_key: str, now: datetime) -> bool:
    """Takes leave for good, if the publisher was deleted on purpose: its page's row, in every language, is gone. A page
    that is hidden, moved or private never leads here, for a server that hears this deletes the account and everything
    by it, and never takes it back. Whether it did."""
    actor = find_by_key(publisher_key)
    if actor is None or actor.deleted_at is not None or actor.kind != LocalActor.Kind.ORGANISATION:
        return False
    if source().publisher_exists(publisher_key):
        return False
    delete_actor(actor, now)
    send(
        actor,
        lambda uri: build_delete_actor(uri, actor.uri),
        kind=Kind.DELETE,
        lane=actor.uri,
        audience=Audience.FOLLOWERS | Audience.KNOWN,
        now=now,
    )
    return True
