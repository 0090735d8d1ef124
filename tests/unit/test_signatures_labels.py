"""What is particular to RFC 9421: labels, parameters, and the components that no peer sends in requests."""

import base64

import pytest
from cryptography.hazmat.primitives.hashes import SHA512

from federation.signatures.claim import Claim, Scheme
from federation.signatures.message import Message
from federation.signatures.refused import SignatureRefused
from federation.signatures.verify import read_claim, verify
from tests.factories.signed_requests import (
    KEY_ID,
    NOW,
    RFC9421_POST,
    UNIX_NOW,
    add_label,
    by_hand_rfc9421,
    ed25519_key,
    get,
    post,
    rsa_key,
    with_headers,
)

MALFORMED = "The signature headers are malformed."
LABELS = "Signature and Signature-Input must carry the same labels."
UNSUPPORTED = "The signature covers something that is not supported."
PARAMETERS = f';created={UNIX_NOW};keyid="{KEY_ID}"'
COVERED = '("@method" "@target-uri")'
PROXY = f'("@authority");created={UNIX_NOW};keyid="https://proxy.example/key"'
NONSENSE = ":bm9uc2Vuc2U=:"


def accept(message: Message) -> None:
    verify(message, read_claim(message), rsa_key().public_key(), NOW)


def refusal(message: Message) -> str:
    with pytest.raises(SignatureRefused) as refused:
        accept(message)
    return refused.value.sentence


def raw(signature_input: str, signature: str) -> Message:
    return with_headers(get(), signature_input=signature_input, signature=signature)


def test_a_signature_is_read_completely() -> None:
    assert read_claim(raw(f'a={COVERED}{PARAMETERS};expires=5;alg="ed25519"', "a=:YQ==:")) == Claim(
        scheme=Scheme.RFC9421,
        key_id=KEY_ID,
        covered=("@method", "@target-uri"),
        created=UNIX_NOW,
        expires=5,
        algorithm="ed25519",
        signature=b"a",
        label="a",
        parameters=f'{COVERED}{PARAMETERS};expires=5;alg="ed25519"',
    )


def test_a_proxys_signature_beside_the_senders_is_passed_over() -> None:
    accept(add_label(by_hand_rfc9421(post()), "proxy", PROXY, NONSENSE))


def test_the_order_of_the_labels_does_not_matter() -> None:
    accept(by_hand_rfc9421(add_label(post(), "proxy", PROXY, NONSENSE), label="mine"))


PASSED_OVER = {
    "an unknown algorithm": f'{COVERED[:-1]} "content-digest"){PARAMETERS};alg="rsa-pss-sha512"',
    "no created": f'{COVERED[:-1]} "content-digest");keyid="{KEY_ID}"',
    "no key": f'{COVERED[:-1]} "content-digest");created={UNIX_NOW}',
    "a header that is not there": f'{COVERED[:-1]} "content-digest" "client-cert"){PARAMETERS}',
    "a component with parameters": f'{COVERED[:-1]} "content-digest";req){PARAMETERS}',
    "too little coverage": f"{COVERED}{PARAMETERS}",
}


@pytest.mark.parametrize("params", PASSED_OVER.values(), ids=PASSED_OVER)
def test_a_label_that_cannot_serve_is_passed_over(params: str) -> None:
    accept(add_label(by_hand_rfc9421(post()), "other", params, NONSENSE))


def test_two_usable_signatures_are_refused_even_if_both_are_right() -> None:
    message = by_hand_rfc9421(by_hand_rfc9421(post()), label="sig2")
    assert refusal(message) == "More than one of the signatures is usable."


def test_an_attackers_usable_signature_beside_the_senders_is_refused() -> None:
    captured = by_hand_rfc9421(post())
    message = by_hand_rfc9421(captured, label="evil", key=ed25519_key(), parameters=PARAMETERS)
    assert refusal(message) == "More than one of the signatures is usable."


def test_several_labels_of_which_none_can_serve_are_refused() -> None:
    message = add_label(add_label(post(), "a", PROXY, NONSENSE), "b", PROXY, NONSENSE)
    assert refusal(message) == "None of the signatures is usable."


MALFORMED_FIELDS = {
    "a label twice in both fields": (
        f"a={COVERED}{PARAMETERS}, a={COVERED}{PARAMETERS}",
        "a=:YQ==:, a=:Yg==:",
        MALFORMED,
    ),
    "a label twice in Signature": (f"a={COVERED}{PARAMETERS}", "a=:YQ==:, a=:Yg==:", MALFORMED),
    "a parameter twice": (f'a={COVERED}{PARAMETERS};keyid="https://evil.example/"', "a=:YQ==:", MALFORMED),
    "a label without a signature": (f"a={COVERED}{PARAMETERS}, b={COVERED}{PARAMETERS}", "a=:YQ==:", LABELS),
    "a signature without an input": (f"a={COVERED}{PARAMETERS}", "a=:YQ==:, b=:Yg==:", LABELS),
    "another label": (f"a={COVERED}{PARAMETERS}", "b=:YQ==:", LABELS),
    "no labels at all": (" ", " ", LABELS),
    "an empty Signature-Input": ("", "a=:YQ==:", "The request is not signed."),
    "an empty Signature": (f"a={COVERED}{PARAMETERS}", "", "The request is not signed."),
    "a cavage Signature": (f"a={COVERED}{PARAMETERS}", 'keyId="x",signature="YQ=="', MALFORMED),
    "a signature that is no byte sequence": (f"a={COVERED}{PARAMETERS}", 'a="YQ=="', MALFORMED),
    "an input that is no list": ("a=1", "a=:YQ==:", MALFORMED),
    "an alg that is no string": (f"a={COVERED}{PARAMETERS};alg=ed25519", "a=:YQ==:", MALFORMED),
    "a keyid that is no string": (
        f"a={COVERED};created=1;keyid=5",
        "a=:YQ==:",
        "The signature does not name its key.",
    ),
    "a created that is true": (
        f'a={COVERED};created;keyid="{KEY_ID}"',
        "a=:YQ==:",
        "A time in the signature is malformed.",
    ),
    "a created that is a string": (
        f'a={COVERED};created="1";keyid="{KEY_ID}"',
        "a=:YQ==:",
        "A time in the signature is malformed.",
    ),
    "nothing covered": (f"a=(){PARAMETERS}", "a=:YQ==:", "The list of what the signature covers cannot be used."),
    "a component twice": (
        f'a=("@method" "@method"){PARAMETERS}',
        "a=:YQ==:",
        "The list of what the signature covers cannot be used.",
    ),
    "a component that is no string": (f"a=(date){PARAMETERS}", "a=:YQ==:", UNSUPPORTED),
    "a component of the request in a response": (f'a=("@method";req){PARAMETERS}', "a=:YQ==:", UNSUPPORTED),
    "a single query parameter": (f'a=("@query-param";name="a"){PARAMETERS}', "a=:YQ==:", UNSUPPORTED),
    "a member of a dictionary": (f'a=("content-digest";key="sha-256"){PARAMETERS}', "a=:YQ==:", UNSUPPORTED),
    "many kilobytes": (f"a={COVERED}{PARAMETERS};x={'x' * 9000}", "a=:YQ==:", "The signature header is too long."),
}


@pytest.mark.parametrize(("signature_input", "signature", "sentence"), MALFORMED_FIELDS.values(), ids=MALFORMED_FIELDS)
def test_malformed_fields_are_refused(signature_input: str, signature: str, sentence: str) -> None:
    assert refusal(raw(signature_input, signature)) == sentence


@pytest.mark.parametrize("name", ["@status", "@signature-params", "@query-param", "@unknown"])
def test_a_component_that_a_request_does_not_have_is_refused(name: str) -> None:
    message = raw(f'a=("@method" "@target-uri" "{name}"){PARAMETERS}', "a=:YQ==:")
    assert refusal(message) == UNSUPPORTED


def test_a_signature_without_created_is_refused() -> None:
    message = by_hand_rfc9421(post(), parameters=f';keyid="{KEY_ID}"')
    assert refusal(message) == "The signature does not cover enough of the request."


@pytest.mark.parametrize(
    "parameters",
    [
        PARAMETERS,
        f'{PARAMETERS};alg="rsa-v1_5-sha256"',
        f'{PARAMETERS};nonce="n";tag="t"',
        f"{PARAMETERS};unknown;other=tok;bytes=:YQ==:",
        f';alg="rsa-v1_5-sha256";keyid="{KEY_ID}";created={UNIX_NOW}',
    ],
)
def test_parameters_may_come_in_any_order_and_number(parameters: str) -> None:
    accept(by_hand_rfc9421(post(), parameters=parameters))


def test_a_changed_parameter_is_refused() -> None:
    message = by_hand_rfc9421(post())
    changed = message.headers["signature-input"].replace("users/ana", "users/eva")
    assert refusal(with_headers(message, signature_input=changed)) == "The signature is wrong."


def test_loose_spacing_in_the_field_is_canonicalised_before_verifying() -> None:
    message = by_hand_rfc9421(post())
    loose = message.headers["signature-input"].replace('" "', '"  "').replace('("', '( "').replace(";", "; ")
    accept(with_headers(message, signature_input=loose))


def test_rsa_with_sha512_is_believed_without_a_name() -> None:
    accept(by_hand_rfc9421(post(), parameters=PARAMETERS, hash_=SHA512()))


@pytest.mark.parametrize("parameters", [PARAMETERS, f'{PARAMETERS};alg="ed25519"'])
def test_ed25519_is_believed(parameters: str) -> None:
    message = by_hand_rfc9421(post(), parameters=parameters, key=ed25519_key())
    verify(message, read_claim(message), ed25519_key().public_key(), NOW)


def test_every_derived_component_of_a_request_can_be_covered() -> None:
    covered = (*RFC9421_POST, "@scheme", "@request-target", "@path", "@query", "host")
    accept(by_hand_rfc9421(post("https://hub.example/ap/inbox?a=b%20c"), covered))


def test_a_missing_query_is_covered_as_a_lone_question_mark() -> None:
    accept(by_hand_rfc9421(get("https://hub.example/a"), ("@method", "@authority", "@path", "@query")))


def test_a_missing_header_is_never_an_empty_one() -> None:
    message = by_hand_rfc9421(with_headers(post(), x_extra=""), (*RFC9421_POST, "x-extra"))
    assert refusal(with_headers(message, x_extra=None)) == "The signature covers a header that was not sent."


def test_a_signed_header_that_is_not_ascii_is_refused() -> None:
    message = by_hand_rfc9421(with_headers(post(), x_extra="caf\u00e9"), (*RFC9421_POST, "x-extra"))
    assert refusal(message) == "The request has characters that cannot be signed."


def test_signature_input_decides_which_scheme_it_is() -> None:
    encoded = base64.b64encode(b"x").decode()
    assert read_claim(raw(f"sig1={COVERED}{PARAMETERS}", f"sig1=:{encoded}:")).scheme is Scheme.RFC9421
