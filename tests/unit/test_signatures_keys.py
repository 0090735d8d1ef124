"""Keys and their written forms; whose keys are refused."""

import base58
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from federation.errors import NotAuthenticated
from federation.signatures.keys import (
    KeyRefused,
    generate_ed25519,
    generate_rsa,
    load_multibase,
    load_private_pem,
    load_public_pem,
    private_pem,
    public_multibase,
    public_pem,
)
from tests.factories.signed_requests import ed25519_key, rsa_key

SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PKCS1 = serialization.PublicFormat.PKCS1


def pem(key: PublicKeyTypes, form: serialization.PublicFormat = SPKI) -> str:
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def rsa_public(bits: int, exponent: int = 65537) -> rsa.RSAPublicKey:
    """A public key with an odd modulus of so many bits; nobody has its private half."""
    return rsa.RSAPublicNumbers(exponent, 2 ** (bits - 1) + 1).public_key()


def test_a_generated_rsa_key_has_2048_bits() -> None:
    assert generate_rsa().key_size == 2048


def test_two_generated_ed25519_keys_differ() -> None:
    assert private_pem(generate_ed25519()) != private_pem(generate_ed25519())


@pytest.mark.parametrize("make", [rsa_key, ed25519_key])
def test_a_private_key_survives_being_written_and_read(make: object) -> None:
    key = make()  # type: ignore[operator]
    assert public_pem(load_private_pem(private_pem(key)).public_key()) == public_pem(key.public_key())


def test_a_private_key_is_written_as_pkcs8() -> None:
    assert private_pem(rsa_key()).startswith("-----BEGIN PRIVATE KEY-----\n")


def test_a_private_key_of_another_kind_is_not_loaded() -> None:
    text = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(TypeError):
        load_private_pem(text.decode())


def test_a_public_key_is_written_as_spki() -> None:
    assert public_pem(rsa_key().public_key()).startswith("-----BEGIN PUBLIC KEY-----\n")


@pytest.mark.parametrize("form", [SPKI, PKCS1], ids=["SPKI", "PKCS#1"])
def test_an_rsa_key_is_read_from_either_pem(form: serialization.PublicFormat) -> None:
    key = rsa_key().public_key()
    assert load_public_pem(pem(key, form)) == key


def test_an_ed25519_key_is_read_from_pem() -> None:
    key = ed25519_key().public_key()
    assert load_public_pem(public_pem(key)) == key


def test_a_pem_with_windows_line_ends_and_spaces_around_it_is_read() -> None:
    key = rsa_key().public_key()
    assert load_public_pem("\n  " + public_pem(key).replace("\n", "\r\n") + "\r\n ") == key


@pytest.mark.parametrize("bits", [2048, 8192])
def test_rsa_keys_at_the_edges_of_the_allowed_sizes_are_accepted(bits: int) -> None:
    key = load_public_pem(pem(rsa_public(bits)))
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == bits


REFUSED = {
    "RSA with 1024 bits": pem(rsa_public(1024)),
    "RSA with 2047 bits": pem(rsa_public(2047)),
    "RSA with 8193 bits": pem(rsa_public(8193)),
    "RSA with an exponent as long as its modulus": pem(rsa_public(2048, 2**2040 + 1)),
    "RSA with an even modulus": pem(rsa.RSAPublicNumbers(65537, 2**2048 - 2).public_key()),
    "an elliptic curve": pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
    "Ed448": pem(ed448.Ed448PrivateKey.generate().public_key()),
    "a private key": private_pem(ed25519_key()),
    "no PEM": "not a key",
    "nothing": "",
    "broken base64": "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----",
    "not ASCII": "-----BEGIN PUBLIC KEY-----\né\n-----END PUBLIC KEY-----",
    "a megabyte": public_pem(ed25519_key().public_key()) + " " * 1_000_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_an_unusable_public_key_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        load_public_pem(text)


@pytest.mark.parametrize("exponent", [1, 2, 4])
def test_an_rsa_exponent_that_is_even_or_too_small_is_refused(exponent: int) -> None:
    number = 2**2047 + 1
    size = number.bit_length() // 8
    # DER by hand, because the library will not write such a key: SEQUENCE { INTEGER n, INTEGER e }
    modulus = b"\x02\x82" + (size + 1).to_bytes(2, "big") + b"\x00" + number.to_bytes(size, "big")
    body = modulus + b"\x02\x01" + bytes([exponent])
    der = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    with pytest.raises(KeyRefused):
        load_multibase("z" + base58.b58encode(b"\x85\x24" + der).decode())


def test_a_multikey_survives_being_written_and_read() -> None:
    key = ed25519_key().public_key()
    assert load_multibase(public_multibase(key)) == key


def test_an_ed25519_multikey_begins_as_peers_expect() -> None:
    assert public_multibase(Ed25519PrivateKey.generate().public_key()).startswith("z6Mk")


def multikey(prefix: bytes, raw: bytes) -> str:
    return "z" + base58.b58encode(prefix + raw).decode()


REFUSED_MULTIKEYS = {
    "another base": "u7QEmb8zjZwHceRSI4NCxdFzB4zpMHJ_MQcY700PbvglP5g",
    "a letter outside base58": "z0OIl",
    "a line end": public_multibase(ed25519_key().public_key()) + "\n",
    "nothing": "",
    "only the prefix of the base": "z",
    "31 bytes": multikey(b"\xed\x01", bytes(31)),
    "33 bytes": multikey(b"\xed\x01", bytes(33)),
    "another kind, secp256k1": multikey(b"\xe7\x01", bytes(33)),
    "RSA with 1024 bits": multikey(b"\x85\x24", rsa_public(1024).public_bytes(serialization.Encoding.DER, PKCS1)),
    "RSA that is no DER": multikey(b"\x85\x24", bytes(300)),
}


@pytest.mark.parametrize("text", REFUSED_MULTIKEYS.values(), ids=REFUSED_MULTIKEYS)
def test_an_unusable_multikey_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        load_multibase(text)


def test_a_multikey_so_long_that_decoding_it_would_hurt_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not_decode(text: str) -> bytes:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(base58, "b58decode", must_not_decode)
    with pytest.raises(KeyRefused):
        load_multibase("z" + "2" * 1501)


def test_a_refused_key_is_a_401() -> None:
    assert issubclass(KeyRefused, NotAuthenticated)
    assert KeyRefused.status == 401
