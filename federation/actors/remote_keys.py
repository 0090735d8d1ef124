"""Public keys of others: found, or fetched once and remembered, so that a flood of bad signatures costs one request. A
key counts only for the actor whose own document lists it (SV-07); otherwise anybody could publish a key in another's
name. ``inbox.authenticate`` calls it; nobody else needs a stranger's key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from federation.errors import (
    BadAnswer,
    BadInput,
    FederationError,
    Gone,
    NetworkError,
    NotAuthenticated,
    Refused,
    TryLater,
)
from federation.models import KeyFailure, RemoteActor, RemoteKey
from federation.net.client import Client
from federation.net.fetch import Fetched, fetch_key_document
from federation.net.location import same_origin
from federation.vocab.parse import ParsedKey, parse_actor, parse_key_document

from .remote import (
    check_peer,
    fetch_actor,
    fetch_handle,
    fetch_signers,
    find_actor,
    mark_gone,
    resolve_handle,
    store_actor,
)

# SV-08: peers rotate keys rarely, and a key that fails is looked at again, but not more often than this.
FRESH = timedelta(hours=24)
AGAIN = timedelta(minutes=5)
FAILED = timedelta(minutes=10)
# Bytes. Every id that fails is remembered, and a document's proof may name one of any length.
LONGEST = 2048
# Each POST asks; put together by Django, the asking costs several times the answer. In the order of the models.
_OF_KEY = ("id", "key_id", "actor_id", "public", "fetched_at")
_OF_ACTOR = ("id", "uri")
KEY_COLUMNS = ", ".join([*(f"k.{name}" for name in _OF_KEY), *(f"a.{name}" for name in _OF_ACTOR)])
KEYS = "(federation_remotekey k JOIN federation_remoteactor a ON a.id = k.actor_id)"


class KeyGone(NotAuthenticated):
    """The key's address says 410: whoever it belonged to was deleted there."""


def find_key(key_id: str) -> RemoteKey | None:
    """With its ``actor``, of which the rest is loaded when somebody asks."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KEY_COLUMNS} FROM {KEYS} WHERE k.key_id = %s", [key_id])  # noqa: S608
        return key_from_row(cursor.fetchone())


def key_from_row(row: Sequence[Any] | None) -> RemoteKey | None:
    """From ``KEY_COLUMNS`` of ``KEYS``; None also for a row of nulls."""
    if row is None or row[0] is None:
        return None
    key = RemoteKey.from_db(connection.alias, _OF_KEY, row[: len(_OF_KEY)])
    key.actor = RemoteActor.from_db(connection.alias, _OF_ACTOR, row[len(_OF_KEY) :])
    return key


def fetch_key(key_id: str, now: datetime, *, refetch: bool = False, client: Client | None = None) -> RemoteKey:
    """The key, with ``.actor`` whose document lists it; from memory if it is fresh, or if it was fetched or failed
    lately. ``refetch`` asks again, at most every five minutes per actor, when a signature did not fit: keys rotate.

    Raises :class:`KeyGone`, :class:`NotAuthenticated` for what will not get better, :class:`TryLater` for what may, and
    :class:`~federation.errors.Blocked`.
    """
    if len(key_id.encode(errors="replace")) > LONGEST:
        raise NotAuthenticated(f"a key id of {len(key_id)} characters")
    if key_id.lower().startswith("acct:"):
        return _fetch_by_handle(key_id, now, client)
    known = find_key(key_id)
    if known is not None and now - known.fetched_at < (AGAIN if refetch else FRESH):
        return known
    try:
        check_peer(key_id)
        _check_memory(key_id, now)
        return _fetch(key_id, now, client)
    except Refused as error:
        raise NotAuthenticated(error.detail) from error
    except TryLater:
        # A day is when we look again, not when the key ends.
        if known is not None:
            return known
        raise


def fetch_own_key(key_id: str, owner: str, now: datetime, *, client: Client | None = None) -> RemoteKey:
    """A key whose id says that it is ``owner``'s, although a neighbour on that host lists it too and came first. What
    the owner's own document lists counts; it is asked at most every five minutes. Raises as :func:`fetch_key`."""
    try:
        _check_memory(owner, now)
        actor = fetch_actor(owner, now, max_age=AGAIN, client=client)
    except (NetworkError, BadInput) as error:
        raise _remember(owner, error, now) from error
    found = RemoteKey.objects.select_related("actor__peer").filter(key_id=key_id, actor=actor).first()
    if found is None:
        raise NotAuthenticated(f"{owner[:200]!r} does not list {key_id[:200]!r}")
    return found


def _check_memory(key_id: str, now: datetime) -> None:
    """Raises what the last attempt raised, or NotAuthenticated if the actor was looked at lately and has no such key:
    fragments are free to invent, and each would cost its server a request."""
    document = key_id.partition("#")[0]
    failures = KeyFailure.objects.filter(key_id__in={key_id, document}, failed_at__gt=now - FAILED)
    failure = failures.order_by("-failed_at").first()
    if failure is not None:
        kind = KeyGone if failure.gone else TryLater if failure.temporary else NotAuthenticated
        raise kind(f"failed at {failure.failed_at:%H:%M:%S}: {key_id[:200]!r}")
    actor = find_actor(document)
    if actor is not None and now - actor.fetched_at < AGAIN and not actor.keys.filter(key_id=key_id).exists():
        raise NotAuthenticated(f"{document[:200]!r} does not list {key_id[:200]!r}")


def _fetch(key_id: str, now: datetime, client: Client | None) -> RemoteKey:
    document = key_id.partition("#")[0]
    try:
        signer, other = fetch_signers(document)
        fetched = fetch_key_document(document, signer, other=other, client=client)
        if not same_origin(fetched.url, document):
            raise BadAnswer(f"redirected to another host: {fetched.url[:200]!r}")
        whole = _store_whole(fetched, document, now, client)
        key = parse_key_document(fetched.document, key_id)
        actor = whole if whole and whole.uri == key.owner else fetch_actor(key.owner, now, client=client)
    except Gone as error:
        mark_gone(document, now)
        raise _remember(document, error, now) from error
    except NetworkError as error:
        raise _remember(document, error, now) from error
    except BadInput as error:
        # The document could be read, it only lacks this key: another key of the same actor is not to suffer.
        raise _remember(key_id, error, now) from error
    found = _listed(actor, key, key_id, now)
    if found is None:
        raise _remember(key_id, BadInput(f"{actor.uri} does not list {key_id[:200]!r}"), now)
    KeyFailure.objects.filter(key_id__in={key_id, document}).delete()
    return found


def _store_whole(fetched: Fetched, document: str, now: datetime, client: Client | None) -> RemoteActor | None:
    """The actor whose own and complete document this is; stored even if it does not list the key, so that it need not
    be asked for the next one. With GoToSocial the document at a key's address is a stub of the actor (SV-06)."""
    if fetched.document.get("id") != document:
        return None
    try:
        parsed = parse_actor(fetched.document)
    except BadInput:
        return None
    return store_actor(fetch_handle(parsed, client=client), now)


def _listed(actor: RemoteActor, key: ParsedKey, key_id: str, now: datetime) -> RemoteKey | None:
    if key_id == actor.uri:
        # Old PeerTube names its actor instead of the key. The key is the actor's own, under one more name.
        values = {"actor": actor, "public": key.pem or key.multibase or "", "fetched_at": now}
        RemoteKey.objects.update_or_create(key_id=key_id, defaults=values)
    return RemoteKey.objects.select_related("actor__peer").filter(key_id=key_id, actor=actor).first()


def _remember(key_id: str, error: FederationError, now: datetime) -> FederationError:
    """Stores a failure; returns what to raise. A 401 may be that server failing to fetch *our* key just now (SV-10)."""
    gone = isinstance(error, Gone)
    temporary = isinstance(error, NetworkError) and error.temporary
    values = {"failed_at": now, "gone": gone, "temporary": temporary}
    KeyFailure.objects.update_or_create(key_id=key_id, defaults=values)
    return (KeyGone if gone else TryLater if temporary else NotAuthenticated)(error.detail or str(error))


def _fetch_by_handle(key_id: str, now: datetime, client: Client | None) -> RemoteKey:
    """A legacy spelling: the first key of the actor that the handle leads to."""
    handle = key_id[5:].removeprefix("@")
    keys = RemoteKey.objects.select_related("actor__peer").order_by("pk")
    known = keys.filter(actor__handle__iexact=handle, fetched_at__gt=now - FRESH).first()
    if known is not None:
        return known
    _check_memory(key_id, now)
    try:
        actor = resolve_handle(handle, now, client=client)
    except (NetworkError, BadInput) as error:
        raise _remember(key_id, error, now) from error
    found = keys.filter(actor=actor).first()
    if found is None:
        raise _remember(key_id, BadInput(f"{actor.uri} lists no key"), now)
    return found
