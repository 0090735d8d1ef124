"""Keeps small secrets of people unreadable in the database and in its backups. The keys are the instance's own ring;
from each, a key for this purpose is derived, so that what is sealed here opens nothing elsewhere."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """No key of the ring opens it: the instance was given others."""


def seal(secret: bytes) -> bytes:
    """With the first key of the ring."""
    return _ring(tuple(settings.SEALING_KEYS)).encrypt(secret)


def unseal(sealed: bytes | memoryview) -> bytes:
    """With whichever key fits; raises Unreadable."""
    try:
        return _ring(tuple(settings.SEALING_KEYS)).decrypt(bytes(sealed))
    except InvalidToken:
        raise Unreadable from None


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """RFC 5869. The input is 32 bytes by lot, so it needs no salt."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"commonwire.cms.sealing")
    return urlsafe_b64encode(derive.derive(urlsafe_b64decode(key)))
