"""Keys: RSA for requests, Ed25519 for documents, and their written forms (PEM, Multikey). Other people's keys are
checked here, once, on the way in: too small is forgeable, too large or oddly shaped is a way to burn our processor.
Callers keep the parsed key; parsing one is far dearer than using it. Encryption at rest is the business of ``actors``.
"""

from __future__ import annotations

import re

import base58
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from .refused import KeyRefused

__all__ = [
    "KeyRefused",
    "PrivateKey",
    "PublicKey",
    "generate_ed25519",
    "generate_rsa",
    "load_multibase",
    "load_private_pem",
    "load_public_pem",
    "private_pem",
    "public_multibase",
    "public_pem",
]

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey

_RSA_BITS = range(2048, 8192 + 1)
_MOST_EXPONENT_BITS = 64  # an exponent as long as the modulus makes each verification a hundred times dearer
_LONGEST_PEM = 16_384
_ED25519_PREFIX = b"\xed\x01"  # multicodec 0xed
_RSA_PREFIX = b"\x85\x24"  # multicodec 0x1205, followed by PKCS#1 DER
# Base58 decoding takes quadratic time; RSA with 8192 bits needs about 1,430 characters.
_MULTIBASE = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{1,1500}")


def generate_rsa() -> RSAPrivateKey:
    """2048 bits: what every peer reads (AC-03); 4096 would cost six times the processor per delivery."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def generate_ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def private_pem(key: PrivateKey) -> str:
    """Unencrypted PKCS#8; only for a caller that encrypts it at once."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def load_private_pem(pem: str) -> PrivateKey:
    """One of our own keys; raises ValueError, or TypeError for another kind. RSA's consistency check is skipped: it
    takes 25 ms, protects nobody from keys that were generated here, and would cap a worker at 40 deliveries a second.
    """
    key = serialization.load_pem_private_key(pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise TypeError("neither an RSA nor an Ed25519 key")
    return key


def public_pem(key: PublicKey) -> str:
    """SPKI, ``-----BEGIN PUBLIC KEY-----``: PeerTube refuses every other header (AC-03)."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def load_public_pem(pem: str) -> PublicKey:
    """Somebody's key from SPKI or PKCS#1 (``BEGIN RSA PUBLIC KEY``); raises KeyRefused."""
    if len(pem) > _LONGEST_PEM:
        raise KeyRefused(sentence="The public key is too long.")
    try:
        key = serialization.load_pem_public_key(pem.encode("ascii"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(str(error), sentence="The public key is not a readable PEM.") from error
    return _checked(key)


def public_multibase(key: Ed25519PublicKey) -> str:
    """``z6Mk…`` (FEP-521a): base58btc of the multicodec prefix and the 32 bytes."""
    return "z" + base58.b58encode(_ED25519_PREFIX + key.public_bytes_raw()).decode("ascii")


def load_multibase(text: str) -> PublicKey:
    """The key in a Multikey's ``publicKeyMultibase``: Ed25519, or RSA as PKCS#1; raises KeyRefused."""
    if not _MULTIBASE.fullmatch(text):
        raise KeyRefused(sentence="The public key is not base58btc Multibase.")
    coded = base58.b58decode(text[1:])
    prefix, raw = coded[:2], coded[2:]
    try:
        if prefix == _ED25519_PREFIX:
            return Ed25519PublicKey.from_public_bytes(raw)
        if prefix == _RSA_PREFIX:
            return _checked(serialization.load_der_public_key(raw))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(str(error), sentence="The public key is not a readable Multikey.") from error
    raise KeyRefused(sentence="The public key is of a kind that is not supported.")


def _checked(key: object) -> PublicKey:
    if isinstance(key, Ed25519PublicKey):
        return key
    if not isinstance(key, RSAPublicKey):
        raise KeyRefused(sentence="The public key is of a kind that is not supported.")
    if key.key_size not in _RSA_BITS:
        raise KeyRefused(sentence="An RSA key must have between 2048 and 8192 bits.")
    numbers = key.public_numbers()  # parsing has refused exponents that are even or below 3
    if numbers.e.bit_length() > _MOST_EXPONENT_BITS or numbers.n % 2 == 0:
        raise KeyRefused(sentence="The RSA key has an unusable exponent or modulus.")
    return key
