"""Verifies a signed request in two steps, because the key is found in between: ``read_claim`` says whose key,
``verify`` whether to believe it. A signature that is right but covers too little is refused all the same: what it
leaves out, anybody may change. Both steps only ever pass or raise; called by ``inbox.authenticate`` and by views that
ask for signed fetches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from . import cavage, rfc9421
from .algorithms import fits, is_known, made_by
from .claim import Claim, Scheme
from .clock import in_utc
from .digest import content_digest_matches, digest_matches
from .keys import PublicKey
from .message import Message
from .refused import SignatureRefused, WrongKey

__all__ = ["Claim", "Scheme", "SignatureRefused", "WrongKey", "read_claim", "verify"]

# Seconds (SV-04): peers sign for five minutes, and an hour on either side forgives a wrong clock.
OLDEST = 65 * 60
FURTHEST_AHEAD = 60 * 60

_UNCOVERED: dict[Scheme, Callable[[Message, Claim], str]] = {
    Scheme.CAVAGE: cavage.uncovered,
    Scheme.RFC9421: rfc9421.uncovered,
}
_TEXTS: dict[Scheme, Callable[[Message, Claim], list[bytes]]] = {
    Scheme.CAVAGE: cavage.signing_strings,
    Scheme.RFC9421: rfc9421.signature_bases,
}
_DIGESTS: dict[Scheme, tuple[str, Callable[[str, bytes], bool]]] = {
    Scheme.CAVAGE: ("digest", digest_matches),
    Scheme.RFC9421: ("content-digest", content_digest_matches),
}


def read_claim(message: Message) -> Claim:
    """Whose signature the request claims to carry. ``Signature-Input`` tells the schemes apart (RFC 9421 app. A)."""
    return rfc9421.read_claim(message) if "signature-input" in message.headers else cavage.read_claim(message)


def verify(message: Message, claim: Claim, key: PublicKey, now: datetime) -> None:
    """Passes if ``key`` signed this very request, completely and lately; else raises SignatureRefused: its kind
    WrongKey where another key may have signed it.

    ``claim`` must come from ``read_claim(message)``. Cheap checks come first, so that garbage costs next to nothing.
    """
    missing = _UNCOVERED[claim.scheme](message, claim)
    if missing:
        raise SignatureRefused(
            f"not covered: {missing}", sentence="The signature does not cover enough of the request."
        )
    _check_algorithm(claim, key)
    _check_time(claim, int(in_utc(now).timestamp()))
    try:
        texts = _TEXTS[claim.scheme](message, claim)
    except ValueError as error:
        raise SignatureRefused(str(error), sentence="The request has characters that cannot be signed.") from error
    if not made_by(key, claim, texts):
        raise WrongKey(sentence="The signature is wrong.")
    _check_body(message, claim)


def _check_algorithm(claim: Claim, key: PublicKey) -> None:
    if not is_known(claim):
        raise SignatureRefused(f"algorithm {claim.algorithm!r}", sentence="The signature's algorithm is not supported.")
    if not fits(claim, key):
        raise WrongKey(
            f"algorithm {claim.algorithm!r}", sentence="The signature's algorithm does not belong to the key."
        )


def _check_time(claim: Claim, now: int) -> None:
    """``expires`` can shorten a signature's life, never lengthen it: the window is narrower than the twelve hours after
    ``created`` at which Mastodon cuts it off."""
    created = claim.created
    if created is None or created > now + FURTHEST_AHEAD:
        raise SignatureRefused(sentence="The signature is from the future; please check your clock.")
    if created < now - OLDEST:
        raise SignatureRefused(sentence="The signature is too old.")
    if claim.expires is not None and now > claim.expires:
        raise SignatureRefused(sentence="The signature has expired.")


def _check_body(message: Message, claim: Claim) -> None:
    """The signature vouches for the header, the header for the body."""
    header, matches = _DIGESTS[claim.scheme]
    if header in claim.covered and not matches(message.headers.get(header, ""), message.body):
        raise SignatureRefused(sentence="The digest does not belong to the body.")
