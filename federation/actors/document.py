"""The addresses and the document of an actor of ours: made once per change, stored, and served as bytes. It decides
nothing about who exists; :mod:`.local` calls it."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
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
BUILDER = "2"
_UNSAID = {"since", "language"}
# What later versions of this program can say. Unless somebody makes use of it, it leaves the fingerprint as it was: an
# upgrade would be told as a change by every profile at once.
_SAID_LATER = {"discoverable", "indexable", "author_hosts", "pinned", "approves_followers"}
_SILENT = {field.name: field.default for field in fields(Publisher) if field.name in _SAID_LATER}


def new_addresses(id: UUID) -> ActorAddresses:  # noqa: A002 -- the name of the column
    """For an actor that is about to exist. Later :func:`addresses_of` reads what was stored then."""
    return _addresses(f"{federation_settings().ORIGIN}/ap/actors/{id}")


def addresses_of(actor: LocalActor) -> ActorAddresses:
    """From the stored id, never from settings: ids are literals for ever."""
    return _addresses(actor.uri)


def build_document(actor: LocalActor, publisher: Publisher) -> tuple[bytes, str]:
    """The document as bytes, and its ETag (sha256, hexadecimal). The actor must have its keys."""
    return _with_etag(to_bytes(_build(actor, publisher, public_keys(actor))))


def sketch_document(actor: LocalActor | None, publisher: Publisher, now: datetime) -> dict[str, Any]:
    """The document as it would be if the publisher were like this from ``now`` on, for nobody but its editor: of an
    ``actor`` that does not exist yet, too, and without keys."""
    known = actor or LocalActor(kind=LocalActor.Kind.ORGANISATION, uri=new_addresses(UUID(int=0)).uri, created=now)
    sketched = LocalActor(kind=known.kind, uri=known.uri, handle=publisher.handle, created=known.created, updated=now)
    return _build(sketched, publisher, ActorKeys(rsa_id="", rsa_public_pem="", proof_keys=()))


def _build(actor: LocalActor, publisher: Publisher, keys: ActorKeys) -> dict[str, Any]:
    settings = federation_settings()
    is_public = actor.kind != LocalActor.Kind.INSTANCE
    # Without a port: peers compare it with the host of the pages that name this actor (AC-08).
    own_host = urlsplit(settings.ORIGIN).hostname or settings.host
    return build_actor(
        publisher,
        ActorKind(actor.kind),
        addresses_of(actor),
        keys,
        handle=actor.handle,
        host=settings.host,
        created=actor.created,
        updated=actor.updated,
        manually_approves=publisher.approves_followers,
        attribution_domains=dict.fromkeys([own_host, *publisher.author_hosts]),
        discoverable=is_public and publisher.discoverable,
        indexable=is_public and publisher.indexable,
    )


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
    values = {name: value for name, value in values.items() if name not in _SILENT or value != _SILENT[name]}
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
