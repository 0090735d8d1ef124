"""The scheme that nearly everybody speaks: draft-cavage-http-signatures-12. Reads and writes its ``Signature`` header
and builds the text that is signed; it decides nothing and checks no key. Called by ``sign`` and ``verify`` only."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from .claim import Claim, Scheme, checked_components, checked_header, checked_key_id
from .clock import read_http_date
from .message import Message
from .refused import SignatureRefused

_PARAMETER = re.compile(r'[ \t]*([A-Za-z][A-Za-z0-9_-]*)=(?:"([^"\\]*)"|([^\s",]+))[ \t]*(?:,|\Z)')
_UNIX = re.compile(r"[0-9]{1,12}")
# With these the draft forbids the signed times (§2.3): Mastodon refuses such signatures, so nobody sends them by right.
_DATED_ALGORITHMS = ("rsa", "hmac", "ecdsa")


def signing_string(
    message: Message,
    covered: Iterable[str],
    *,
    created: int | None = None,
    expires: int | None = None,
    with_query: bool = True,
) -> bytes:
    """The text that is signed (draft §2.3). Raises SignatureRefused for a component that is not there, and ValueError
    for characters that no header can carry."""
    address = message.address
    special = {"(request-target)": f"{message.method.lower()} {address.target if with_query else address.path}"}
    if created is not None:
        special["(created)"] = str(created)
    if expires is not None:
        special["(expires)"] = str(expires)
    lines = [f"{name}: {special.get(name) or message.signed_value(name, address)}" for name in covered]
    return "\n".join(lines).encode("latin-1")  # servers hand header bytes over as Latin-1


def write_header(key_id: str, algorithm: str, covered: Iterable[str], signature: bytes) -> str:
    """The ``Signature`` header. ``algorithm`` always stands there: Misskey refuses signatures without it (SO-01)."""
    encoded = base64.b64encode(signature).decode()
    return (
        f'keyId="{checked_key_id(key_id)}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{encoded}"'
    )


def read_claim(message: Message) -> Claim:
    """What the ``Signature`` header says; raises SignatureRefused if it cannot be read."""
    parameters = _parameters(checked_header(message.headers.get("signature")))
    algorithm = parameters.get("algorithm", "").lower()
    covered = checked_components(parameters.get("headers", "").lower().split())
    if algorithm.startswith(_DATED_ALGORITHMS) and not {"(created)", "(expires)"}.isdisjoint(covered):
        raise SignatureRefused(sentence="This algorithm must sign the Date header, not (created) or (expires).")
    return Claim(
        scheme=Scheme.CAVAGE,
        key_id=checked_key_id(parameters.get("keyid")),
        covered=covered,
        created=_created(message, covered, parameters),
        expires=_unix(parameters["expires"]) if "expires" in parameters else None,
        algorithm=algorithm,
        signature=_signature(parameters.get("signature", "")),
    )


def signing_strings(message: Message, claim: Claim) -> list[bytes]:
    """The texts that the sender may have signed: GoToSocial, Fedify and old Mastodon leave the query out (SO-04)."""
    ways = [True, False] if message.address.query else [True]
    return [
        signing_string(message, claim.covered, created=claim.created, expires=claim.expires, with_query=way)
        for way in ways
    ]


def uncovered(message: Message, claim: Claim) -> str:
    """The first component that a signature must cover (SV-02) and this one does not; empty if it covers enough."""
    required = ["(request-target)", "host"] + (["digest"] if message.has_content else [])
    missing = [name for name in required if name not in claim.covered]
    return missing[0] if missing else "date" if claim.created is None else ""


def _parameters(header: str) -> dict[str, str]:
    """Names in lower case. A parameter that comes twice makes the signature unusable (draft §2.2)."""
    parameters: dict[str, str] = {}
    at = 0
    while at < len(header):
        found = _PARAMETER.match(header, at)
        if not found or found[1].lower() in parameters:
            raise SignatureRefused(sentence="The signature header is malformed.")
        parameters[found[1].lower()] = found[2] if found[2] is not None else found[3]
        at = found.end()
    return parameters


def _created(message: Message, covered: tuple[str, ...], parameters: dict[str, str]) -> int | None:
    """When it was signed, if the signature covers that. A time that is not covered could be anybody's."""
    if "(created)" in covered:
        return _unix(parameters.get("created", ""))
    if "date" not in covered:
        return None
    try:
        return read_http_date(message.headers.get("date", ""))
    except ValueError as error:
        raise SignatureRefused(sentence="The Date header cannot be read.") from error


def _unix(text: str) -> int:
    if not _UNIX.fullmatch(text):
        raise SignatureRefused(sentence="A time in the signature is malformed.")
    return int(text)


def _signature(text: str) -> bytes:
    try:
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused(sentence="The signature is not base64.") from error
    if not signature:
        raise SignatureRefused(sentence="The signature is empty.")
    return signature
