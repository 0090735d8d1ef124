"""What an instance's address means for Django."""

from __future__ import annotations

import pytest

from config.settings.derived import address_settings, cookie_name
from config.spoken import INTERFACE_LANGUAGES, language_settings


@pytest.mark.parametrize("purpose", ["session", "csrf"])
def test_two_instances_on_one_host_have_cookies_of_their_own(purpose: str) -> None:
    assert cookie_name("http://localhost:8001", purpose) != cookie_name("http://localhost:8002", purpose)


def test_a_public_cookie_cannot_be_planted_by_a_neighbouring_host() -> None:
    assert address_settings("https://news.example.org")["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_a_cookie_over_plain_http_has_no_prefix_that_browsers_refuse_there() -> None:
    assert cookie_name("http://localhost:8001", "session") == "commonwire_localhost_8001_session"


def test_a_public_address_gets_secure_cookies() -> None:
    settings = address_settings("https://news.example.org")
    assert (settings["SESSION_COOKIE_SECURE"], settings["CSRF_COOKIE_SECURE"]) == (True, True)


def test_a_public_address_gets_a_year_of_strict_transport_security() -> None:
    assert address_settings("https://news.example.org")["SECURE_HSTS_SECONDS"] == 31_536_000


def test_a_loopback_address_never_gets_strict_transport_security() -> None:
    assert address_settings("https://localhost:8443")["SECURE_HSTS_SECONDS"] == 0


def test_only_the_own_host_and_this_machine_are_served() -> None:
    assert address_settings("https://news.example.org:8443")["ALLOWED_HOSTS"] == [
        "news.example.org", "127.0.0.1", "localhost", "[::1]",
    ]  # fmt: skip


def test_plain_http_is_sent_to_the_canonical_host_with_its_port() -> None:
    assert address_settings("https://news.example.org:8443")["SECURE_SSL_HOST"] == "news.example.org:8443"


def test_nothing_is_sent_to_https_where_there_is_none() -> None:
    assert address_settings("http://localhost:8000")["SECURE_SSL_REDIRECT"] is False


def test_the_first_language_is_the_sites_own_and_english_is_british() -> None:
    settings = language_settings(("en", "de"), INTERFACE_LANGUAGES)
    assert (settings["LANGUAGE_CODE"], [tag for tag, _name in settings["WAGTAIL_CONTENT_LANGUAGES"]]) == (
        "en-gb", ["en", "de"],
    )  # fmt: skip
    assert language_settings(("de", "en"), INTERFACE_LANGUAGES)["LANGUAGE_CODE"] == "de"


@pytest.mark.parametrize(("content", "several"), [(("en",), False), (("en", "ar"), True)])
def test_a_site_in_one_language_offers_no_translations(content: tuple[str, ...], several: bool) -> None:
    settings = language_settings(content, INTERFACE_LANGUAGES)
    assert settings["WAGTAIL_I18N_ENABLED"] is several
    assert set(content) <= {tag for tag, _name in settings["LANGUAGES"]}
