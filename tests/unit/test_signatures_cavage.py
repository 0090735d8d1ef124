"""What is particular to cavage-12: its header, hs2019, the signed times, and peers that leave out the query."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA512

from federation.signatures.claim import Claim, Scheme
from federation.signatures.message import Message
from federation.signatures.refused import SignatureRefused
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import (
    KEY_ID,
    NOW,
    UNIX_NOW,
    by_hand_cavage,
    ed25519_key,
    get,
    post,
    rsa_key,
    with_headers,
)

CREATED = ("(request-target)", "host", "(created)", "digest")
GOOD = (
    'keyId="https://peer.example/a#main-key",algorithm="rsa-sha256",headers="(request-target) host date",'
    'signature="YQ=="'
)


def claim_of(header: str) -> Claim:
    return read_claim(with_headers(get(), signature=header))


def refusal(header: str) -> str:
    with pytest.raises(SignatureRefused) as refused:
        claim_of(header)
    return refused.value.sentence


def accept(message: Message) -> None:
    verify(message, read_claim(message), rsa_key().public_key(), NOW)


def test_a_header_is_read_completely() -> None:
    assert claim_of(GOOD) == Claim(
        scheme=Scheme.CAVAGE,
        key_id="https://peer.example/a#main-key",
        covered=("(request-target)", "host", "date"),
        created=UNIX_NOW,
        expires=None,
        algorithm="rsa-sha256",
        signature=b"a",
    )


@pytest.mark.parametrize(
    "key_id",
    [
        "https://gts.example/users/ana/main-key",
        "https://peer.example/users/ana?key=1",
        "https://peer.example/users/ana",
        "acct:ana@peer.example",
    ],
)
def test_every_shape_of_key_id_is_handed_on_as_it_is(key_id: str) -> None:
    assert claim_of(GOOD.replace("https://peer.example/a#main-key", key_id)).key_id == key_id


@pytest.mark.parametrize(
    "header",
    [
        GOOD.replace(",", ", "),
        GOOD.replace(",", " ,\t"),
        GOOD.replace("keyId", "keyid"),
        GOOD.replace('"rsa-sha256"', "rsa-sha256"),
        GOOD.replace("rsa-sha256", "RSA-SHA256"),
        GOOD.replace("(request-target) host date", "(request-target)  Host Date"),
        GOOD + ',unknown="x"',
        GOOD + ",created=not-covered",
        ",".join(reversed(GOOD.split(","))),
    ],
)
def test_harmless_variations_of_the_header_are_read(header: str) -> None:
    assert claim_of(header) == claim_of(GOOD)


MALFORMED = {
    "nothing": ("", "The request is not signed."),
    "no parameters": ("Signature", "The signature header is malformed."),
    "an open quote": (GOOD[:-1], "The signature header is malformed."),
    "a backslash": (GOOD.replace("main-key", "main\\key"), "The signature header is malformed."),
    "a parameter twice": (GOOD + ',keyId="https://evil.example/"', "The signature header is malformed."),
    "a parameter twice in another case": (
        GOOD + ',KEYID="https://evil.example/"',
        "The signature header is malformed.",
    ),
    "no key": (GOOD.replace("keyId", "other"), "The signature does not name its key."),
    "an empty key": (GOOD.replace("https://peer.example/a#main-key", ""), "The signature does not name its key."),
    "a key with spaces": (GOOD.replace("#main-key", " x"), "The signature does not name its key."),
    "a key that is too long": (
        GOOD.replace("#main-key", "x" * 2048),
        "The signature does not name its key.",
    ),
    "no signature": (GOOD.replace(',signature="YQ=="', ""), "The signature is empty."),
    "an empty signature": (GOOD.replace("YQ==", ""), "The signature is empty."),
    "a signature that is no base64": (GOOD.replace("YQ==", "%%%"), "The signature is not base64."),
    "no list of headers": (
        GOOD.replace("headers", "other"),
        "The list of what the signature covers cannot be used.",
    ),
    "an empty list of headers": (
        GOOD.replace("(request-target) host date", ""),
        "The list of what the signature covers cannot be used.",
    ),
    "a header covered twice": (
        GOOD.replace("host date", "host date host"),
        "The list of what the signature covers cannot be used.",
    ),
    "hundreds of headers": (
        GOOD.replace("host date", " ".join(f"x-{number}" for number in range(200))),
        "The list of what the signature covers cannot be used.",
    ),
    "a created that is no number": (
        GOOD.replace("rsa-sha256", "hs2019").replace("date", "(created)") + ",created=now",
        "A time in the signature is malformed.",
    ),
    "a covered created that is missing": (
        GOOD.replace("rsa-sha256", "hs2019").replace("date", "(created)"),
        "A time in the signature is malformed.",
    ),
    "an expires that is no number": (GOOD + ",expires=soon", "A time in the signature is malformed."),
    "an expires below zero": (GOOD + ",expires=-1", "A time in the signature is malformed."),
    "a header of many kilobytes": (GOOD + ',x="' + "x" * 9000 + '"', "The signature header is too long."),
}


@pytest.mark.parametrize(("header", "sentence"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_header_is_refused(header: str, sentence: str) -> None:
    assert refusal(header) == sentence


def test_a_request_without_a_signature_is_refused() -> None:
    with pytest.raises(SignatureRefused) as refused:
        read_claim(get())
    assert refused.value.sentence == "The request is not signed."


@pytest.mark.parametrize("date", ["", "yesterday", "2026-11-21T12:00:00Z", "Sat, 31 Feb 2026 12:00:00 GMT"])
def test_a_date_that_cannot_be_read_is_refused(date: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        read_claim(with_headers(get(), signature=GOOD, date=date))
    assert refused.value.sentence == "The Date header cannot be read."


@pytest.mark.parametrize(
    "date", ["Sat, 21 Nov 2026 12:00:00 GMT", "Sat Nov 21 12:00:00 2026", "Sat, 21 Nov 2026 13:00:00 +0100"]
)
def test_every_form_of_an_http_date_means_the_same_second(date: str) -> None:
    assert read_claim(with_headers(get(), signature=GOOD, date=date)).created == UNIX_NOW


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "hs2019", None])
def test_rsa_with_sha256_is_believed_under_any_fitting_name(algorithm: str | None) -> None:
    accept(by_hand_cavage(post(), algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ["rsa-sha512", "hs2019", None])
def test_rsa_with_sha512_is_believed_under_any_fitting_name(algorithm: str | None) -> None:
    accept(by_hand_cavage(post(), algorithm=algorithm, hash_=SHA512()))


def test_rsa_with_sha512_is_refused_when_it_calls_itself_sha256() -> None:
    message = by_hand_cavage(post(), algorithm="rsa-sha256", hash_=SHA512())
    with pytest.raises(SignatureRefused, match="wrong"):
        accept(message)


@pytest.mark.parametrize("algorithm", ["ed25519", "hs2019", None])
def test_ed25519_is_believed_under_any_fitting_name(algorithm: str | None) -> None:
    message = by_hand_cavage(post(), algorithm=algorithm, key=ed25519_key())
    verify(message, read_claim(message), ed25519_key().public_key(), NOW)


@pytest.mark.parametrize("algorithm", ["hs2019", None])
def test_a_signed_created_stands_in_for_the_date(algorithm: str | None) -> None:
    accept(with_headers(by_hand_cavage(post(), CREATED, algorithm=algorithm, created=UNIX_NOW), date=None))


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "rsa-sha512", "hmac-sha256", "ecdsa-sha256"])
@pytest.mark.parametrize("name", ["(created)", "(expires)"])
def test_signed_times_are_refused_with_the_old_algorithms(algorithm: str, name: str) -> None:
    covered = ("(request-target)", "host", "date", name, "digest")
    message = by_hand_cavage(post(), covered, algorithm=algorithm, created=UNIX_NOW, expires=UNIX_NOW + 60)
    with pytest.raises(SignatureRefused) as refused:
        read_claim(message)
    assert refused.value.sentence == "This algorithm must sign the Date header, not (created) or (expires)."


def test_a_created_that_is_not_signed_counts_for_nothing() -> None:
    old = with_headers(post(), date="Sat, 21 Nov 2026 08:00:00 GMT")
    message = by_hand_cavage(old, created=UNIX_NOW)
    with pytest.raises(SignatureRefused, match="too old"):
        accept(message)


def test_an_expires_that_is_not_signed_can_only_shorten_the_life() -> None:
    message = by_hand_cavage(post(), expires=UNIX_NOW - 1)
    with pytest.raises(SignatureRefused, match="expired"):
        accept(message)


def test_a_signature_that_leaves_out_the_query_is_believed() -> None:
    """Fedify always signs so; GoToSocial on its second try."""
    accept(by_hand_cavage(post("https://hub.example/ap/inbox?a=1"), target="/ap/inbox"))


def test_a_signature_with_a_query_is_refused_where_the_request_has_none() -> None:
    message = by_hand_cavage(post("https://hub.example/ap/inbox"), target="/ap/inbox?a=1")
    with pytest.raises(SignatureRefused, match="wrong"):
        accept(message)


def test_a_proxy_may_rewrite_the_host_header() -> None:
    accept(with_headers(by_hand_cavage(post()), host="127.0.0.1:8000"))


def test_a_host_signed_with_its_default_port_is_believed() -> None:
    accept(by_hand_cavage(with_headers(post(), host="hub.example:443")))


def test_all_headers_may_be_signed_as_fedify_does() -> None:
    message = with_headers(post(), accept="*/*", user_agent="Caf\u00e9/1.0")
    covered = ("(request-target)", "accept", "content-type", "date", "digest", "host", "user-agent")
    accept(by_hand_cavage(message, covered))


def test_the_key_id_is_not_believed_before_verifying() -> None:
    assert claim_of(GOOD.replace("YQ==", "bm9uc2Vuc2U=")).key_id == KEY_ID.replace("users/ana", "a")
