"""Whatever the address looks like, what we sign we also believe, and nothing that a stranger sends makes us stumble."""

import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.signatures.message import Message
from federation.signatures.refused import SignatureRefused
from federation.signatures.sign import Scheme, Signer, sign
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import NOW, ed25519_key, get, rsa_key

SIGNERS = {
    (Scheme.CAVAGE, "rsa"): Signer("https://hub.example/ap/actors/1#main-key", rsa_key()),
    (Scheme.RFC9421, "rsa"): Signer("https://hub.example/ap/actors/1#main-key", rsa_key()),
    (Scheme.RFC9421, "ed25519"): Signer("https://hub.example/ap/actors/1#ed25519-key", ed25519_key()),
}
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

segment = st.text(string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@", max_size=8)
encoded = st.sampled_from(["%2F", "%2f", "%20", "%C3%A9", "%25", "%7E", "..", ".", ""])
paths = st.lists(segment | encoded, max_size=5).map(lambda parts: "".join(f"/{part}" for part in parts))
queries = st.one_of(st.just(""), st.text(string.ascii_letters + "=&%/?+;,", max_size=12).map(lambda text: f"?{text}"))
hosts = st.sampled_from(["peer.example", "Peer.Example", "xn--bcher-kva.example", "127.0.0.1", "[2001:db8::1]"])
ports = st.sampled_from(["", ":443", ":80", ":8443", ":8000"])
urls = st.builds("{}://{}{}{}{}".format, st.sampled_from(["https", "http"]), hosts, ports, paths, queries)
bodies = st.binary(max_size=200)


def signed(message: Message, scheme: Scheme, kind: str) -> Message:
    """As it arrives: header names in lower case."""
    added = sign(message, SIGNERS[scheme, kind], scheme, NOW)
    return replace(message, headers={**message.headers, **{name.lower(): value for name, value in added.items()}})


def check(message: Message, kind: str) -> None:
    key = rsa_key() if kind == "rsa" else ed25519_key()
    verify(message, read_claim(message), key.public_key(), NOW)


@pytest.mark.parametrize(("scheme", "kind"), SIGNERS)
@few
@given(url=urls, body=bodies, content_type=st.sampled_from(["application/activity+json", None]))
def test_every_post_that_we_sign_is_believed(
    scheme: Scheme, kind: str, url: str, body: bytes, content_type: str | None
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    check(signed(Message("POST", url, headers, body), scheme, kind), kind)


@pytest.mark.parametrize(("scheme", "kind"), SIGNERS)
@few
@given(url=urls)
def test_every_get_that_we_sign_is_believed(scheme: Scheme, kind: str, url: str) -> None:
    check(signed(Message("GET", url, {}), scheme, kind), kind)


@pytest.mark.parametrize(("scheme", "kind"), SIGNERS)
@few
@given(url=urls, body=st.binary(min_size=1, max_size=50), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_of_the_body_is_refused(
    scheme: Scheme, kind: str, url: str, body: bytes, at: int, bit: int
) -> None:
    message = signed(Message("POST", url, {}, body), scheme, kind)
    changed = bytearray(body)
    changed[at % len(body)] ^= 1 << bit
    with pytest.raises(SignatureRefused, match="digest"):
        check(replace(message, body=bytes(changed)), kind)


@pytest.mark.parametrize(("scheme", "kind"), SIGNERS)
@few
@given(url=urls, body=bodies, index=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_of_the_signature_is_refused(
    scheme: Scheme, kind: str, url: str, body: bytes, index: int, bit: int
) -> None:
    message = signed(Message("POST", url, {}, body), scheme, kind)
    claim = read_claim(message)
    changed = bytearray(claim.signature)
    changed[index % len(changed)] ^= 1 << bit
    key = rsa_key() if kind == "rsa" else ed25519_key()
    with pytest.raises(SignatureRefused, match="wrong"):
        verify(message, replace(claim, signature=bytes(changed)), key.public_key(), NOW)


@few
@given(one=urls, other=urls)
def test_an_rfc9421_signature_is_good_for_one_address_only(one: str, other: str) -> None:
    message = signed(Message("GET", one, {}), Scheme.RFC9421, "ed25519")
    moved = replace(message, url=other)
    if moved.address == message.address:
        check(moved, "ed25519")
    else:
        with pytest.raises(SignatureRefused):
            check(moved, "ed25519")


text = st.text(max_size=80) | st.text(string.ascii_letters + string.digits + "=\"',;:()@ -", max_size=80)


@few
@given(signature=text, signature_input=st.none() | text, date=text)
def test_whatever_a_stranger_sends_is_refused_without_stumbling(
    signature: str, signature_input: str | None, date: str
) -> None:
    headers = {**get().headers, "signature": signature, "date": date}
    if signature_input is not None:
        headers["signature-input"] = signature_input
    with pytest.raises(SignatureRefused):
        check(replace(get(), headers=headers), "rsa")


@few
@given(covered=st.lists(st.text(string.ascii_lowercase + "-()@", max_size=12), max_size=5), date=text)
def test_whatever_a_signature_claims_to_cover_is_refused_without_stumbling(covered: list[str], date: str) -> None:
    header = f'keyId="https://peer.example/a",headers="{" ".join(covered)}",signature="YQ=="'
    with pytest.raises(SignatureRefused):
        check(replace(get(), headers={**get().headers, "signature": header, "date": date}), "rsa")
