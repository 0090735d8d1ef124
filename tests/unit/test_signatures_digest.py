"""Digest and Content-Digest: at least one known algorithm must match, and none may disagree."""

import base64
import hashlib

import pytest

from federation.signatures.digest import (
    content_digest_header,
    content_digest_matches,
    digest_header,
    digest_matches,
)

BODY = b'{"hello": "world"}'
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
SHA512 = base64.b64encode(hashlib.sha512(BODY).digest()).decode()
SHA1 = base64.b64encode(hashlib.sha1(BODY, usedforsecurity=False).digest()).decode()
OTHER = base64.b64encode(hashlib.sha256(b"other").digest()).decode()

DIGESTS = [
    (f"SHA-256={SHA256}", True),
    (f"sha-256={SHA256}", True),
    (f"Sha-256={SHA256} , md5=whatever", True),
    (f"sha-512={SHA512}", True),
    (f"SHA-256={SHA256},SHA-512={SHA512}", True),
    (f"unknown={OTHER},SHA-256={SHA256}", True),
    (f"SHA-256={OTHER}", False),
    (f"SHA-256={SHA256},SHA-512={OTHER}", False),
    (f"SHA-256={SHA256},SHA-256={OTHER}", False),
    (f"SHA-256={SHA256},SHA-512=not base64", False),
    (f"SHA={SHA1}", False),
    (f"SHA-256={SHA256[:-1]}", False),
    (f"SHA-256={SHA256[:10]}", False),
    ("SHA-256=", False),
    ("SHA-256", False),
    (f"SHA-256=:{SHA256}:", False),
    ("SHA-256=é", False),
    ("", False),
]


@pytest.mark.parametrize(("header", "expected"), DIGESTS)
def test_a_digest_header_vouches_for_the_body_or_not(header: str, expected: bool) -> None:
    assert digest_matches(header, BODY) is expected


CONTENT_DIGESTS = [
    (f"sha-256=:{SHA256}:", True),
    (f"sha-512=:{SHA512}:", True),
    (f"sha-256=:{SHA256}:, sha-512=:{SHA512}:", True),
    (f"sha-256=:{SHA256}:;q=1,\tcrc=5", True),
    (f"sha-256=:{OTHER}:", False),
    (f"sha-256=:{SHA256}:, sha-512=:{OTHER}:", False),
    (f"sha-256=:{OTHER}:, sha-256=:{SHA256}:", False),
    (f"SHA-256=:{SHA256}:", False),
    (f'sha-256="{SHA256}"', False),
    (f"sha-256=(:{SHA256}:)", False),
    (f"sha-256={SHA256}", False),
    (f"sha=:{SHA1}:", False),
    ("sha-256", False),
    ("", False),
]


@pytest.mark.parametrize(("header", "expected"), CONTENT_DIGESTS)
def test_a_content_digest_header_vouches_for_the_body_or_not(header: str, expected: bool) -> None:
    assert content_digest_matches(header, BODY) is expected


def test_the_digest_that_is_sent_is_written_in_the_old_way() -> None:
    assert digest_header(BODY) == f"SHA-256={SHA256}"


def test_the_content_digest_that_is_sent_is_a_byte_sequence() -> None:
    assert content_digest_header(BODY) == f"sha-256=:{SHA256}:"


def test_one_changed_bit_in_the_body_is_noticed() -> None:
    assert not digest_matches(digest_header(BODY), bytes([BODY[0] ^ 1]) + BODY[1:])
