"""An address is taken apart once, and its path stays as the peer wrote it."""

import pytest

from federation.errors import Refused
from federation.net.location import read_location, same_origin


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://peer.example", "/"),
        ("https://peer.example?page=1", "/?page=1"),
        ("https://peer.example/a%2Fb", "/a%2Fb"),
        ("https://peer.example/%7eana", "/%7eana"),
        ("https://peer.example/%7Eana", "/%7Eana"),
        ("https://peer.example//a//b", "//a//b"),
        ("https://peer.example/a;b=1/c", "/a;b=1/c"),
        ("https://peer.example/a/../b/./c", "/a/../b/./c"),
        ("https://peer.example/a?b=%2f&c=d/e?f", "/a?b=%2f&c=d/e?f"),
        ("https://peer.example/a?", "/a?"),
        ("https://peer.example/a#b?c", "/a"),
        ("https://peer.example/users/ana#main-key", "/users/ana"),
        ("https://peer.example/über", "/%C3%BCber"),
        ("https://peer.example/a|b?c={d}", "/a%7Cb?c=%7Bd%7D"),
        ("https://peer.example/100%", "/100%"),
    ],
)
def test_the_target_is_what_the_peer_wrote(url, target):
    assert read_location(url).target == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://Peer.Example/", "peer.example"),
        ("https://peer.example:443/", "peer.example"),
        ("https://peer.example:0443/", "peer.example"),
        ("http://peer.example:443/", "peer.example:443"),
        ("https://peer.example:8443/", "peer.example:8443"),
        ("http://[::1]:8001/", "[::1]:8001"),
        ("https://[0:0::1]/", "[::1]"),
    ],
)
def test_the_authority_is_what_the_host_header_says(url, authority):
    assert read_location(url).authority == authority


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://peer.example/a", "https://PEER.example:443/b", True),
        ("https://peer.example/a", "http://peer.example/a", False),
        ("https://peer.example/a", "https://peer.example:8443/a", False),
        ("https://peer.example/a", "https://www.peer.example/a", False),
        ("https://peer.example/a", "https://peer.example.evil.example/a", False),
        ("not an address", "not an address", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one, other, expected):
    assert same_origin(one, other) is expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/b", "https://peer.example/b"),
        ("c?d", "https://peer.example/a/c?d"),
        ("//other.example/x", "https://other.example/x"),
        ("/\u00c3\u00bcber", "https://peer.example/über"),
    ],
)
def test_a_redirect_is_read_against_the_address_it_came_from(reference, expected):
    assert read_location("https://peer.example/a/b").join(reference) == expected


def test_a_redirect_that_is_no_address_is_refused():
    with pytest.raises(Refused):
        read_location("https://peer.example/").join("https://[::1")
