"""Requests signed by hand, line by line, with nothing of federation's own signing code: what these tests say about
verifying must not depend on how we sign. Times are Unix seconds."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from federation.signatures.message import Message

KEY_ID = "https://peer.example/users/ana#main-key"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
UNIX_NOW = 1_795_262_400
DATE_NOW = "Sat, 21 Nov 2026 12:00:00 GMT"
CAVAGE_POST = ("(request-target)", "host", "date", "digest", "content-type")
RFC9421_POST = ("@method", "@target-uri", "@authority", "content-digest", "content-type", "date")

PrivateKey = rsa.RSAPrivateKey | Ed25519PrivateKey


@lru_cache
def rsa_key() -> rsa.RSAPrivateKey:
    """One RSA key for the whole run: making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def post(url: str = "https://hub.example/ap/inbox", body: bytes = b'{"type": "Follow"}') -> Message:
    """An unsigned POST, with the headers that a signature of either scheme may cover."""
    encoded = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {
        "host": urlsplit(url).netloc,
        "date": DATE_NOW,
        "digest": f"SHA-256={encoded}",
        "content-digest": f"sha-256=:{encoded}:",
        "content-type": "application/activity+json",
    }
    return Message("POST", url, headers, body)


def get(url: str = "https://hub.example/ap/actors/1") -> Message:
    return Message("GET", url, {"host": urlsplit(url).netloc, "date": DATE_NOW})


def with_headers(message: Message, **headers: str | None) -> Message:
    """The message with headers set, or taken out where None; underscores stand for hyphens."""
    changed = {**message.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return replace(message, headers={name: value for name, value in changed.items() if value is not None})


def by_hand_cavage(
    message: Message,
    covered: tuple[str, ...] = CAVAGE_POST,
    *,
    key: PrivateKey | None = None,
    algorithm: str | None = "rsa-sha256",
    created: int | None = None,
    expires: int | None = None,
    target: str | None = None,
    hash_: HashAlgorithm | None = None,
) -> Message:
    parts = urlsplit(message.url)
    if target is None:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    values = {
        **message.headers,
        "(request-target)": f"{message.method.lower()} {target}",
        "(created)": str(created),
        "(expires)": str(expires),
    }
    signature = _sign(key or rsa_key(), "\n".join(f"{name}: {values[name]}" for name in covered), hash_)
    header = [
        f'keyId="{KEY_ID}"',
        *([f'algorithm="{algorithm}"'] if algorithm is not None else []),
        *([f"created={created}"] if created is not None else []),
        *([f"expires={expires}"] if expires is not None else []),
        f'headers="{" ".join(covered)}"',
        f'signature="{signature}"',
    ]
    return with_headers(message, signature=",".join(header))


def by_hand_rfc9421(
    message: Message,
    covered: tuple[str, ...] = RFC9421_POST,
    *,
    key: PrivateKey | None = None,
    label: str = "sig1",
    parameters: str | None = None,
    hash_: HashAlgorithm | None = None,
) -> Message:
    """``parameters`` replaces everything after the list of components; its default has created, keyid and alg."""
    parts = urlsplit(message.url)
    values = {
        **message.headers,
        "@method": message.method,
        "@target-uri": message.url,
        "@authority": parts.netloc,
        "@scheme": parts.scheme,
        "@request-target": parts.path + (f"?{parts.query}" if parts.query else ""),
        "@path": parts.path,
        "@query": f"?{parts.query}",
    }
    if parameters is None:
        parameters = f';created={UNIX_NOW};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    params = "(" + " ".join(f'"{name}"' for name in covered) + ")" + parameters
    lines = [f'"{name}": {values[name]}' for name in covered]
    signature = _sign(key or rsa_key(), "\n".join([*lines, f'"@signature-params": {params}']), hash_)
    return add_label(message, label, params, f":{signature}:")


def add_label(message: Message, label: str, params: str, signature: str) -> Message:
    """One more labelled signature beside those that are there."""
    inputs = [*filter(None, [message.headers.get("signature-input")]), f"{label}={params}"]
    signatures = [*filter(None, [message.headers.get("signature")]), f"{label}={signature}"]
    return with_headers(message, signature_input=", ".join(inputs), signature=", ".join(signatures))


def _sign(key: PrivateKey, text: str, hash_: HashAlgorithm | None) -> str:
    data = text.encode("latin-1")
    if isinstance(key, rsa.RSAPrivateKey):
        return base64.b64encode(key.sign(data, padding.PKCS1v15(), hash_ or SHA256())).decode()
    return base64.b64encode(key.sign(data)).decode()
