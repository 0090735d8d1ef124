"""Actors of ours and publications that the world was told of, as the ledger leaves them."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from federation.actors.document import addresses_of
from federation.actors.local import ensure_publisher
from federation.models import Activity, LedgerEntry, LocalActor, PublishedObject
from federation.vocab.build import build_create, build_delete, build_object, build_tombstone, build_update, to_bytes
from federation.vocab.kinds import Kind
from tests.factories.fake_source import FakeSource
from tests.factories.publications import HUB, TOLD, make_publication, make_publisher


def make_actor(now: datetime = TOLD, **given: Any) -> LocalActor:
    """The actor of a publisher that the fake site knows."""
    publisher = make_publisher(**given)
    FakeSource.publishers[publisher.key] = publisher
    return ensure_publisher(publisher, now)[0]


def tell(actor: LocalActor, key: str = "page:7", at: datetime = TOLD, **given: Any) -> PublishedObject:
    """A publication of the fake site, told to the world."""
    publication = make_publication(key=key, publisher=actor.key, url=f"{HUB}/partner/{key.replace(':', '-')}/", **given)
    FakeSource.publications[key] = publication
    number = uuid.uuid4()
    uri = f"{HUB}/ap/objects/{number}"
    followers = addresses_of(actor).followers
    document = build_object(publication, uri=uri, actor=actor.uri, followers=followers, published=at, updated=None)
    told = PublishedObject.objects.create(
        id=number,
        uri=uri,
        key=key,
        actor=actor,
        kind=document["type"],
        title=publication.title,
        url=publication.url,
        published=at,
        builder=1,
        **_bytes(document),
    )
    entry, _ = LedgerEntry.objects.get_or_create(key=key)
    entry.state, entry.current = LedgerEntry.State.LIVE, told
    entry.save()
    say(actor, Kind.CREATE, told, at, build_create(f"{HUB}/ap/activities/{uuid.uuid4()}", actor.uri, document))
    return told


def correct(told: PublishedObject, at: datetime, **given: Any) -> Activity:
    """The same publication with another text."""
    publication = make_publication(key=told.key, publisher=told.actor.key, url=told.url, **given)
    followers = addresses_of(told.actor).followers
    document = build_object(
        publication, uri=told.uri, actor=told.actor.uri, followers=followers, published=told.published, updated=at
    )
    _change(told, updated=at, **_bytes(document))
    update = build_update(f"{HUB}/ap/activities/{uuid.uuid4()}", told.actor.uri, document)
    return say(told.actor, Kind.UPDATE, told, at, update)


def withdraw(told: PublishedObject, at: datetime) -> Activity:
    document = json.loads(bytes(told.document))
    _change(told, withdrawn_at=at, **_bytes(build_tombstone(told.uri, told.kind, at)))
    LedgerEntry.objects.filter(current=told).update(current=None, state=LedgerEntry.State.WITHDRAWN)
    uri = f"{HUB}/ap/activities/{uuid.uuid4()}"
    delete = build_delete(uri, told.actor.uri, document, at)
    return say(told.actor, Kind.DELETE, told, at, delete)


def say(
    actor: LocalActor,
    kind: Kind,
    about: PublishedObject | None,
    at: datetime,
    document: dict[str, Any],
    *,
    public: bool = True,
) -> Activity:
    return Activity.objects.create(
        id=uuid.UUID(document["id"].rpartition("/")[2]),
        uri=document["id"],
        actor=actor,
        kind=kind,
        object=about,
        lane="lane",
        public=public,
        body=to_bytes(document),
        created=at,
    )


def path_of(uri: str) -> str:
    return uri.removeprefix(HUB)


def _bytes(document: dict[str, Any]) -> dict[str, Any]:
    data = to_bytes(document)
    return {"document": data, "etag": hashlib.sha256(data).hexdigest()[:32]}


def _change(told: PublishedObject, **values: Any) -> None:
    for name, value in values.items():
        setattr(told, name, value)
    told.save()
