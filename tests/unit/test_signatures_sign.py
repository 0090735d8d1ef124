"""What we send: the exact headers and the exact signed text that peers demand."""

import base64
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from federation.signatures.digest import body_digest, content_digest_header, digest_header
from federation.signatures.message import Message
from federation.signatures.sign import Scheme, Signer, sign
from tests.factories.signed_requests import DATE_NOW, NOW, UNIX_NOW, ed25519_key, rsa_key

BODY = b'{"type": "Create"}'
KEY_ID = "https://hub.example/ap/actors/1#main-key"
SIGNER = Signer(KEY_ID, rsa_key())
POST = Message("POST", "https://peer.example/inbox?a=1", {"content-type": "application/activity+json"}, BODY)
GET = Message("GET", "https://peer.example:8443/users/ana?page=2", {"accept": "application/activity+json"})


def assert_rsa_signed(text: str, encoded: str) -> None:
    rsa_key().public_key().verify(base64.b64decode(encoded), text.encode(), PKCS1v15(), SHA256())


def parameter(header: str, name: str) -> str:
    [value] = re.findall(rf'{name}="([^"]*)"', header)
    return str(value)


def test_a_cavage_post_carries_exactly_these_headers() -> None:
    assert set(sign(POST, SIGNER, Scheme.CAVAGE, NOW)) == {"Host", "Date", "Digest", "Signature"}


def test_a_cavage_get_carries_no_digest() -> None:
    assert set(sign(GET, SIGNER, Scheme.CAVAGE, NOW)) == {"Host", "Date", "Signature"}


def test_a_cavage_signature_names_key_algorithm_and_headers_in_the_usual_order() -> None:
    header = sign(POST, SIGNER, Scheme.CAVAGE, NOW)["Signature"]
    assert header.rpartition(",signature=")[0] == (
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest content-type"'
    )


def test_a_cavage_post_is_signed_over_the_text_of_the_draft() -> None:
    text = (
        "(request-target): post /inbox?a=1\n"
        "host: peer.example\n"
        f"date: {DATE_NOW}\n"
        f"digest: {digest_header(BODY)}\n"
        "content-type: application/activity+json"
    )
    assert_rsa_signed(text, parameter(sign(POST, SIGNER, Scheme.CAVAGE, NOW)["Signature"], "signature"))


def test_a_cavage_get_is_signed_over_target_host_and_date() -> None:
    text = f"(request-target): get /users/ana?page=2\nhost: peer.example:8443\ndate: {DATE_NOW}"
    assert_rsa_signed(text, parameter(sign(GET, SIGNER, Scheme.CAVAGE, NOW)["Signature"], "signature"))


def test_the_second_try_is_signed_by_leaving_the_query_out_of_the_address() -> None:
    text = f"(request-target): get /users/ana\nhost: peer.example:8443\ndate: {DATE_NOW}"
    bare = Message("GET", GET.url.partition("?")[0], GET.headers)
    assert_rsa_signed(text, parameter(sign(bare, SIGNER, Scheme.CAVAGE, NOW)["Signature"], "signature"))


def test_a_post_without_content_type_does_not_claim_to_cover_one() -> None:
    bare = Message("POST", "https://peer.example/inbox", {}, BODY)
    header = sign(bare, SIGNER, Scheme.CAVAGE, NOW)["Signature"]
    assert parameter(header, "headers") == "(request-target) host date digest"


def test_cavage_with_an_ed25519_key_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        sign(POST, Signer(KEY_ID, ed25519_key()), Scheme.CAVAGE, NOW)


def test_an_rfc9421_post_carries_exactly_these_headers() -> None:
    added = sign(POST, SIGNER, Scheme.RFC9421, NOW)
    assert set(added) == {"Host", "Date", "Content-Digest", "Signature-Input", "Signature"}


def test_an_rfc9421_post_covers_what_mastodon_demands() -> None:
    assert sign(POST, SIGNER, Scheme.RFC9421, NOW)["Signature-Input"] == (
        'sig1=("@method" "@target-uri" "@authority" "content-digest" "content-type" "date")'
        f';created={UNIX_NOW};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    )


def test_an_rfc9421_get_covers_method_and_target() -> None:
    assert sign(GET, SIGNER, Scheme.RFC9421, NOW)["Signature-Input"] == (
        f'sig1=("@method" "@target-uri" "@authority");created={UNIX_NOW};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    )


def test_an_rfc9421_post_is_signed_over_the_base_of_the_rfc() -> None:
    added = sign(POST, SIGNER, Scheme.RFC9421, NOW)
    text = (
        '"@method": POST\n'
        '"@target-uri": https://peer.example/inbox?a=1\n'
        '"@authority": peer.example\n'
        f'"content-digest": {content_digest_header(BODY)}\n'
        '"content-type": application/activity+json\n'
        f'"date": {DATE_NOW}\n'
        f'"@signature-params": {added["Signature-Input"].removeprefix("sig1=")}'
    )
    assert_rsa_signed(text, added["Signature"].removeprefix("sig1=:").removesuffix(":"))


def test_an_ed25519_key_says_so_in_rfc9421() -> None:
    added = sign(GET, Signer(KEY_ID, ed25519_key()), Scheme.RFC9421, NOW)
    assert added["Signature-Input"].endswith(';alg="ed25519"')


def test_an_ed25519_key_signs_the_base_itself() -> None:
    added = sign(GET, Signer(KEY_ID, ed25519_key()), Scheme.RFC9421, NOW)
    text = (
        '"@method": GET\n'
        '"@target-uri": https://peer.example:8443/users/ana?page=2\n'
        '"@authority": peer.example:8443\n'
        f'"@signature-params": {added["Signature-Input"].removeprefix("sig1=")}'
    )
    signature = base64.b64decode(added["Signature"].removeprefix("sig1=:").removesuffix(":"))
    ed25519_key().public_key().verify(signature, text.encode())


@pytest.mark.parametrize("scheme", Scheme)
def test_the_time_is_that_of_the_attempt_in_gmt(scheme: Scheme) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert sign(POST, SIGNER, scheme, elsewhere)["Date"] == DATE_NOW


@pytest.mark.parametrize("scheme", Scheme)
def test_a_time_without_a_zone_is_never_signed(scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="zone"):
        sign(POST, SIGNER, scheme, datetime(2026, 11, 21, 12))  # noqa: DTZ001


@pytest.mark.parametrize("scheme", Scheme)
def test_a_digest_that_is_handed_in_gives_the_same_signature(scheme: Scheme) -> None:
    assert sign(POST, SIGNER, scheme, NOW, body_digest(BODY)) == sign(POST, SIGNER, scheme, NOW)


def test_a_digest_that_is_handed_in_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not_hash(body: bytes) -> bytes:
        raise AssertionError("the body was hashed again")

    monkeypatch.setattr("federation.signatures.sign.body_digest", must_not_hash)
    assert sign(POST, SIGNER, Scheme.CAVAGE, NOW, body_digest(BODY))["Digest"] == digest_header(BODY)


@pytest.mark.parametrize("scheme", Scheme)
def test_the_host_goes_out_in_lower_case_without_its_default_port(scheme: Scheme) -> None:
    message = Message("GET", "https://Peer.Example:443/a", {})
    assert sign(message, SIGNER, scheme, NOW)["Host"] == "peer.example"


def test_only_date_and_signature_change_between_two_attempts() -> None:
    later = NOW + timedelta(hours=2)
    first, second = (sign(POST, SIGNER, Scheme.CAVAGE, now) for now in (NOW, later))
    assert {name for name in first if first[name] != second[name]} == {"Date", "Signature"}


def test_a_signer_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(SIGNER)
    assert str(rsa_key().private_numbers().d) not in repr(SIGNER)


def test_a_time_in_utc_is_written_as_imf_fixdate() -> None:
    moment = datetime(2021, 4, 20, 2, 7, 55, 999_999, tzinfo=UTC)
    assert sign(GET, SIGNER, Scheme.CAVAGE, moment)["Date"] == "Tue, 20 Apr 2021 02:07:55 GMT"
