"""What others published must come out here exactly: cavage-12 appendix C, RFC 9421, eddsa-jcs-2022, FEP-8b32, FEP-521a.
Where the values come from stands in tests/vectors/signatures/README.md."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import base58
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from federation.signatures import cavage, proofs, rfc9421
from federation.signatures.algorithms import made_by
from federation.signatures.digest import content_digest_matches, digest_header
from federation.signatures.keys import load_multibase, load_private_pem, load_public_pem, public_multibase
from federation.signatures.message import Message
from federation.signatures.proofs import ProofRefused, add_proof, verify_proof
from federation.signatures.refused import SignatureRefused
from federation.signatures.structured import InnerList, Item, parse_dictionary, serialize_inner_list
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import rsa_key, with_headers

FOLDER = Path(__file__).parents[1] / "vectors" / "signatures"
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


def vectors(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


CAVAGE, RFC9421 = vectors("cavage-12"), vectors("rfc9421")
PROOFS = {name: vectors(name) for name in ("eddsa-jcs-2022", "fep-8b32")}


def cavage_request() -> Message:
    request = CAVAGE["request"]
    return Message(request["method"], request["url"], request["headers"], request["body"].encode())


def rfc9421_request(case: dict[str, Any]) -> Message:
    return Message(case["method"], case["url"], case["headers"], case.get("body", RFC9421["body"]).encode())


def private_key(vector: dict[str, Any]) -> Ed25519PrivateKey:
    coded = base58.b58decode(vector["private_key"][1:])
    assert coded[:2] == b"\x80\x26"  # multicodec ed25519-priv
    return Ed25519PrivateKey.from_private_bytes(coded[2:])


def public_key(vector: dict[str, Any]) -> Ed25519PublicKey:
    key = load_multibase(vector["public_key"])
    assert isinstance(key, Ed25519PublicKey)
    return key


@pytest.mark.parametrize("case", CAVAGE["cases"], ids=named)
def test_cavage_appendix_c_gives_the_published_signing_string(case: dict[str, Any]) -> None:
    assert cavage.signing_string(cavage_request(), case["covered"]).decode() == case["signing_string"]


@pytest.mark.parametrize("case", CAVAGE["cases"], ids=named)
def test_cavage_appendix_c_signatures_are_over_what_we_build(case: dict[str, Any]) -> None:
    key = load_pem_public_key(CAVAGE["public_key"].encode())
    assert isinstance(key, RSAPublicKey)
    text = cavage.signing_string(cavage_request(), case["covered"])
    key.verify(base64.b64decode(case["signature"]), text, PKCS1v15(), SHA256())  # raises if it is not


def test_cavage_appendix_c_digest_is_the_one_we_write() -> None:
    request = cavage_request()
    assert digest_header(request.body) == request.headers["digest"]


def test_cavage_appendix_c_2_header_is_read_and_its_signature_found_right() -> None:
    """Fails if the header's parameters are read case-sensitively ("keyId"), or if the query is left out of the target
    at the first try."""
    case = CAVAGE["cases"][1]
    claim = read_claim(with_headers(cavage_request(), signature=case["header"]))
    assert (claim.key_id, claim.covered, claim.algorithm) == ("Test", tuple(case["covered"]), "rsa-sha256")
    key = load_pem_public_key(CAVAGE["public_key"].encode())
    assert isinstance(key, RSAPublicKey)
    assert made_by(key, claim, cavage.signing_strings(cavage_request(), claim)[:1])


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (CAVAGE["cases"][0], "The list of what the signature covers cannot be used."),
        (CAVAGE["cases"][1], "The signature does not cover enough of the request."),
        (CAVAGE["cases"][2], "This algorithm must sign the Date header, not (created) or (expires)."),
    ],
    ids=["C.1", "C.2", "C.3"],
)
def test_cavage_appendix_c_requests_are_refused_because_no_inbox_may_believe_them(
    case: dict[str, Any], reason: str
) -> None:
    """C.1 covers only the date (by default), C.2 no digest, C.3 signed times with rsa-sha256. Fails if a missing list
    of headers is read as "date", or if ``uncovered`` asks for no digest."""
    request = with_headers(cavage_request(), signature=case["header"])
    with pytest.raises(SignatureRefused) as refused:
        verify(request, read_claim(request), rsa_key().public_key(), datetime(2014, 1, 5, 21, 31, 40, tzinfo=UTC))
    assert refused.value.sentence == reason


@pytest.mark.parametrize("case", RFC9421["cases"], ids=named)
def test_rfc9421_examples_give_the_published_signature_base(case: dict[str, Any]) -> None:
    member = parse_dictionary(case["headers"]["signature-input"])[case["label"]]
    assert isinstance(member, InnerList)
    covered = [str(item.value) for item in member.items]
    assert rfc9421.signature_base(rfc9421_request(case), covered, serialize_inner_list(member)).decode() == case["base"]


@pytest.mark.parametrize("case", RFC9421["cases"], ids=named)
def test_rfc9421_examples_verify_with_the_published_keys(case: dict[str, Any]) -> None:
    request = rfc9421_request(case)
    alone = {
        name: parse_label(case["headers"][name], case["label"]) if name.startswith("signature") else value
        for name, value in case["headers"].items()
    }
    claim = read_claim(Message(request.method, request.url, alone, request.body))
    assert made_by(load_public_pem(RFC9421["keys"][case["key"]]), claim, rfc9421.signature_bases(request, claim))


def parse_label(header: str, label: str) -> str:
    [member] = [part for part in header.replace(", proxy_sig=", "\nproxy_sig=").split("\n") if part.startswith(label)]
    return member


def test_rfc9421_b_2_6_is_signed_with_the_published_bytes() -> None:
    case = RFC9421["cases"][0]
    key = load_private_pem(RFC9421["test-key-ed25519-private"])
    assert isinstance(key, Ed25519PrivateKey)
    written = f"{case['label']}=:{base64.b64encode(key.sign(case['base'].encode())).decode()}:"
    assert written == case["headers"]["signature"]


WITHOUT_PARAMETERS = [case for case in RFC9421["other_algorithms"] if "query-param" not in case["base"]]


@pytest.mark.parametrize("case", WITHOUT_PARAMETERS, ids=named)
def test_rfc9421_b_2_signatures_of_other_algorithms_are_over_the_base_that_we_build(case: dict[str, Any]) -> None:
    """Checked with ``cryptography`` and ``hmac`` alone. Fails if the base ends in a line break, or puts
    ``@signature-params`` first."""
    member = parse_dictionary(case["headers"]["signature-input"])[case["label"]]
    signature = parse_dictionary(case["headers"]["signature"])[case["label"]]
    assert isinstance(member, InnerList)
    assert isinstance(signature, Item)
    assert isinstance(signature.value, bytes)
    covered = [str(item.value) for item in member.items]
    base = rfc9421.signature_base(rfc9421_request(case), covered, serialize_inner_list(member))
    assert base.decode() == case["base"]
    if case["key"] == "test-shared-secret":
        secret = base64.b64decode(RFC9421["test-shared-secret"])
        assert hmac.digest(secret, base, "sha256") == signature.value
    else:
        key = load_pem_public_key(RFC9421["keys"][case["key"]].encode())
        assert isinstance(key, RSAPublicKey)
        key.verify(signature.value, base, PSS(MGF1(SHA512()), 64), SHA512())  # raises if it is not


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (RFC9421["other_algorithms"][0], "The list of what the signature covers cannot be used."),
        (RFC9421["other_algorithms"][1], "The signature covers something that is not supported."),
        (RFC9421["other_algorithms"][2], "The signature is wrong."),
        (RFC9421["other_algorithms"][3], "The signature does not cover enough of the request."),
    ],
    ids=["B.2.1", "B.2.2", "B.2.3", "B.2.5"],
)
def test_rfc9421_b_2_requests_of_other_algorithms_are_refused(case: dict[str, Any], reason: str) -> None:
    """Fails if parameters of components are dropped on reading (B.2.2), or if a signature may cover nothing (B.2.1)."""
    request = rfc9421_request(case)
    key = load_public_pem(RFC9421["keys"]["test-key-rsa-pss"])
    with pytest.raises(SignatureRefused) as refused:
        verify(request, read_claim(request), key, datetime.fromtimestamp(1618884473, UTC))
    assert refused.value.sentence == reason


def test_rfc9421_content_digest_belongs_to_the_published_body() -> None:
    assert content_digest_matches(RFC9421["content_digest"], RFC9421["body"].encode())


def test_rfc9421_b_2_6_is_right_and_yet_refused_because_it_covers_too_little() -> None:
    request = rfc9421_request(RFC9421["cases"][0])
    key = load_public_pem(RFC9421["keys"]["test-key-ed25519"])
    with pytest.raises(SignatureRefused, match="not covered: @query"):
        verify(request, read_claim(request), key, datetime.fromtimestamp(1618884473, UTC))


@pytest.mark.parametrize("name", PROOFS)
def test_a_published_proof_verifies(name: str) -> None:
    verify_proof(PROOFS[name]["signed"], public_key(PROOFS[name]), CREATED)


@pytest.mark.parametrize("name", PROOFS)
def test_our_proof_of_a_published_document_is_the_published_one(name: str) -> None:
    signed = PROOFS[name]["signed"]
    unsigned = {key: value for key, value in signed.items() if key != "proof"}
    method = signed["proof"]["verificationMethod"]
    assert add_proof(unsigned, method, private_key(PROOFS[name]), CREATED) == signed


@pytest.mark.parametrize("name", PROOFS)
def test_a_published_proof_does_not_verify_a_changed_document(name: str) -> None:
    with pytest.raises(ProofRefused, match="wrong"):
        verify_proof({**PROOFS[name]["signed"], "id": "https://elsewhere.example/"}, public_key(PROOFS[name]), CREATED)


def test_the_canonical_forms_and_hashes_of_the_recommendation_are_reproduced() -> None:
    """Fails if ``_hash`` puts the document's hash before that of the options."""
    vector = PROOFS["eddsa-jcs-2022"]
    document = {key: value for key, value in vector["signed"].items() if key != "proof"}
    options = {key: value for key, value in vector["signed"]["proof"].items() if key != "proofValue"}
    canonical = [rfc8785.dumps(value) for value in (document, options)]
    assert [text.decode() for text in canonical] == [vector["canonical_document"], vector["canonical_proof"]]
    assert [hashlib.sha256(text).hexdigest() for text in canonical] == [vector["document_hash"], vector["proof_hash"]]
    assert proofs._hash(options, document).hex() == vector["combined_hash"]


def test_the_proof_value_is_the_published_signature_in_base58() -> None:
    vector = PROOFS["eddsa-jcs-2022"]
    assert base58.b58decode(vector["signed"]["proof"]["proofValue"][1:]).hex() == vector["signature"]


@pytest.mark.parametrize("name", PROOFS)
def test_the_published_key_pairs_belong_together(name: str) -> None:
    assert public_multibase(private_key(PROOFS[name]).public_key()) == PROOFS[name]["public_key"]


def test_fep_521a_ed25519_key_is_written_as_published() -> None:
    vector = vectors("fep-521a")["ed25519"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public_key_hex"]))
    assert public_multibase(key) == vector["multibase"]


def test_fep_521a_ed25519_key_is_read_as_published() -> None:
    vector = vectors("fep-521a")["ed25519"]
    key = load_multibase(vector["multibase"])
    assert key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex() == vector["public_key_hex"]


def test_fep_521a_rsa_key_is_read_as_published() -> None:
    vector = vectors("fep-521a")["rsa"]
    key = load_multibase(vector["multibase"])
    assert key.public_bytes(Encoding.DER, PublicFormat.PKCS1).hex() == vector["public_key_pkcs1_hex"]
