"""What stored bytes say may have been overtaken: a picture or a paper in them became private, somebody whom a text
names was hidden. Whatever changed has left a wake, in the same transaction, until the worker has dealt with it. As long
as one is there, what is asked for is made anew from the site, so that reading never waits for a worker. No proof is
made here: that is for what was told."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet

from federation.actors.document import build_document
from federation.actors.local import is_known
from federation.conf import source
from federation.errors import FederationError, TryLater
from federation.models import LocalActor, PublishedObject, Wake
from federation.outbox.ledger import build_told
from federation.vocab.activities import embedded
from federation.vocab.build import to_bytes, without_pictures

from .answers import Missing

_log = logging.getLogger(__name__)


class Current(NamedTuple):
    """``etag`` has no quotation marks. ``stored`` if these are the bytes that everybody got."""

    body: bytes
    etag: str
    stored: bool


def is_waiting(key: str = "key") -> Exists:
    """A condition: something about the publication whose key is in the column ``key`` is not reconciled yet."""
    return Exists(Wake.objects.filter(key=OuterRef(key)))


def object_now(told: PublishedObject) -> Current:
    """The document of an object that is out and has a wake, with its ``actor`` loaded. Raises :class:`Missing` if it
    has just been hidden, and :class:`~federation.errors.TryLater` if it cannot be made: what is stored
    may not be shown then."""
    try:
        publication = source().publication(told.key)
        if publication is None:
            raise Missing
        return _newer(bytes(told.document), told.etag, build_told(told, publication))
    except (FederationError, DatabaseError):
        raise
    except Exception as error:
        _log.exception("%s cannot be made", told.key)
        raise TryLater(str(error)) from error


def actors_now() -> QuerySet[LocalActor]:
    """For :func:`actor_now`, in the same query: any wake may be about a profile, as pictures and settings have none of
    their own."""
    return LocalActor.objects.annotate(waits=Exists(Wake.objects.all()))


def actor_now(actor: LocalActor) -> Current:
    """The profile of one of :func:`actors_now` that was not deleted. Of a publisher whose page is hidden the profile
    stays as it was, without its pictures."""
    stored = Current(bytes(actor.document), actor.etag, stored=True)
    if actor.kind == LocalActor.Kind.INSTANCE or not vars(actor)["waits"]:
        return stored
    publisher = source().publisher(actor.key)
    if publisher is None:
        return _newer(stored.body, stored.etag, without_pictures(json.loads(stored.body)))
    if is_known(actor, publisher):
        return stored
    body, etag = build_document(actor, publisher)
    return Current(body, etag, stored=False)


def _newer(body: bytes, etag: str, now: dict[str, Any]) -> Current:
    if embedded(json.loads(body)) == embedded(now):
        return Current(body, etag, stored=True)
    made = to_bytes(now)
    return Current(made, sha256(made).hexdigest(), stored=False)
