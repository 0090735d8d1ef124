"""What a signed request claims about itself, before anybody believes it. A ``Claim`` proves nothing; only ``verify``
does. Both schemes make it, ``verify`` weighs it, and ``inbox`` reads ``key_id`` from it to find the key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .refused import SignatureRefused

LONGEST_HEADER = 8192
MOST_COMPONENTS = 64
_KEY_ID = re.compile(r"[!-~]{1,2048}")


class Scheme(StrEnum):
    CAVAGE = "cavage-12"
    RFC9421 = "rfc9421"


@dataclass(frozen=True, slots=True)
class Claim:
    """``key_id`` is whatever the sender wrote: an address with or without a fragment, or ``acct:…`` (SV-06).

    ``covered`` are component names in the order signed; ``created`` and ``expires`` are Unix seconds, and ``created``
    is None unless the signature itself covers it; ``algorithm`` is the sender's hint, lower-case, empty if there is
    none; ``parameters`` is RFC 9421's ``@signature-params`` value and empty for cavage.
    """

    scheme: Scheme
    key_id: str
    covered: tuple[str, ...]
    created: int | None
    expires: int | None
    algorithm: str
    signature: bytes
    label: str = ""
    parameters: str = ""


def checked_key_id(text: object) -> str:
    if not isinstance(text, str) or not _KEY_ID.fullmatch(text):
        raise SignatureRefused(sentence="The signature does not name its key.")
    return text


def checked_components(names: list[str]) -> tuple[str, ...]:
    """The covered components: some, not absurdly many, none twice (RFC 9421 §2.5)."""
    if not 0 < len(names) <= MOST_COMPONENTS or len(set(names)) != len(names):
        raise SignatureRefused(sentence="The list of what the signature covers cannot be used.")
    return tuple(names)


def checked_header(value: str | None) -> str:
    """``Signature`` or ``Signature-Input``, there and of a sensible size."""
    if not value:
        raise SignatureRefused(sentence="The request is not signed.")
    if len(value) > LONGEST_HEADER:
        raise SignatureRefused(sentence="The signature header is too long.")
    return value
