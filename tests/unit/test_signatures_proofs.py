"""FEP-8b32 proofs: every byte of document and proof counts, except the proof's value."""

import copy
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import base58
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.signatures.proofs import ProofRefused, add_proof, proof_method, verify_proof
from tests.factories.signed_requests import NOW, ed25519_key

METHOD = "https://hub.example/ap/actors/1#ed25519-key"
KEY = ed25519_key().public_key()
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "https://hub.example/ap/activities/1",
    "type": "Create",
    "actor": "https://hub.example/ap/actors/1",
    "object": {"type": "Article", "content": "<p>R\u00e9sum\u00e9 \U0001f4c4</p>", "size": 120_000, "ratio": 0.5},
}


def signed(document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    return add_proof(document, METHOD, ed25519_key(), NOW)


def signed_with(**options: Any) -> dict[str, Any]:
    """A document whose proof has these options too, all of them signed: made by hand, by the recommendation."""
    proof = {**signed()["proof"], **options}
    del proof["proofValue"]
    hashed = sha256(rfc8785.dumps(proof)).digest() + sha256(rfc8785.dumps(DOCUMENT)).digest()
    value = "z" + base58.b58encode(ed25519_key().sign(hashed)).decode()
    return {**DOCUMENT, "proof": {**proof, "proofValue": value}}


def refusal(document: dict[str, Any], now: datetime = NOW) -> str:
    with pytest.raises(ProofRefused) as refused:
        verify_proof(document, KEY, now)
    assert refused.value.status == 401
    return refused.value.sentence


def changed(path: str, value: Any) -> dict[str, Any]:
    """The signed document with one thing changed, or taken out where the value is None."""
    document = copy.deepcopy(signed())
    *parents, last = path.split("/")
    place = document
    for name in parents:
        place = place[name]
    place[last] = value
    if value is None:
        del place[last]
    return document


def test_a_document_that_we_signed_verifies() -> None:
    verify_proof(signed(), KEY, NOW)


def test_the_proof_says_what_peers_look_for() -> None:
    proof = signed()["proof"]
    del proof["proofValue"]
    assert proof == {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": METHOD,
        "created": "2026-11-21T12:00:00Z",
    }


def test_signing_leaves_the_document_itself_alone() -> None:
    document = copy.deepcopy(DOCUMENT)
    signed(document)
    assert document == DOCUMENT


def test_signing_again_replaces_the_proof() -> None:
    assert add_proof(signed(), METHOD, ed25519_key(), NOW) == signed()


def test_a_proof_survives_another_order_of_the_names() -> None:
    document = signed()
    verify_proof(dict(reversed(document.items())), KEY, NOW)


def test_a_document_without_context_can_be_signed_too() -> None:
    bare = {name: value for name, value in DOCUMENT.items() if name != "@context"}
    document = signed(bare)
    assert "@context" not in document["proof"]
    verify_proof(document, KEY, NOW)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"a": {1: "b"}}])
def test_what_json_cannot_carry_exactly_is_not_signed(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        signed({**DOCUMENT, "value": value})


def test_a_time_without_a_zone_is_not_signed() -> None:
    with pytest.raises(ValueError, match="zone"):
        add_proof(DOCUMENT, METHOD, ed25519_key(), datetime(2026, 11, 21))  # noqa: DTZ001


def test_the_method_of_a_proof_is_found() -> None:
    assert proof_method(signed()) == METHOD


@pytest.mark.parametrize("proof", [None, "text", [], [{}, {}], {}, {"verificationMethod": {"id": METHOD}}])
def test_no_method_is_found_where_there_is_no_single_proof_that_names_one(proof: Any) -> None:
    assert proof_method({"proof": proof}) is None


def test_a_list_of_one_proof_is_read_like_the_proof() -> None:
    document = signed()
    document["proof"] = [document["proof"]]
    verify_proof(document, KEY, NOW)


WRONG = "The proof is wrong."
KIND = "The proof is of a kind that is not supported."
TIME = "A time in the proof is malformed."
VALUE = "The proof's value is malformed."
ONE = "The document does not carry exactly one proof."
CONTEXT_DIFFERS = "The proof was made for another @context."
MUTATED = [
    ("id", "https://hub.example/ap/activities/2", WRONG),
    ("actor", "https://evil.example/", WRONG),
    ("object/content", "<p>Resume</p>", WRONG),
    ("object/size", 120_001, WRONG),
    ("object/size", "120000", WRONG),
    ("object", None, WRONG),
    ("added", True, WRONG),
    ("@context", ["https://evil.example/", *CONTEXT], CONTEXT_DIFFERS),
    ("@context", CONTEXT[:1], CONTEXT_DIFFERS),
    ("@context", CONTEXT[0], CONTEXT_DIFFERS),
    ("@context", None, CONTEXT_DIFFERS),
    ("proof", None, ONE),
    ("proof", "text", ONE),
    ("proof", [], ONE),
    ("proof", [signed()["proof"], signed()["proof"]], ONE),
    ("proof/@context", [*CONTEXT, "https://evil.example/"], CONTEXT_DIFFERS),
    ("proof/@context", CONTEXT[:1], WRONG),
    ("proof/@context", None, WRONG),
    ("proof/type", "Ed25519Signature2020", KIND),
    ("proof/type", None, KIND),
    ("proof/cryptosuite", "eddsa-rdfc-2022", KIND),
    ("proof/cryptosuite", None, KIND),
    ("proof/proofPurpose", "authentication", KIND),
    ("proof/proofPurpose", None, KIND),
    ("proof/previousProof", "urn:uuid:1", KIND),
    ("proof/verificationMethod", "https://hub.example/ap/actors/2#ed25519-key", WRONG),
    ("proof/verificationMethod", None, WRONG),
    ("proof/created", "2026-11-21T12:00:01Z", WRONG),
    ("proof/created", "2026-11-21T12:00:00+00:00", WRONG),
    ("proof/created", None, WRONG),
    ("proof/created", "yesterday", TIME),
    ("proof/created", "2026-11-21", TIME),
    ("proof/created", "2026-13-21T12:00:00Z", TIME),
    ("proof/created", 5, TIME),
    ("proof/expires", "2099-01-01T00:00:00Z", WRONG),
    ("proof/expires", "never", TIME),
    ("proof/domain", "hub.example", WRONG),
    ("proof/challenge", "abc", WRONG),
    ("proof/nonce", "abc", WRONG),
    ("proof/anything", "at all", WRONG),
    ("proof/proofValue", None, VALUE),
    ("proof/proofValue", 5, VALUE),
    ("proof/proofValue", "", VALUE),
    ("proof/proofValue", "z", VALUE),
    ("proof/proofValue", signed()["proof"]["proofValue"][1:], VALUE),
    ("proof/proofValue", "u" + signed()["proof"]["proofValue"][1:], VALUE),
    ("proof/proofValue", signed()["proof"]["proofValue"] + "\n", VALUE),
    ("proof/proofValue", "z" + "2" * 1_000_000, VALUE),
    ("proof/proofValue", "z" + "1" * 64, WRONG),
    ("proof/proofValue", "z" + "z" * 88, WRONG),
]


@pytest.mark.parametrize(("path", "value", "sentence"), MUTATED)
def test_a_changed_document_or_proof_is_refused(path: str, value: Any, sentence: str) -> None:
    assert refusal(changed(path, value)) == sentence


def test_a_proof_by_another_key_is_refused() -> None:
    with pytest.raises(ProofRefused, match="wrong"):
        verify_proof(signed(), Ed25519PrivateKey.generate().public_key(), NOW)


def test_contexts_may_be_added_after_those_that_were_signed() -> None:
    verify_proof(changed("@context", [*CONTEXT, "https://later.example/"]), KEY, NOW)


def test_a_linked_data_signature_beside_the_proof_is_looked_past() -> None:
    verify_proof(changed("signature", {"type": "RsaSignature2017"}), KEY, NOW)


@pytest.mark.parametrize(
    "options", [{"domain": "hub.example"}, {"challenge": "abc"}, {"nonce": "1"}, {"expires": "2099-01-01T00:00:00Z"}]
)
def test_options_that_were_signed_are_accepted(options: dict[str, str]) -> None:
    verify_proof(signed_with(**options), KEY, NOW)


def test_a_proof_is_good_until_the_second_in_which_it_expires() -> None:
    document = signed_with(expires="2026-11-21T13:00:00Z")
    verify_proof(document, KEY, NOW + timedelta(hours=1))
    assert refusal(document, NOW + timedelta(hours=1, seconds=1)) == "The proof has expired."


@pytest.mark.parametrize("expires", ["2026-11-21T13:00:00", "2026-11-21T14:30:00.5+01:30"])
def test_an_expiry_is_understood_in_every_form_that_the_standard_allows(expires: str) -> None:
    document = signed_with(expires=expires)
    verify_proof(document, KEY, datetime(2026, 11, 21, 13, 0, tzinfo=UTC))
    assert refusal(document, datetime(2026, 11, 21, 13, 0, 1, tzinfo=UTC)) == "The proof has expired."


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), 2**60, "\ud800", nested(100_000)], ids=["NaN", "2**60", "surrogate", "deep"]
)
def test_a_document_without_a_canonical_form_is_refused(value: Any) -> None:
    document = signed()
    document["value"] = value
    assert refusal(document) == "The document cannot be put into canonical form."


def test_a_name_that_is_no_unicode_is_refused() -> None:
    document = signed()
    document["\ud800"] = 1
    assert refusal(document) == "The document cannot be put into canonical form."
