"""Who may tell us that a request came in over https, and under which host."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from config.proxies import TrustedProxies, is_trusted

NETWORKS = (ip_network("10.1.0.0/16"), ip_network("::1/128"))


def pass_through(**headers: str) -> HttpRequest:
    """The request as the rest of the site would see it."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    request = RequestFactory().get("/", **headers)  # type: ignore[arg-type]
    with override_settings(TRUSTED_PROXIES=NETWORKS):
        TrustedProxies(view)(request)
    return seen[0]


FORWARDED: dict[str, Any] = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "news.example.org"}
SETTINGS: dict[str, Any] = {
    "ALLOWED_HOSTS": ["news.example.org", "testserver"],
    "USE_X_FORWARDED_HOST": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@override_settings(**SETTINGS)
def test_a_trusted_proxy_says_that_the_request_was_secure() -> None:
    assert pass_through(REMOTE_ADDR="10.1.2.3", **FORWARDED).is_secure()


@override_settings(**SETTINGS)
def test_a_trusted_proxy_says_which_host_was_asked() -> None:
    assert pass_through(REMOTE_ADDR="10.1.2.3", **FORWARDED).get_host() == "news.example.org"


@override_settings(**SETTINGS)
def test_a_stranger_cannot_pretend_that_the_request_was_secure() -> None:
    assert not pass_through(REMOTE_ADDR="10.2.0.1", **FORWARDED).is_secure()


@override_settings(**SETTINGS)
def test_a_stranger_cannot_choose_the_host() -> None:
    assert pass_through(REMOTE_ADDR="192.0.2.1", **FORWARDED).get_host() == "testserver"


@pytest.mark.parametrize("name", ["X_FORWARDED_FOR", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX", "FORWARDED"])
def test_a_stranger_loses_every_forwarding_header(name: str) -> None:
    assert f"HTTP_{name}" not in pass_through(REMOTE_ADDR="192.0.2.1", **{f"HTTP_{name}": "x"}).META


def test_other_headers_of_a_stranger_stay() -> None:
    assert pass_through(REMOTE_ADDR="192.0.2.1", HTTP_ACCEPT="text/html").headers["Accept"] == "text/html"


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("10.1.255.255", True),
        ("10.2.0.0", False),
        ("::1", True),
        ("::ffff:10.1.0.1", True),
        ("", False),
        ("unix:", False),
    ],
)
def test_trust_depends_on_the_network_of_the_peer(address: str, trusted: bool) -> None:
    assert is_trusted(address, NETWORKS) is trusted
