"""How an address is taken apart for signing: raw, exact, and with one spelling of the host."""

import pytest

from federation.signatures.message import Message, read_address
from federation.signatures.refused import SignatureRefused

ADDRESSES = [
    ("https://host.example/inbox", "host.example", "/inbox", ""),
    ("https://host.example", "host.example", "/", ""),
    ("https://host.example?page=1", "host.example", "/", "?page=1"),
    ("https://host.example/a?", "host.example", "/a", "?"),
    ("https://host.example/a?b?c=/d", "host.example", "/a", "?b?c=/d"),
    ("https://Host.Example:443/a", "host.example", "/a", ""),
    ("HTTPS://host.example/a", "host.example", "/a", ""),
    ("https://host.example:8443/a", "host.example:8443", "/a", ""),
    ("http://127.0.0.1:8000/a", "127.0.0.1:8000", "/a", ""),
    ("http://host.example:80/a", "host.example", "/a", ""),
    ("http://host.example:443/a", "host.example:443", "/a", ""),
    ("https://[2001:DB8::443]/a", "[2001:db8::443]", "/a", ""),
    ("https://[2001:db8::1]:443/a", "[2001:db8::1]", "/a", ""),
    ("https://host.example//a//b/", "host.example", "//a//b/", ""),
    ("https://host.example/a%2Fb/%7e../.", "host.example", "/a%2Fb/%7e../.", ""),
    ("https://host.example/users/ana#main-key", "host.example", "/users/ana", ""),
]


@pytest.mark.parametrize(("url", "authority", "path", "query"), ADDRESSES)
def test_an_address_is_taken_apart_without_touching_its_path(url: str, authority: str, path: str, query: str) -> None:
    address = read_address(url)
    assert (address.authority, address.path, address.query) == (authority, path, query)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/ap/inbox",
        "//host.example/a",
        "https:///a",
        "ftp://host.example/a",
        "acct:ana@host.example",
        "https://ana:secret@host.example/a",
        "https://host.example/a b",
        "https://host.example/a\r\nX: y",
    ],
)
def test_what_is_not_an_absolute_web_address_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        read_address(url)


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [("GET", b"", False), ("head", b"", False), ("GET", b"x", True), ("POST", b"", True), ("DELETE", b"", True)],
)
def test_everything_but_a_bare_get_has_content_to_cover(method: str, body: bytes, expected: bool) -> None:
    assert Message(method, "https://host.example/", {}, body).has_content is expected


HOSTS = [
    ("hub.example", "hub.example"),
    ("Hub.Example", "Hub.Example"),
    ("hub.example:443", "hub.example:443"),
    ("127.0.0.1:8000", "hub.example"),
    ("evil.example", "hub.example"),
    ("", "hub.example"),
]


@pytest.mark.parametrize(("written", "signed"), HOSTS)
def test_the_host_is_signed_as_written_only_where_it_means_this_host(written: str, signed: str) -> None:
    message = Message("GET", "https://hub.example/a", {"host": written})
    assert message.signed_value("host", message.address) == signed


def test_a_header_is_signed_without_the_spaces_around_it() -> None:
    message = Message("GET", "https://hub.example/a", {"accept": "\t text/html, */* "})
    assert message.signed_value("accept", message.address) == "text/html, */*"


def test_a_header_of_two_lines_cannot_pose_as_two_signed_headers() -> None:
    message = Message("GET", "https://hub.example/a", {"x-one": "1\ndate: forged"})
    with pytest.raises(SignatureRefused, match="two lines: x-one"):
        message.signed_value("x-one", message.address)
