"""The addresses and the document of an actor of ours: made once per change, stored, and served as bytes. It decides
nothing about who exists; :mod:`.local` calls it."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from federation.conf import federation_settings
from federation.contract import Picture, Publisher
from federation.models import LocalActor
from federation.vocab.build import (
    ActorAddresses,
    ActorKeys,
    ActorKind,
    build_actor,
    build_tombstone,
    to_bytes,
    with_keys,
    without_pictures,
)

from .keystore import public_keys

# Part of the fingerprint: a new way to build a document makes all of them anew, and tells nobody.
BUILDER = "1"
_NOBODY = UUID(int=0)
_UNSAID = {"since", "language"}


def new_addresses(id: UUID) -> ActorAddresses:  # noqa: A002 -- the name of the column
    """For an actor that is about to exist. Later :func:`addresses_of` reads what was stored then."""
    return _addresses(f"{federation_settings().ORIGIN}/ap/actors/{id}")


def addresses_of(actor: LocalActor) -> ActorAddresses:
    """From the stored id, never from settings: ids are literals for ever."""
    return _addresses(actor.uri)


def build_document(actor: LocalActor, publisher: Publisher) -> tuple[bytes, str]:
    """The document as bytes, and its ETag (sha256, hexadecimal). The actor must have its keys."""
    settings = federation_settings()
    is_public = actor.kind != LocalActor.Kind.INSTANCE
    document = build_actor(
        publisher,
        ActorKind(actor.kind),
        addresses_of(actor),
        public_keys(actor),
        handle=actor.handle,
        host=settings.host,
        created=actor.created,
        updated=actor.updated,
        # Without a port: peers compare it with the host of the pages that name this actor (AC-08).
        attribution_domains=[urlsplit(settings.ORIGIN).hostname or settings.host],
        discoverable=is_public,
        indexable=is_public,
    )
    return _with_etag(to_bytes(document))


def build_profile(publisher: Publisher, actor: LocalActor | None) -> tuple[dict[str, Any], ActorAddresses]:
    """For a preview: the publisher's profile as it is now, without keys; of somebody who has none yet, with invented
    addresses."""
    settings = federation_settings()
    addresses = addresses_of(actor) if actor is not None else new_addresses(_NOBODY)
    document = build_actor(
        publisher,
        ActorKind.ORGANISATION,
        addresses,
        ActorKeys("", "", ()),
        handle=actor.handle if actor is not None else publisher.handle,
        host=settings.host,
        created=publisher.since,
        updated=publisher.since,
        attribution_domains=[],
    )
    return document, addresses


def rebuild_keys(actor: LocalActor) -> tuple[bytes, str]:
    """The stored document with the keys that the actor has now, and its ETag. Nothing else is looked at: keys also
    change while the actor's page is hidden."""
    return _with_etag(to_bytes(with_keys(json.loads(bytes(actor.document)), public_keys(actor), actor.updated)))


def build_farewell(actor: LocalActor) -> tuple[bytes, str]:
    """What stands in the document's place once somebody deleted the actor on purpose, with its ETag."""
    assert actor.deleted_at is not None
    former = json.loads(bytes(actor.document))["type"]
    return _with_etag(to_bytes(build_tombstone(actor.uri, former, actor.deleted_at)))


def build_hidden(actor: LocalActor) -> tuple[bytes, str]:
    """The document without its pictures, with its ETag."""
    return _with_etag(to_bytes(without_pictures(json.loads(bytes(actor.document)))))


def fingerprint(publisher: Publisher) -> str:
    """Of what a reader would notice, so pictures count by file name: another address of the same file is no news. What
    no document says does not count: the first publishing of a page that was imported would be told as a change."""
    values = {name: value for name, value in asdict(publisher).items() if name not in _UNSAID}
    for name, picture in (("avatar", publisher.avatar), ("header", publisher.header)):
        values[name] = _picture(picture)
    return sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()[:56]


def _picture(picture: Picture | None) -> list[object]:
    return [PurePosixPath(urlsplit(picture.url).path).name, picture.alt, picture.media_type] if picture else []


def _addresses(uri: str) -> ActorAddresses:
    parts = urlsplit(uri)
    return ActorAddresses(
        uri=uri,
        inbox=f"{uri}/inbox",
        outbox=f"{uri}/outbox",
        followers=f"{uri}/followers",
        following=f"{uri}/following",
        featured=f"{uri}/featured",
        tags=f"{uri}/tags",
        shared_inbox=f"{parts.scheme}://{parts.netloc}/ap/inbox",
    )


def _with_etag(body: bytes) -> tuple[bytes, str]:
    return body, sha256(body).hexdigest()
