"""Lists of hosts, as people type them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from cms.hosts import HostList, find_host, split_hosts


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("example.org", "example.org"),
        (" Blog.Example.ORG", "blog.example.org"),
        ("https://example.org/about?x=1", "example.org"),
        ("//example.org", "example.org"),
        ("münchen.example", "xn--mnchen-3ya.example"),
    ],
)
def test_a_host_is_found_in_what_people_write(typed: str, host: str) -> None:
    assert find_host(typed.strip()) == host


@pytest.mark.parametrize(
    "typed",
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "example.org:8080",
        "ana@example.org",
        "*.example.org",
        "exa_mple.org",
        "-a.example",
        "a..example",
        "http://[",
        f"{'a' * 64}.example",
        f"{'a.' * 130}example",
    ],
)
def test_what_is_no_host_is_none(typed: str) -> None:
    assert find_host(typed) is None


def test_each_host_is_listed_once_and_in_order() -> None:
    assert split_hosts("b.example\nA.example, b.EXAMPLE;\r\n c.example") == ("b.example", "a.example", "c.example")


def test_the_editor_is_told_which_line_is_wrong() -> None:
    """Fails if what is no host is dropped in silence."""
    with pytest.raises(ValidationError, match=r"“not a host” is not|“not” is not"):
        HostList(5)("example.org\nnot a host")


def test_more_than_the_most_are_refused() -> None:
    HostList(2)("a.example\nb.example\na.example")
    with pytest.raises(ValidationError, match="At most 2 hosts"):
        HostList(2)("a.example\nb.example\nc.example")
