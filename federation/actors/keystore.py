"""The private keys of our actors: made here, encrypted at rest, parsed once and then kept in memory (parsing one costs
a thousand times as much as using it). Nothing else in federation ever sees a PEM of ours. ``outbox`` signs deliveries
with them, ``actors`` fetches."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.conf import federation_settings
from federation.errors import ConfigurationError
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

RSA, ED25519 = ActorKey.Algorithm.RSA, ActorKey.Algorithm.ED25519


def create_keys(actor: LocalActor) -> None:
    """Makes both key pairs of a new actor. Their ids stand in its document and never change while they live."""
    rsa, ed25519 = generate_rsa(), generate_ed25519()
    _store(actor, f"{actor.uri}#main-key", RSA, public_pem(rsa.public_key()), rsa)
    _store(actor, f"{actor.uri}#ed25519-key", ED25519, public_multibase(ed25519.public_key()), ed25519)


def signer_for(actor: LocalActor) -> Signer:
    """Who signs requests of ``actor``. Raises ActorKey.DoesNotExist, and ConfigurationError for a lost Fernet key."""
    return Signer(*_key_in_use(actor, RSA))


def proof_key_for(actor: LocalActor) -> tuple[str, Ed25519PrivateKey]:
    """Verification method and key for the proofs of ``actor``; raises as :func:`signer_for` does."""
    key_id, key = _key_in_use(actor, ED25519)
    assert isinstance(key, Ed25519PrivateKey)
    return key_id, key


def public_keys(actor: LocalActor) -> ActorKeys:
    """The public halves, as the actor's document shows them."""
    found = dict(actor.keys.filter(retired_at=None).values_list("algorithm", "public"))
    return ActorKeys(rsa_public_pem=found[RSA], ed25519_multibase=found[ED25519])


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
