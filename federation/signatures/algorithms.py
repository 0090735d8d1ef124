"""Which algorithm a signature may have. The key decides (SV-05); the sender's hint can only narrow that down or
contradict it, and a contradiction is refused: believing the hint is the classic way to have an RSA public key used as
an HMAC secret. Called by ``verify`` and, to choose between labels, by ``rfc9421``."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .claim import Claim, Scheme
from .keys import PublicKey

_SHA256, _SHA512, _PKCS1 = hashes.SHA256(), hashes.SHA512(), PKCS1v15()
_Hashes = tuple[hashes.SHA256 | hashes.SHA512, ...]

# "hs2019" and no hint at all mean: look at the key. With RSA nearly everybody then uses SHA-256, so it is tried first.
_RSA: dict[tuple[Scheme, str], _Hashes] = {
    (Scheme.CAVAGE, ""): (_SHA256, _SHA512),
    (Scheme.CAVAGE, "hs2019"): (_SHA256, _SHA512),
    (Scheme.CAVAGE, "rsa-sha256"): (_SHA256,),
    (Scheme.CAVAGE, "rsa-sha512"): (_SHA512,),
    (Scheme.RFC9421, ""): (_SHA256, _SHA512),
    (Scheme.RFC9421, "rsa-v1_5-sha256"): (_SHA256,),
    (Scheme.RFC9421, "rsa-v1_5-sha512"): (_SHA512,),
}
_ED25519: frozenset[tuple[Scheme, str]] = frozenset(
    {
        (Scheme.CAVAGE, ""),
        (Scheme.CAVAGE, "hs2019"),
        (Scheme.CAVAGE, "ed25519"),
        (Scheme.RFC9421, ""),
        (Scheme.RFC9421, "ed25519"),
    }
)


def is_known(claim: Claim) -> bool:
    """Whether any kind of key goes with the hint."""
    hint = (claim.scheme, claim.algorithm)
    return hint in _RSA or hint in _ED25519


def fits(claim: Claim, key: PublicKey) -> bool:
    """Whether the hint goes with this kind of key."""
    return (claim.scheme, claim.algorithm) in (_RSA if isinstance(key, RSAPublicKey) else _ED25519)


def made_by(key: PublicKey, claim: Claim, texts: Iterable[bytes]) -> bool:
    """Whether ``key`` signed any of these texts; ``fits`` must hold."""
    for text in texts:
        if isinstance(key, RSAPublicKey):
            if any(_rsa_signed(key, claim.signature, text, hash_) for hash_ in _RSA[claim.scheme, claim.algorithm]):
                return True
        else:
            try:
                key.verify(claim.signature, text)
                return True
            except InvalidSignature:
                continue
    return False


def _rsa_signed(key: RSAPublicKey, signature: bytes, text: bytes, hash_: hashes.SHA256 | hashes.SHA512) -> bool:
    try:
        key.verify(signature, text, _PKCS1, hash_)
    except InvalidSignature:
        return False
    return True
