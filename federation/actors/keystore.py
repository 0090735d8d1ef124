"""The private keys of our actors: made here, encrypted at rest, parsed once and then kept in memory (parsing one costs
a thousand times as much as using it). Nothing else in federation ever sees a PEM of ours. ``outbox`` signs deliveries
with them, ``actors`` fetches. When keys change is decided in :mod:`.rotation`."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import QuerySet

from federation.conf import federation_settings
from federation.errors import ConfigurationError, FederationError
from federation.models import ActorKey, LocalActor
from federation.signatures.keys import (
    PrivateKey,
    generate_ed25519,
    generate_rsa,
    load_private_pem,
    private_pem,
    public_multibase,
    public_pem,
)
from federation.signatures.sign import Signer
from federation.vocab.build import ActorKeys

_log = logging.getLogger(__name__)
RSA, ED25519 = ActorKey.Algorithm.RSA, ActorKey.Algorithm.ED25519


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Who signs for an actor: ``current``, and while a rotation is under way also ``former``, whose row is
    ``former_row``. None for what is not there or cannot be read."""

    current: Signer | None
    former: Signer | None = None
    former_row: int | None = None


def create_keys(actor: LocalActor) -> None:
    """Makes both key pairs of an actor that has none in use. Their ids stand in its document and never change while
    they live; those of later keys are numbered, since servers remember a key by its id."""
    rsa, ed25519 = generate_rsa(), generate_ed25519()
    _store(actor, _new_id(actor, "main-key", RSA), RSA, public_pem(rsa.public_key()), rsa)
    _store(actor, _new_id(actor, "ed25519-key", ED25519), ED25519, public_multibase(ed25519.public_key()), ed25519)


def retire_keys(actor: LocalActor, now: datetime) -> None:
    """Takes both keys out of use. No proof will be made with the former Ed25519 key, so its private half goes at once;
    the RSA key still signs for those who know no other."""
    in_use = actor.keys.filter(retired_at=None)
    in_use.filter(algorithm=ED25519).update(private=b"")
    in_use.update(retired_at=now)


def end_keys(keys: QuerySet[ActorKey], now: datetime) -> int:
    """For good: the private halves are destroyed. How many."""
    return keys.filter(ended_at=None).update(ended_at=now, private=b"")


def signer_for(actor: LocalActor) -> Signer:
    """Who signs requests of ``actor``. Raises ActorKey.DoesNotExist, and ConfigurationError for a lost Fernet key."""
    return Signer(*_key_in_use(actor, RSA))


def signing_keys(actors: Collection[UUID]) -> dict[UUID, SigningKeys]:
    """Of several actors, by one query, so that who sends for long notices when a key was replaced."""
    rows = ActorKey.objects.filter(actor__in=actors, algorithm=RSA, ended_at=None).order_by("retired_at")
    current: dict[UUID, Signer | None] = {}
    former: dict[UUID, tuple[Signer | None, int]] = {}
    for actor, row, key_id, retired_at in rows.values_list("actor_id", "pk", "key_id", "retired_at"):
        if retired_at is None:
            current[actor] = _find_signer(row, key_id)
        else:
            former[actor] = (_find_signer(row, key_id), row)
    return {actor: SigningKeys(signer, *former.get(actor, ())) for actor, signer in current.items()}


def proof_key_for(actor: LocalActor) -> tuple[str, Ed25519PrivateKey]:
    """Verification method and key for the proofs of ``actor``; raises as :func:`signer_for` does."""
    key_id, key = _key_in_use(actor, ED25519)
    assert isinstance(key, Ed25519PrivateKey)
    return key_id, key


def public_keys(actor: LocalActor) -> ActorKeys:
    """The public halves, as the actor's document shows them: of the RSA keys the one in use, of the proof keys also the
    former ones that have not ended."""
    rsa_id, rsa = actor.keys.values_list("key_id", "public").get(algorithm=RSA, retired_at=None)
    proofs = actor.keys.filter(algorithm=ED25519, ended_at=None).order_by("-pk").values_list("key_id", "public")
    return ActorKeys(rsa_id=rsa_id, rsa_public_pem=rsa, proof_keys=tuple(proofs))


def _new_id(actor: LocalActor, name: str, algorithm: str) -> str:
    number = actor.keys.filter(algorithm=algorithm).count() + 1
    return f"{actor.uri}#{name}" if number == 1 else f"{actor.uri}#{name}-{number}"


def _find_signer(row: int, key_id: str) -> Signer | None:
    try:
        return Signer(key_id, _parsed(row, key_id))
    except (ActorKey.DoesNotExist, FederationError):
        _log.exception("the key %s cannot be used", key_id)
        return None


def _store(actor: LocalActor, key_id: str, algorithm: str, public: str, key: PrivateKey) -> None:
    sealed = _fernet().encrypt(private_pem(key).encode("ascii"))
    ActorKey.objects.create(actor=actor, key_id=key_id, algorithm=algorithm, public=public, private=sealed)


def _key_in_use(actor: LocalActor, algorithm: str) -> tuple[str, PrivateKey]:
    keys = ActorKey.objects.filter(actor=actor, algorithm=algorithm, retired_at=None)
    row, key_id = keys.values_list("pk", "key_id").get()
    return key_id, _parsed(row, key_id)


@lru_cache(maxsize=1024)
def _parsed(row: int, key_id: str) -> PrivateKey:
    """The parsed key of a row; ``key_id`` is part of the memory's key, should a database be exchanged for another."""
    sealed = ActorKey.objects.values_list("private", flat=True).get(pk=row, key_id=key_id)
    try:
        return load_private_pem(_fernet().decrypt(bytes(sealed)).decode("ascii"))
    except InvalidToken as error:
        raise ConfigurationError(f"no key in FEDERATION_KEYS opens {key_id}") from error


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in federation_settings().KEYS])
