"""Object integrity proofs: FEP-8b32 with the cryptosuite eddsa-jcs-2022. A document that carries one can be believed
whoever brought it, so partners can verify what was relayed or cached. Whether the key belongs to the document's owner
is for the caller to check (SV-15); linked-data signatures are never looked at. ``outbox`` adds proofs, ``inbox`` checks
them."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import Any

import base58
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .clock import in_utc, read_timestamp, timestamp
from .refused import ProofRefused

__all__ = ["ProofRefused", "add_proof", "proof_method", "verify_proof"]

_FIXED = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
_PROOF_VALUE = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{64,88}")  # 64 bytes; decoding base58 takes quadratic time


def add_proof(
    document: dict[str, Any], verification_method: str, key: Ed25519PrivateKey, created: datetime
) -> dict[str, Any]:
    """A copy of the document with a proof, replacing any that it had.

    ``verification_method`` is the key's address. Raises ValueError for values that JSON cannot carry exactly (NaN,
    integers beyond 2**53, lone surrogates): peers would hash something else.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options: dict[str, Any] = {
        **({"@context": document["@context"]} if "@context" in document else {}),
        **_FIXED,
        "verificationMethod": verification_method,
        "created": timestamp(created),
    }
    signature = key.sign(_hash(options, unsecured))
    return {**unsecured, "proof": {**options, "proofValue": "z" + base58.b58encode(signature).decode("ascii")}}


def proof_method(document: dict[str, Any]) -> str | None:
    """The address of the key that the document's proof names; None if there is no single proof or it names none."""
    proof = _find_proof(document)
    method = proof.get("verificationMethod") if proof else None
    return method if isinstance(method, str) else None


def verify_proof(document: dict[str, Any], key: Ed25519PublicKey, now: datetime) -> None:
    """Passes if ``key`` made the document's proof; else raises ProofRefused.

    Everything in the proof except ``proofValue`` is part of what was signed, known options or not, so none can be added
    or changed (Fedify had to fix that). A ``previousProof`` is refused: chains are not followed.
    """
    proof = _find_proof(document)
    if proof is None:
        raise ProofRefused(sentence="The document does not carry exactly one proof.")
    if any(proof.get(name) != value for name, value in _FIXED.items()) or "previousProof" in proof:
        raise ProofRefused(sentence="The proof is of a kind that is not supported.")
    _check_times(proof, in_utc(now))
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    # A linked-data signature is added after the proof and must be taken off first (FEP-8b32, backward compatibility).
    unsecured = {name: value for name, value in document.items() if name not in {"proof", "signature"}}
    if "@context" in options:
        _check_context(unsecured.get("@context"), options["@context"])
        unsecured["@context"] = options["@context"]
    try:
        key.verify(_proof_value(proof.get("proofValue")), _hash(options, unsecured))
    except InvalidSignature as error:
        raise ProofRefused(sentence="The proof is wrong.") from error
    except (ValueError, RecursionError) as error:
        raise ProofRefused(str(error), sentence="The document cannot be put into canonical form.") from error


def _find_proof(document: dict[str, Any]) -> dict[str, Any] | None:
    proof = document.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    return proof if isinstance(proof, dict) else None


def _check_times(proof: dict[str, Any], now: datetime) -> None:
    try:
        times = {name: read_timestamp(proof[name]) for name in ("created", "expires") if name in proof}
    except (TypeError, ValueError) as error:
        raise ProofRefused(sentence="A time in the proof is malformed.") from error
    if "expires" in times and times["expires"] < now:
        raise ProofRefused(sentence="The proof has expired.")


def _check_context(whole: Any, signed: Any) -> None:
    """The document's context must begin with the proof's (vc-di-eddsa §3.3.2): what was signed is the proof's."""
    whole, signed = ([value] if not isinstance(value, list) else value for value in (whole, signed))
    if whole[: len(signed)] != signed:
        raise ProofRefused(sentence="The proof was made for another @context.")


def _proof_value(value: Any) -> bytes:
    if not isinstance(value, str) or not _PROOF_VALUE.fullmatch(value):
        raise ProofRefused(sentence="The proof's value is malformed.")
    return base58.b58decode(value[1:])


def _hash(options: dict[str, Any], unsecured: dict[str, Any]) -> bytes:
    return sha256(rfc8785.dumps(options)).digest() + sha256(rfc8785.dumps(unsecured)).digest()
