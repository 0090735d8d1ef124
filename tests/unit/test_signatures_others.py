"""Two implementations that nobody here wrote, in both directions: apsig (of apkit) for cavage-12 and eddsa-jcs-2022,
http-message-signatures for RFC 9421. Both look at the machine's clock, so these tests sign at the present time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apsig.draft import Signer as ApsigSigner
from apsig.draft import Verifier as ApsigVerifier
from apsig.proof import ProofSigner, ProofVerifier
from apsig.rfc9421 import RFC9421Signer
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519, RSA_V1_5_SHA256, HTTPSignatureAlgorithm
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.signatures.keys import public_multibase, public_pem
from federation.signatures.message import Message
from federation.signatures.proofs import ProofRefused, add_proof, verify_proof
from federation.signatures.refused import SignatureRefused
from federation.signatures.sign import Scheme, Signer, sign
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import PrivateKey, ed25519_key, rsa_key

KEY_ID = "https://peer.example/users/ana#main-key"
BODY = b'{"type":"Follow","name":"\xc3\xa9"}'
AS2 = "application/activity+json"
TARGETS = [
    "/ap/inbox", "/", "/ap/inbox/", "//ap//inbox", "/a%2Fb", "/a%2fb", "/%7Eana", "/%7eana", "/~ana", "/caf%C3%A9",
    "/a/../b", "/a/./b", "/a:b@c", "/a+b",
]  # fmt: skip
QUERIES = ["?a=1", "?a=%2F&b=%2f", "?page=1&next=//x//", "?", "?a?b", "?a+b=%20", "?a;b", "?%7e=~"]
HOSTS = ["https://hub.example", "https://hub.example:8443", "https://127.0.0.1:8443", "https://[2001:db8::1]"]
URLS = [HOSTS[0] + target for target in TARGETS] + [host + "/ap/inbox" for host in HOSTS[1:]]
urls = pytest.mark.parametrize("url", URLS)
urls_with_queries = pytest.mark.parametrize("url", [*URLS, *[f"https://hub.example/a%2Fb{query}" for query in QUERIES]])


def received(method: str, url: str, headers: dict[str, str], body: bytes) -> Message:
    return Message(method, url, {name.lower(): value for name, value in headers.items()}, body)


def believe(message: Message, key: PrivateKey | None = None) -> None:
    """With our own code; raises SignatureRefused."""
    verify(message, read_claim(message), (key or rsa_key()).public_key(), datetime.now(UTC))


def ours(method: str, url: str, body: bytes, scheme: Scheme, key: PrivateKey | None = None) -> dict[str, str]:
    """The headers of a request that our own code signed, as they go out."""
    headers = {"content-type": AS2} if body else {}
    return headers | sign(
        Message(method, url, headers, body), Signer(KEY_ID, key or rsa_key()), scheme, datetime.now(UTC)
    )


# cavage-12 with apsig


def theirs_cavage(method: str, url: str, body: bytes = b"") -> Message:
    headers = {"Content-Type": AS2} if body else {}
    return received(method, url, ApsigSigner(headers, rsa_key(), method, url, KEY_ID, body).sign(), body)


def apsig_believes(method: str, url: str, headers: dict[str, str], body: bytes) -> bool:
    verifier = ApsigVerifier(public_pem(rsa_key().public_key()), method, url, headers, body)
    return verifier.verify() == KEY_ID


@urls
def test_a_post_that_apsig_signed_is_believed(url: str) -> None:
    """Fails if ``read_address`` decodes the path, if ``host`` is signed without its port, or if lines end in CR LF."""
    believe(theirs_cavage("POST", url, BODY))


@urls
def test_a_get_that_apsig_signed_is_believed(url: str) -> None:
    """Fails if a GET has to cover a digest."""
    believe(theirs_cavage("GET", url))


@pytest.mark.parametrize("query", QUERIES)
def test_a_request_that_apsig_signed_without_its_query_is_believed(query: str) -> None:
    """Fails if ``signing_strings`` gives only the text with the query."""
    believe(theirs_cavage("POST", f"https://hub.example/ap/inbox{query}", BODY))


def test_another_body_than_apsig_signed_is_refused() -> None:
    """Fails if ``_check_body`` is left out."""
    message = theirs_cavage("POST", URLS[0], BODY)
    with pytest.raises(SignatureRefused, match="digest"):
        believe(Message("POST", URLS[0], message.headers, BODY[:-1] + b" "))


@urls
def test_apsig_believes_a_post_of_ours(url: str) -> None:
    """Fails if the digest is written ``sha-256=``, or the path is signed decoded."""
    assert apsig_believes("POST", url, ours("POST", url, BODY, Scheme.CAVAGE), BODY)


@urls
def test_apsig_believes_a_get_of_ours(url: str) -> None:
    """Fails if a GET's signature covers a digest that is not sent."""
    assert apsig_believes("GET", url, ours("GET", url, b"", Scheme.CAVAGE), b"")


def test_apsig_believes_the_second_try_of_a_get_with_a_query() -> None:
    """The first covers the query, which apsig leaves out; the client then signs the same address without it. Fails if
    cavage's target never has a query."""
    whole = "https://hub.example/ap/outbox?page=1"
    assert not apsig_believes("GET", whole, ours("GET", whole, b"", Scheme.CAVAGE), b"")
    assert apsig_believes("GET", whole, ours("GET", whole.partition("?")[0], b"", Scheme.CAVAGE), b"")


@pytest.mark.parametrize("change", ["path", "date"])
def test_apsig_refuses_a_changed_post_of_ours(change: str) -> None:
    """Fails if ``sign`` does not cover the request's target, or the date."""
    headers = ours("POST", URLS[0], BODY, Scheme.CAVAGE)
    changed = {
        "path": (URLS[0] + "2", headers, BODY),
        "date": (URLS[0], headers | {"Date": later(headers["Date"])}, BODY),
    }
    assert not apsig_believes("POST", *changed[change])


def later(date: str) -> str:
    """A second later, by its last digit."""
    digit = date[-5]
    return f"{date[:-5]}{(int(digit) + 1) % 10}{date[-4:]}"


# RFC 9421 with http-message-signatures


@dataclass
class Request:
    """What http-message-signatures takes: it changes ``headers``."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


KEYS: dict[type[HTTPSignatureAlgorithm], Callable[[], PrivateKey]] = {RSA_V1_5_SHA256: rsa_key, ED25519: ed25519_key}
algorithms = pytest.mark.parametrize("algorithm", KEYS, ids=lambda algorithm: algorithm.algorithm_id)


def resolver(algorithm: type[HTTPSignatureAlgorithm]) -> MappingKeyResolver:
    key = KEYS[algorithm]()
    return MappingKeyResolver(public_keys={KEY_ID: key.public_key()}, private_keys={KEY_ID: key})


def theirs_rfc9421(
    method: str, url: str, body: bytes | None, algorithm: type[HTTPSignatureAlgorithm], **how: Any
) -> Message:
    request = Request(method, url, {"Host": url.split("/")[2], "Content-Type": AS2})
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver(algorithm))
    signer.sign(request, key_id=KEY_ID, body=body, **{"created": datetime.now(UTC), **how})
    return received(method, url, request.headers, body or b"")


def they_verify(method: str, url: str, headers: dict[str, str], body: bytes | None, algorithm: Any) -> None:
    """With http-message-signatures, which raises if it does not believe it."""
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver(algorithm))
    verifier.max_clock_skew = timedelta(minutes=2)
    required = ["@method", "@target-uri", "@authority", *(["content-digest"] if body else [])]
    verifier.verify(Request(method, url, headers), body=body, require_components=required)


@algorithms
@urls_with_queries
def test_a_post_that_http_message_signatures_signed_is_believed(url: str, algorithm: Any) -> None:
    """Fails if ``@target-uri`` loses an empty query."""
    believe(theirs_rfc9421("POST", url, BODY, algorithm), KEYS[algorithm]())


@urls_with_queries
def test_a_target_that_is_covered_in_parts_is_believed(url: str) -> None:
    """Fails if ``@query`` is written without its question mark where there is no query."""
    parts = ("@method", "@authority", "@path", "@query", "content-type")
    believe(theirs_rfc9421("POST", url, BODY, RSA_V1_5_SHA256, covered_component_ids=parts))


def test_parameters_beyond_our_own_are_believed_in_any_order() -> None:
    """Fails if ``@signature-params`` is rebuilt from what we know instead of what came."""
    soon = datetime.now(UTC) + timedelta(minutes=5)
    extras = {"expires": soon, "nonce": "n1", "tag": "app", "label": "other", "include_alg": False}
    believe(theirs_rfc9421("POST", URLS[0], BODY, RSA_V1_5_SHA256, **extras))


@algorithms
@urls_with_queries
def test_a_get_that_http_message_signatures_signed_is_believed(url: str, algorithm: Any) -> None:
    """Fails if a GET has to cover a digest."""
    believe(theirs_rfc9421("GET", url, None, algorithm), KEYS[algorithm]())


@algorithms
@urls_with_queries
def test_http_message_signatures_believes_a_post_of_ours(url: str, algorithm: Any) -> None:
    """Fails if ``sign`` leaves ``content-digest`` uncovered."""
    headers = ours("POST", url, BODY, Scheme.RFC9421, KEYS[algorithm]())
    they_verify("POST", url, headers, BODY, algorithm)


@algorithms
@urls_with_queries
def test_http_message_signatures_believes_a_get_of_ours(url: str, algorithm: Any) -> None:
    """Fails if ``@authority`` keeps no port."""
    they_verify("GET", url, ours("GET", url, b"", Scheme.RFC9421, KEYS[algorithm]()), None, algorithm)


def test_a_right_signature_of_apsig_is_refused_because_its_body_could_be_exchanged() -> None:
    """apsig covers neither query nor content-digest with RFC 9421. Fails if ``uncovered`` asks for neither."""
    headers = {"content-type": AS2, "host": "hub.example"}
    signed = RFC9421Signer(rsa_key(), KEY_ID).sign("POST", "/ap/inbox", "hub.example", headers, BODY)
    message = received("POST", "https://hub.example/ap/inbox", signed, BODY)
    with pytest.raises(SignatureRefused) as refused:
        believe(message)
    assert refused.value.sentence == "The signature does not cover enough of the request."


# eddsa-jcs-2022 with apsig

METHOD = "https://peer.example/users/ana#ed25519-key"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
    "created": "2023-02-24T23:36:38Z",
}
# Integers that JSON can carry exactly, floats in every notation, names that sort differently by code point and by
# UTF-16 unit (RFC 8785 §3.2.3).
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
names = st.text(min_size=1, max_size=6) | st.sampled_from(["\U0001f600", "\ufb33", "\u20ac", "a", "B", "\r", "\u0080"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(names, values, max_size=4).map(
    lambda given: {
        "@context": CONTEXT,
        "type": "Note",
        **{name: value for name, value in given.items() if name not in {"proof", "signature", "@context"}},
    }
)


def apsig_proves(document: dict[str, Any]) -> dict[str, Any]:
    return dict(ProofSigner(ed25519_key()).sign(copy.deepcopy(document), OPTIONS))


def apsig_accepts(document: dict[str, Any]) -> bool:
    verifier = ProofVerifier(public_multibase(ed25519_key().public_key()))
    return verifier.verify(copy.deepcopy(document)) == METHOD  # it takes the proof's value out


def we_prove(document: dict[str, Any]) -> dict[str, Any]:
    return add_proof(document, METHOD, ed25519_key(), datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC))


@settings(max_examples=40, deadline=None)
@given(documents)
def test_any_document_that_apsig_proved_is_believed(document: dict[str, Any]) -> None:
    """Fails if names are sorted by code point, or floats are written as Python does."""
    verify_proof(apsig_proves(document), ed25519_key().public_key(), datetime.now(UTC))


@settings(max_examples=40, deadline=None)
@given(documents)
def test_apsig_believes_any_document_that_we_proved(document: dict[str, Any]) -> None:
    """Fails if ``_hash`` puts the document's hash before that of the options."""
    assert apsig_accepts(we_prove(document))


def test_both_make_the_same_proof() -> None:
    """Fails if the proof's @context is left out."""
    document = {"@context": CONTEXT, "type": "Note", "content": "<p>R\u00e9sum\u00e9</p>", "ratio": 1e21}
    assert apsig_proves(document)["proof"] == we_prove(document)["proof"]


@pytest.mark.parametrize("name", ["content", "added"])
def test_a_changed_document_is_refused_by_both(name: str) -> None:
    """Fails on our side if ``key.verify`` is left out."""
    document = {"@context": CONTEXT, "type": "Note", "content": "one"}
    with pytest.raises(ProofRefused):
        verify_proof(apsig_proves(document) | {name: "two"}, ed25519_key().public_key(), datetime.now(UTC))
    assert not apsig_accepts(we_prove(document) | {name: "two"})
