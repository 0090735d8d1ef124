"""What is refused, rule by rule, in both schemes. Requests are signed by hand, so that no mistake of ours in signing
can hide the same mistake in verifying."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from federation.signatures.keys import PublicKey
from federation.signatures.message import Message
from federation.signatures.refused import SignatureRefused
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import (
    CAVAGE_POST,
    KEY_ID,
    NOW,
    RFC9421_POST,
    UNIX_NOW,
    by_hand_cavage,
    by_hand_rfc9421,
    ed25519_key,
    get,
    post,
    rsa_key,
    with_headers,
)

BY_HAND: dict[str, Callable[..., Message]] = {"cavage": by_hand_cavage, "rfc9421": by_hand_rfc9421}
URL = "https://hub.example/ap/inbox?a=1"
WRONG = "The signature is wrong."
TOO_LITTLE = "The signature does not cover enough of the request."
NOT_SENT = "The signature covers a header that was not sent."
BODY_DIFFERS = "The digest does not belong to the body."

schemes = pytest.mark.parametrize("scheme", BY_HAND)


def refusal(message: Message, key: PublicKey | None = None, later: timedelta = timedelta()) -> str:
    """The sentence with which the message is refused; fails if it is believed."""
    with pytest.raises(SignatureRefused) as refused:
        verify(message, read_claim(message), key or rsa_key().public_key(), NOW + later)
    assert refused.value.status == 401
    return refused.value.sentence


def accept(message: Message, key: PublicKey | None = None, later: timedelta = timedelta()) -> None:
    verify(message, read_claim(message), key or rsa_key().public_key(), NOW + later)


def flipped(text: bytes) -> bytes:
    return bytes([text[0] ^ 1]) + text[1:]


def same_digest_for(body: bytes) -> dict[str, str]:
    other = post(body=body).headers
    return {"digest": other["digest"], "content_digest": other["content-digest"]}


TAMPERED: dict[str, tuple[Callable[[Message], Message], str]] = {
    "one bit of the body": (lambda m: replace(m, body=flipped(m.body)), BODY_DIFFERS),
    "a body that is cut off": (lambda m: replace(m, body=m.body[:-1]), BODY_DIFFERS),
    "an empty body": (lambda m: replace(m, body=b""), BODY_DIFFERS),
    "body and digest together": (
        lambda m: with_headers(replace(m, body=b"{}"), **same_digest_for(b"{}")),
        WRONG,
    ),
    "the digest taken out": (lambda m: with_headers(m, digest=None, content_digest=None), NOT_SENT),
    "the path": (lambda m: replace(m, url=URL.replace("inbox", "outbox")), WRONG),
    "the case of the path": (lambda m: replace(m, url=URL.replace("inbox", "Inbox")), WRONG),
    "a slash more in the path": (lambda m: replace(m, url=URL.replace("/inbox", "//inbox")), WRONG),
    "the path's percent-encoding": (lambda m: replace(m, url=URL.replace("inbox", "inbo%78")), WRONG),
    "the query": (lambda m: replace(m, url=URL.replace("a=1", "a=2")), WRONG),
    "the host": (lambda m: with_headers(replace(m, url=URL.replace("hub", "spoke")), host="spoke.example"), WRONG),
    "the host, with the old header kept": (lambda m: replace(m, url=URL.replace("hub", "spoke")), WRONG),
    "the port": (lambda m: replace(m, url=URL.replace(".example", ".example:8443")), WRONG),
    "the method": (lambda m: replace(m, method="PUT"), WRONG),
    "the date header": (lambda m: with_headers(m, date="Sat, 21 Nov 2026 12:00:01 GMT"), WRONG),
    "the content type": (lambda m: with_headers(m, content_type="text/html"), WRONG),
}


@schemes
def test_an_untouched_request_is_believed(scheme: str) -> None:
    accept(BY_HAND[scheme](post(URL)))


@schemes
@pytest.mark.parametrize(("tamper", "sentence"), TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_request_is_refused(scheme: str, tamper: Callable[[Message], Message], sentence: str) -> None:
    assert refusal(tamper(BY_HAND[scheme](post(URL)))) == sentence


@schemes
def test_one_flipped_bit_in_the_signature_is_refused(scheme: str) -> None:
    message = BY_HAND[scheme](post(URL))
    claim = read_claim(message)
    with pytest.raises(SignatureRefused, match="wrong"):
        verify(message, replace(claim, signature=flipped(claim.signature)), rsa_key().public_key(), NOW)


@schemes
def test_a_signature_by_somebody_else_is_refused(scheme: str) -> None:
    other = generate_private_key(65537, 2048).public_key()
    assert refusal(BY_HAND[scheme](post(URL)), other) == WRONG


COVERAGE = [
    *[("cavage", post, CAVAGE_POST, left_out) for left_out in ("(request-target)", "host", "date", "digest")],
    *[("cavage", get, CAVAGE_POST[:3], left_out) for left_out in ("(request-target)", "host", "date")],
    *[("rfc9421", post, RFC9421_POST, left_out) for left_out in ("@method", "@target-uri", "content-digest")],
    *[("rfc9421", get, RFC9421_POST[:3], left_out) for left_out in ("@method", "@target-uri")],
    *[
        ("rfc9421", get, ("@method", "@authority", "@path", "@query"), left_out)
        for left_out in ("@method", "@authority", "@path", "@query")
    ],
]


@pytest.mark.parametrize(("scheme", "request_", "covered", "left_out"), COVERAGE)
def test_a_right_signature_that_covers_too_little_is_refused(
    scheme: str, request_: Callable[[], Message], covered: tuple[str, ...], left_out: str
) -> None:
    rest = tuple(name for name in covered if name != left_out)
    assert refusal(BY_HAND[scheme](request_(), rest)) == TOO_LITTLE


@pytest.mark.parametrize("covered", [RFC9421_POST[:3], ("@method", "@authority", "@path", "@query")])
def test_an_rfc9421_get_is_believed_with_either_way_to_cover_its_target(covered: tuple[str, ...]) -> None:
    accept(by_hand_rfc9421(get("https://hub.example/a?page=1"), covered))


def test_a_body_that_the_signature_leaves_out_cannot_be_exchanged() -> None:
    message = by_hand_rfc9421(post(), tuple(name for name in RFC9421_POST if name != "content-digest"))
    assert refusal(with_headers(replace(message, body=b"{}"), **same_digest_for(b"{}"))) == TOO_LITTLE


@schemes
def test_a_post_without_a_body_must_cover_that_it_has_none(scheme: str) -> None:
    covered = {"cavage": CAVAGE_POST[:3], "rfc9421": RFC9421_POST[:3]}[scheme]
    assert refusal(BY_HAND[scheme](post(body=b""), covered)) == TOO_LITTLE


@schemes
def test_a_get_with_a_body_must_cover_it(scheme: str) -> None:
    covered = {"cavage": CAVAGE_POST[:3], "rfc9421": RFC9421_POST[:3]}[scheme]
    assert refusal(BY_HAND[scheme](replace(get(), body=b"x"), covered)) == TOO_LITTLE


@schemes
def test_a_covered_digest_is_checked_on_a_get_too(scheme: str) -> None:
    covered = {"cavage": CAVAGE_POST[:4], "rfc9421": RFC9421_POST[:4]}[scheme]
    message = with_headers(get(), **same_digest_for(b"not empty"))
    assert refusal(BY_HAND[scheme](message, covered)) == BODY_DIFFERS


@schemes
@pytest.mark.parametrize("minutes", [-60, 0, 5, 65])
def test_a_signature_inside_the_window_is_believed(scheme: str, minutes: int) -> None:
    accept(BY_HAND[scheme](post()), later=timedelta(minutes=minutes))


@schemes
@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        (timedelta(minutes=65, seconds=1), "The signature is too old."),
        (timedelta(hours=13), "The signature is too old."),
        (-timedelta(minutes=60, seconds=1), "The signature is from the future; please check your clock."),
    ],
    ids=["stale", "very stale", "future"],
)
def test_a_signature_outside_the_window_is_refused(scheme: str, later: timedelta, sentence: str) -> None:
    assert refusal(BY_HAND[scheme](post()), later=later) == sentence


def expiring(scheme: str, expires: int) -> Message:
    if scheme == "cavage":
        covered = ("(request-target)", "(created)", "(expires)", "host", "digest")
        return by_hand_cavage(post(), covered, algorithm="hs2019", created=UNIX_NOW, expires=expires)
    parameters = f';created={UNIX_NOW};expires={expires};keyid="{KEY_ID}"'
    return by_hand_rfc9421(post(), parameters=parameters)


@schemes
def test_a_signature_is_believed_in_the_second_in_which_it_expires(scheme: str) -> None:
    accept(expiring(scheme, UNIX_NOW + 30), later=timedelta(seconds=30))


@schemes
def test_an_expired_signature_is_refused_though_it_is_young(scheme: str) -> None:
    assert refusal(expiring(scheme, UNIX_NOW + 30), later=timedelta(seconds=31)) == "The signature has expired."


@schemes
def test_a_late_expiry_does_not_keep_a_signature_alive(scheme: str) -> None:
    message = expiring(scheme, UNIX_NOW + 24 * 3600)
    assert refusal(message, later=timedelta(minutes=66)) == "The signature is too old."


MISFIT = "The signature's algorithm does not belong to the key."
UNKNOWN = "The signature's algorithm is not supported."
CONFUSED = [
    ("cavage", "rsa-sha256", "ed25519", MISFIT),
    ("cavage", "rsa-sha512", "ed25519", MISFIT),
    ("cavage", "ed25519", "rsa", MISFIT),
    ("cavage", "hmac-sha256", "rsa", UNKNOWN),
    ("cavage", "rsa-sha1", "rsa", UNKNOWN),
    ("cavage", "ecdsa-sha256", "rsa", UNKNOWN),
    ("cavage", "rsa-v1_5-sha256", "rsa", UNKNOWN),
    ("cavage", "none", "rsa", UNKNOWN),
    ("rfc9421", "rsa-v1_5-sha256", "ed25519", MISFIT),
    ("rfc9421", "ed25519", "rsa", MISFIT),
    ("rfc9421", "hmac-sha256", "rsa", UNKNOWN),
    ("rfc9421", "rsa-pss-sha512", "rsa", UNKNOWN),
    ("rfc9421", "ecdsa-p256-sha256", "rsa", UNKNOWN),
    ("rfc9421", "hs2019", "rsa", UNKNOWN),
]


@pytest.mark.parametrize(("scheme", "algorithm", "kind", "sentence"), CONFUSED)
def test_an_algorithm_that_contradicts_the_key_is_refused(
    scheme: str, algorithm: str, kind: str, sentence: str
) -> None:
    key = rsa_key() if kind == "rsa" else ed25519_key()
    if scheme == "cavage":
        message = by_hand_cavage(post(), algorithm=algorithm, key=key)
    else:
        message = by_hand_rfc9421(post(), parameters=f';created={UNIX_NOW};keyid="{KEY_ID}";alg="{algorithm}"', key=key)
    assert refusal(message, key.public_key()) == sentence


@schemes
def test_an_hmac_made_with_the_public_key_as_its_secret_is_refused(scheme: str) -> None:
    """The classic confusion: the verifier treats the public PEM as a shared secret."""
    message = BY_HAND[scheme](post())
    claim = replace(read_claim(message), algorithm="hmac-sha256", signature=base64.b64decode("A" * 44))
    with pytest.raises(SignatureRefused, match="hmac"):
        verify(message, claim, rsa_key().public_key(), NOW)


@schemes
def test_characters_that_no_header_can_carry_are_refused(scheme: str) -> None:
    message = BY_HAND[scheme](post())
    assert refusal(with_headers(message, content_type="\u2603")) == "The request has characters that cannot be signed."


@schemes
def test_an_address_that_cannot_be_read_is_refused(scheme: str) -> None:
    message = replace(BY_HAND[scheme](post()), url="not an address")
    assert refusal(message) == "The request has characters that cannot be signed."
