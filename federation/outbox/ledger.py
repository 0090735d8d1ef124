"""Carries out what was decided about one publication, with its ledger row locked: makes, changes or withdraws the
object, and sends the activity. Bytes are made here once and served unchanged to everybody who asks."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.actors.document import addresses_of
from federation.actors.keystore import proof_key_for
from federation.contract import Publication
from federation.models import LedgerEntry, LocalActor, PublishedObject
from federation.signatures.proofs import add_proof
from federation.vocab.activities import embedded
from federation.vocab.build import (
    build_create,
    build_delete,
    build_object,
    build_tombstone,
    build_update,
    to_bytes,
)
from federation.vocab.kinds import Kind

from .audience import EVERYONE, Audience
from .decide import fingerprint
from .send import object_uri, send

# Raised whenever ``vocab.build`` says the same publication differently: stored bytes are then made anew, silently.
BUILDER_VERSION = 2
_TITLE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Bytes:
    """``etag`` has no quotation marks; views add them."""

    document: bytes
    etag: str
    kind: str


def create(entry: LedgerEntry, publication: Publication, actor: LocalActor, now: datetime) -> None:
    """A new epoch: a new id, since peers never take a withdrawn one again (OB-08)."""
    now = now.replace(microsecond=0)  # what the wire can say
    number = uuid.uuid4()
    told = PublishedObject(id=number, uri=object_uri(number), key=entry.key, actor=actor, published=now)
    document = _write(told, publication, now)
    told.save(force_insert=True)
    entry.current, entry.state = told, LedgerEntry.State.LIVE
    _note(entry, publication, now)
    send(
        actor,
        lambda uri: build_create(uri, actor.uri, document),
        kind=Kind.CREATE,
        lane=entry.key,
        audience=Audience.FOLLOWERS,
        object=told,
        now=now,
    )


def update(entry: LedgerEntry, publication: Publication, now: datetime) -> None:
    """The same id."""
    told = current(entry)
    told.updated = next_update(told, now)
    document = _write(told, publication, now)
    told.save()
    _note(entry, publication, now)
    send(
        told.actor,
        lambda uri: build_update(uri, told.actor.uri, document),
        kind=Kind.UPDATE,
        lane=entry.key,
        audience=EVERYONE,
        object=told,
        now=now,
    )


def next_update(told: PublishedObject, now: datetime) -> datetime:
    """Always later than the last, or Mastodon ignores the change (OB-06)."""
    return max(now.replace(microsecond=0), (told.updated or told.published) + timedelta(seconds=1))


def delete(entry: LedgerEntry, now: datetime) -> None:
    """Withdrawn for good: the id answers with a tombstone from this moment, and everybody who was reached is told."""
    told = current(entry)
    now = now.replace(microsecond=0)
    actor, document = told.actor, json.loads(bytes(told.document))
    made = _sealed(build_tombstone(told.uri, told.kind, now), actor, now)
    told.document, told.etag, told.withdrawn_at = made.document, made.etag, now
    told.save()
    entry.state, entry.current, entry.fingerprint, entry.changed = LedgerEntry.State.WITHDRAWN, None, "", now
    send(
        actor,
        lambda uri: build_delete(uri, actor.uri, document, now),
        kind=Kind.DELETE,
        lane=entry.key,
        audience=EVERYONE,
        object=told,
        first=True,
        now=now,
    )


def refresh(entry: LedgerEntry, publication: Publication, now: datetime) -> bool:
    """Makes the stored bytes anew where they would differ (a rendition's address, a new builder) although readers see
    no change. Tells nobody. Whether it did."""
    told = current(entry)
    document = embedded(build_told(told, publication))
    stored = embedded(json.loads(bytes(told.document)))
    if document == stored:
        if told.builder != BUILDER_VERSION:
            PublishedObject.objects.filter(pk=told.pk).update(builder=BUILDER_VERSION)
        return False
    _write(told, publication, now)
    told.save()
    return True


def current(entry: LedgerEntry) -> PublishedObject:
    if entry.current is None:
        raise ValueError(f"{entry.key} is {entry.state}, but has no object")
    return entry.current


def _write(told: PublishedObject, publication: Publication, now: datetime) -> dict[str, Any]:
    """Fills the object's columns; returns its document."""
    document = build_told(told, publication)
    made = _sealed(document, told.actor, now)
    told.document, told.etag, told.kind, told.builder = made.document, made.etag, made.kind, BUILDER_VERSION
    told.title, told.url = publication.title[:_TITLE_LENGTH], publication.url
    return document


def build_told(told: PublishedObject, publication: Publication) -> dict[str, Any]:
    """The object as it would be told now, without a proof."""
    return build_object(
        publication,
        uri=told.uri,
        actor=told.actor.uri,
        followers=addresses_of(told.actor).followers,
        published=told.published,
        updated=told.updated,
    )


def _sealed(document: dict[str, Any], actor: LocalActor, now: datetime) -> Bytes:
    data = to_bytes(add_proof(document, *proof_key_for(actor), now))
    return Bytes(data, hashlib.sha256(data).hexdigest(), document["type"])


def _note(entry: LedgerEntry, publication: Publication, now: datetime) -> None:
    entry.publisher, entry.fingerprint, entry.changed = publication.publisher, fingerprint(publication), now
