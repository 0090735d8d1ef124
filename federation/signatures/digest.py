"""Digests of a body, in the two headers that carry them: ``Digest`` (RFC 3230, with cavage-12) and ``Content-Digest``
(RFC 9530, with RFC 9421). A signature covers the header; only a digest that is compared here ties it to the body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable

from .structured import Item, StructuredFieldError, parse_dictionary

# SHA-1 and MD5 are left out on purpose: they may stand there, but they never count (SV-03).
_KNOWN: dict[str, Callable[[bytes], bytes]] = {
    "sha-256": lambda body: hashlib.sha256(body).digest(),
    "sha-512": lambda body: hashlib.sha512(body).digest(),
}


def body_digest(body: bytes) -> bytes:
    """SHA-256, 32 bytes: made once per activity and handed to every signature of it (SO-12)."""
    return hashlib.sha256(body).digest()


def digest_header(body: bytes) -> str:
    return digest_value(body_digest(body))


def content_digest_header(body: bytes) -> str:
    return content_digest_value(body_digest(body))


def digest_value(digest: bytes) -> str:
    return f"SHA-256={base64.b64encode(digest).decode()}"


def content_digest_value(digest: bytes) -> str:
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def digest_matches(header: str, body: bytes) -> bool:
    """Whether a ``Digest`` header vouches for the body: at least one known algorithm matches and none disagrees
    (SV-03). Algorithm names are compared without case; an unreadable value of a known algorithm disagrees."""
    found: list[tuple[str, bytes]] = []
    for part in header.split(","):
        name, _, value = part.strip(" \t").partition("=")
        try:
            found.append((name.lower(), base64.b64decode(value, validate=True)))
        except (binascii.Error, ValueError):
            found.append((name.lower(), b""))
    return _vouched(found, body)


def content_digest_matches(header: str, body: bytes) -> bool:
    """The same for ``Content-Digest``, which is a Dictionary of byte sequences."""
    try:
        members = parse_dictionary(header)
    except StructuredFieldError:
        return False
    found = [(name, item.value if isinstance(item, Item) else None) for name, item in members.items()]
    return _vouched([(name, value if isinstance(value, bytes) else b"") for name, value in found], body)


def _vouched(found: Iterable[tuple[str, bytes]], body: bytes) -> bool:
    known = [(name, digest) for name, digest in found if name in _KNOWN]
    return bool(known) and all(hmac.compare_digest(_KNOWN[name](body), digest) for name, digest in known)
