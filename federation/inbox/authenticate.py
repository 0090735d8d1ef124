"""Who says this? Authentication is a type, not an if: only this file makes a :class:`Verified`, and nothing behind it
takes anything else. The default is refusal. ``receive`` calls it, after it has screened who is blocked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.actors.remote_keys import FRESH, KeyGone, fetch_key, fetch_own_key, find_key
from federation.errors import FederationError, NetworkError, NotAuthenticated, TryLater
from federation.models import RemoteActor, RemoteKey
from federation.signatures.keys import PublicKey, load_multibase, load_public_pem
from federation.signatures.message import Message
from federation.signatures.proofs import proof_method, verify_proof
from federation.signatures.verify import Claim, WrongKey, read_claim, verify

from .envelope import Envelope
from .screen import find_origin

_SEAL = object()
# A server that answers slowly holds a thread of the web process for half a minute, and anybody can name one without
# having signed anything. Some threads must stay for readers and for those who fetch our actors.
MOST_FETCHES = 2
_fetching = BoundedSemaphore(MOST_FETCHES)


@dataclass(frozen=True, slots=True)
class Verified:
    """A document that ``signer`` vouches for.

    ``occasion`` names the very request that the signer signed, by its signature; it is empty where only a proof inside
    the document vouches, which anybody may send again at any time. ``gone`` says that the signer's own server confirmed
    that the signer no longer exists, in place of a signature (IN-03).
    """

    document: dict[str, Any]
    signer: str
    occasion: str
    gone: bool
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only authenticate() says what is verified")


def authenticate(message: Message, envelope: Envelope, now: datetime, known: RemoteKey | None = None) -> Verified:
    """Raises NotAuthenticated (401), or TryLater (503) where a key cannot be fetched just now. ``known`` is the key, if
    it was read already.

    A proof in the document that holds goes first: then it may come from anybody, by relay or forwarding (SV-15). If
    there is none, or none that can be checked, the request has to be signed by the actor itself (SV-16).
    """
    postponed: TryLater | None = None
    try:
        if _is_proven(envelope, now):
            return _vouched(envelope, _proven_occasion(message, envelope.actor, now))
    except TryLater as error:
        postponed = error
    try:
        return _by_signature(message, envelope, now, known)
    except NotAuthenticated:
        if postponed is not None:  # the proof may be right; a relay should bring it again
            raise postponed from None
        raise


def claimed_key(message: Message, envelope: Envelope) -> str:
    """The key that the request or the document names, for screening. Raises NotAuthenticated if there is neither a
    signature nor a proof."""
    try:
        return read_claim(message).key_id
    except NotAuthenticated:
        if (method := proof_method(envelope.document)) is not None:
            return method
        raise


def find_signer(message: Message, now: datetime) -> RemoteActor | None:
    """Who signed a request for reading, if their key is known here already and fits; None for all else. Reading is
    open to all, so nothing is fetched and nothing refused. Two queries, none for what carries no signature."""
    try:
        claim = read_claim(message)
        key = find_key(claim.key_id)
        if key is None:
            return None
        verify(message, claim, _load(key.public), now)
    except (FederationError, ValueError):
        return None
    return RemoteActor.objects.select_related("peer").filter(pk=key.actor_id).first()


def _by_signature(message: Message, envelope: Envelope, now: datetime, known: RemoteKey | None) -> Verified:
    claim = read_claim(message)
    _check_host(claim.key_id, envelope.actor)
    if known is None or known.key_id != claim.key_id:
        known = find_key(claim.key_id)
    cached = known if known is not None and _is_usable(known, envelope, now) else None
    try:
        _check_signature(message, claim, cached, envelope.actor, now)
    except KeyGone as error:
        if _names_its_actor(claim.key_id, cached, envelope):
            return Verified(envelope.document, envelope.actor, "", True, _SEAL)
        raise NotAuthenticated(f"{claim.key_id[:200]!r} is gone") from error
    return _vouched(envelope, _occasion(claim))


def _vouched(envelope: Envelope, occasion: str) -> Verified:
    return Verified(envelope.document, envelope.actor, occasion, False, _SEAL)


def _check_host(key_id: str, actor: str) -> None:
    """A key elsewhere cannot be the actor's, so it is not even fetched (SV-07)."""
    origin = find_origin(key_id)
    if origin is None or origin != find_origin(actor):
        raise NotAuthenticated(f"{key_id[:200]!r} is not on the host of {actor[:200]!r}")


def _is_usable(key: RemoteKey, envelope: Envelope, now: datetime) -> bool:
    """As it is kept, unless it is time to look whether it still stands. Whoever says goodbye is believed by the key
    that we have: its source is gone by then (IN-03)."""
    return envelope.is_about_its_actor or now - key.fetched_at < FRESH


def _check_signature(message: Message, claim: Claim, key: RemoteKey | None, actor: str, now: datetime) -> None:
    if key is None:
        key = _fetch(claim.key_id, now, refetch=False)
    if key.actor.uri != actor and claim.key_id.partition("#")[0] == actor:
        key = _guarded_fetch(lambda: fetch_own_key(claim.key_id, actor, now), claim.key_id)
    try:
        verify(message, claim, _owned(key, actor), now)
    except WrongKey:
        # The key may have been replaced. One look at the source, which fetch_key limits per key (SV-08).
        fresh = _fetch(claim.key_id, now, refetch=True)
        if fresh.public == key.public and fresh.actor_id == key.actor_id:
            raise
        verify(message, claim, _owned(fresh, actor), now)


def _owned(key: RemoteKey, actor: str) -> PublicKey:
    """The owner must be exactly the actor; being on the same host is not enough (Fedify CVE-2025-54888)."""
    if key.actor.uri != actor:
        raise NotAuthenticated(f"{key.key_id} belongs to {key.actor.uri}, not to {actor}")
    return _load(key.public)


def _fetch(key_id: str, now: datetime, *, refetch: bool) -> RemoteKey:
    """As fetch_key; where the key's owner has to be asked as well, that may fail in the network's own words. While
    others wait for keys already, what is known must do, and an unknown key raises TryLater at once."""
    known = None if refetch else find_key(key_id)
    if known is not None and now - known.fetched_at < FRESH:
        return known
    return _guarded_fetch(lambda: fetch_key(key_id, now, refetch=refetch), key_id, known)


def _guarded_fetch(fetch: Callable[[], RemoteKey], key_id: str, known: RemoteKey | None = None) -> RemoteKey:
    if not _fetching.acquire(blocking=False):
        if known is not None:
            return known  # a day is when we look again, not when the key ends
        raise TryLater("too many keys are being fetched")
    try:
        return fetch()
    except NetworkError as error:
        raise (TryLater if error.temporary else NotAuthenticated)(f"key {key_id[:200]!r}: {error}") from error
    finally:
        _fetching.release()


def _names_its_actor(key_id: str, cached: RemoteKey | None, envelope: Envelope) -> bool:
    """Whether a key that is gone for good proves that its actor is. The key has to be one that is known as the actor's,
    or the actor's own address: else the address of any deleted note on that host would do, and anybody could have
    anybody there deleted."""
    if envelope.kind != "Delete" or not envelope.is_about_its_actor:
        return False
    owner = cached.actor.uri if cached is not None else key_id.partition("#")[0]
    return owner == envelope.actor


def _is_proven(envelope: Envelope, now: datetime) -> bool:
    """A proof that does not hold, or is of a kind that is not read here, counts as none: the request's signature then
    decides. Raises TryLater where its key cannot be fetched just now."""
    method = proof_method(envelope.document)
    if method is None:
        return False
    try:
        _check_host(method, envelope.actor)
        key = _owned(_fetch(method, now, refetch=False), envelope.actor)
        if not isinstance(key, Ed25519PublicKey):
            return False
        verify_proof(envelope.document, key, now)
    except NotAuthenticated:
        return False
    return True


def _proven_occasion(message: Message, actor: str, now: datetime) -> str:
    """The occasion, where the actor signed the request as well and with a key that is known."""
    try:
        claim = read_claim(message)
        key = find_key(claim.key_id)
        if key is None:
            return ""
        verify(message, claim, _owned(key, actor), now)
    except NotAuthenticated:
        return ""
    return _occasion(claim)


def _occasion(claim: Claim) -> str:
    return sha256(claim.signature).hexdigest()


@lru_cache(maxsize=2048)
def _load(public: str) -> PublicKey:
    """Parsing a key is far dearer than using it."""
    return load_public_pem(public) if public.lstrip().startswith("-----") else load_multibase(public)
