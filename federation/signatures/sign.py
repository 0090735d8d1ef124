"""Signs one attempt of one request. It runs for every delivery, so it parses nothing and hashes no body that was hashed
before; the time is that of the attempt, never of the queueing (SO-09). Called by ``net`` for fetches and by ``outbox``
for deliveries; which scheme to try first, and which next, is theirs to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from . import cavage, rfc9421
from .claim import Scheme
from .clock import http_date
from .digest import body_digest, content_digest_value, digest_value
from .keys import PrivateKey
from .message import Message

__all__ = ["Scheme", "Signer", "sign"]

_PKCS1, _SHA256 = PKCS1v15(), SHA256()
_DIGESTS: dict[Scheme, tuple[str, Callable[[bytes], str]]] = {
    Scheme.CAVAGE: ("Digest", digest_value),
    Scheme.RFC9421: ("Content-Digest", content_digest_value),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the address under which peers find the public key, and the parsed private key."""

    key_id: str
    key: PrivateKey


def sign(
    message: Message, signer: Signer, scheme: Scheme, now: datetime, digest: bytes | None = None
) -> dict[str, str]:
    """The headers to add to the request, as they go on the wire.

    ``digest`` is ``body_digest(message.body)``, when the caller has it already. The body's ``Content-Type`` is covered
    if ``message.headers`` has it. For the second try with peers such as Fedify that verify cavage without the query
    (SO-04), sign the same message with a ``url`` that has none. Raises ValueError for an address that is not absolute
    http(s) or a time without a zone, and TypeError for cavage with a key that is not RSA.
    """
    added = {"Host": message.address.authority, "Date": http_date(now)}
    if message.has_content:
        name, write = _DIGESTS[scheme]
        added[name] = write(body_digest(message.body) if digest is None else digest)
    headers = {**message.headers, **{name.lower(): value for name, value in added.items()}}
    return added | _SCHEMES[scheme](replace(message, headers=headers), signer, now)


def _sign_cavage(message: Message, signer: Signer, now: datetime) -> dict[str, str]:
    if not isinstance(signer.key, RSAPrivateKey):
        raise TypeError("cavage-12 is signed with RSA: hardly any peer verifies anything else")
    covered = ["(request-target)", "host", "date"]
    if message.has_content:
        covered += ["digest", *_content_type(message)]
    text = cavage.signing_string(message, covered)
    return {"Signature": cavage.write_header(signer.key_id, "rsa-sha256", covered, _signature(signer.key, text))}


def _sign_rfc9421(message: Message, signer: Signer, now: datetime) -> dict[str, str]:
    covered = ["@method", "@target-uri", "@authority"]
    if message.has_content:
        covered += ["content-digest", *_content_type(message), "date"]
    algorithm = "rsa-v1_5-sha256" if isinstance(signer.key, RSAPrivateKey) else "ed25519"
    parameters = rfc9421.write_parameters(covered, int(now.timestamp()), signer.key_id, algorithm)
    text = rfc9421.signature_base(message, covered, parameters)
    return rfc9421.write_headers(parameters, _signature(signer.key, text))


def _signature(key: PrivateKey, text: bytes) -> bytes:
    return key.sign(text, _PKCS1, _SHA256) if isinstance(key, RSAPrivateKey) else key.sign(text)


def _content_type(message: Message) -> list[str]:
    return ["content-type"] if "content-type" in message.headers else []


_SCHEMES: dict[Scheme, Callable[[Message, Signer, datetime], dict[str, str]]] = {
    Scheme.CAVAGE: _sign_cavage,
    Scheme.RFC9421: _sign_rfc9421,
}
