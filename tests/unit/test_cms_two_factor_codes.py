"""Codes of authenticator apps and recovery codes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from cms.two_factor import codes

# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
SECRET = b"12345678901234567890"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert codes.find_step(SECRET, code, seconds, -1) == seconds // 30


@pytest.mark.parametrize(
    ("late", "found"), [(-31, False), (-30, True), (-1, True), (0, True), (29, True), (59, True), (60, False)]
)
def test_a_code_is_good_for_one_step_more_on_either_side(late: int, found: bool) -> None:
    """The code of the step that begins at 1234567890. Fails with another tolerance."""
    assert (codes.find_step(SECRET, "005924", 1234567890 + late, -1) is not None) is found


def test_a_code_that_was_used_is_not_taken_again() -> None:
    """RFC 6238 §5.2. Fails if the last step is not asked."""
    assert codes.find_step(SECRET, "287082", 59, after=0) == 1
    assert codes.find_step(SECRET, "287082", 59, after=1) is None


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708a", "２８７０８２", "-87082", "+87082"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert codes.find_step(SECRET, code, 59, -1) is None


@pytest.mark.parametrize("typed", ["287 082", " 287082 ", "287-082"])
def test_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert codes.tidy(typed) == "287082"


def test_recovery_codes_are_many_and_none_like_another() -> None:
    fresh = codes.new_recovery_codes() + codes.new_recovery_codes()
    assert len(set(fresh)) == 20
    assert all(len(codes.tidy(code)) == 16 and not codes.is_time_code(codes.tidy(code)) for code in fresh)


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = codes.new_recovery_codes()[0]
    assert codes.digest_of(code) == codes.digest_of(code.upper().replace("-", " "))


def test_the_picture_says_what_apps_expect() -> None:
    address = codes.app_address(SECRET, "ana@partner.example", "hub.example:8443")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/hub.example%208443%3Aana%40partner.example"
    values = {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["hub.example 8443"]}
    assert parse_qs(parts.query) == values | {"digits": ["6"], "period": ["30"]}


def test_the_key_can_be_typed() -> None:
    assert codes.spoken(SECRET) == "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq"
