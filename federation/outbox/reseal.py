"""Proofs outlive keys: what stands at its address, and what was said, gets a new proof when the key that made the old
one ends. Nothing else in it changes, and nobody is told. ``rotation`` calls it."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from federation.actors.keystore import ED25519, proof_key_for
from federation.models import Activity, ActorKey, LocalActor, PublishedObject
from federation.signatures.proofs import add_proof, proof_method
from federation.vocab.build import to_bytes

# Bytes that name one of the keys. More than are sealed with it: a profile lists keys, too.
_OBJECTS = """
    SELECT id FROM federation_publishedobject
     WHERE actor_id = %s AND EXISTS (SELECT 1 FROM unnest(%s::bytea[]) AS name WHERE position(name IN document) > 0)"""
_ACTIVITIES = """
    SELECT id FROM federation_activity
     WHERE actor_id = %s AND public
       AND EXISTS (SELECT 1 FROM unnest(%s::bytea[]) AS name WHERE position(name IN body) > 0)"""


def reseal(actor: LocalActor, now: datetime) -> int:
    """Every object and activity of ``actor`` that a former key vouches for; how many. Row by row, so that nobody waits:
    one that is changed meanwhile has been sealed anew by then."""
    keys = ActorKey.objects.filter(actor=actor, algorithm=ED25519, retired_at__isnull=False)
    former = set(keys.values_list("key_id", flat=True))
    done = sum(_reseal_object(pk, actor, former, now) for pk in _naming(_OBJECTS, actor, former))
    return done + sum(_reseal_activity(pk, actor, former, now) for pk in _naming(_ACTIVITIES, actor, former))


def _naming(statement: str, actor: LocalActor, keys: set[str]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [actor.pk, [f'"{key_id}"'.encode() for key_id in keys]])
        return [pk for (pk,) in cursor.fetchall()]


def _reseal_object(pk: UUID, actor: LocalActor, former: set[str], now: datetime) -> bool:
    with transaction.atomic():
        row = PublishedObject.objects.select_for_update(no_key=True).get(pk=pk)
        data = _sealed(bytes(row.document), actor, former, now)
        if data is None:
            return False
        row.document, row.etag = data, sha256(data).hexdigest()
        row.save(update_fields=["document", "etag"])
    return True


def _reseal_activity(pk: UUID, actor: LocalActor, former: set[str], now: datetime) -> bool:
    with transaction.atomic():
        row = Activity.objects.select_for_update(no_key=True).filter(pk=pk).first()
        data = _sealed(bytes(row.body), actor, former, now) if row is not None else None
        if row is None or data is None:
            return False
        row.body = data
        row.save(update_fields=["body"])
    return True


def _sealed(data: bytes, actor: LocalActor, former: set[str], now: datetime) -> bytes | None:
    document = json.loads(data)
    if proof_method(document) not in former:
        return None
    return to_bytes(add_proof(document, *proof_key_for(actor), now))
