"""The small parts of the forms that send readers on: the token, and whom a request comes from."""

from __future__ import annotations

import time
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import RequestFactory

from cms.follow.asker import asker
from cms.follow.sentences import PAUSE, refusal_of
from cms.follow.tokens import LASTS, is_good, make_token
from federation.contract import Trouble, Way

ABOUT = ("follow", "organisation:8f4c")


def test_a_token_is_good_for_what_it_was_made_for() -> None:
    assert is_good(make_token(*ABOUT), *ABOUT)


@pytest.mark.parametrize("other", [("like", ABOUT[1]), ("follow", "organisation:8f4d")])
def test_a_token_is_good_for_nothing_else(other: tuple[str, str]) -> None:
    """Fails if gesture or key are not signed."""
    assert not is_good(make_token(*ABOUT), *other)


@pytest.mark.parametrize("token", ["", ":", "x", "1vWYbX:AAAA", "\x00", "ü:ü", "a" * 9999])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert not is_good(token, *ABOUT)


def test_a_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without max_age."""
    token = make_token(*ABOUT)
    later = time.time() + LASTS + 5
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert not is_good(token, *ABOUT)


@pytest.mark.parametrize(
    ("forwarded", "remote", "expected"),
    [
        (None, "198.51.100.7", "198.51.100.7"),
        ("203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5", "::ffff:127.0.0.1", "203.0.113.5"),
        ("1.2.3.4, 203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5, 127.0.0.9", "127.0.0.1", "203.0.113.5"),
        ("anything, 2001:db8::5", "127.0.0.1", "2001:db8::5"),
        ("127.0.0.2", "127.0.0.1", "127.0.0.1"),
        ("", "", ""),
    ],
)
def test_the_asker_is_the_nearest_who_is_no_proxy_of_ours(
    forwarded: Any, remote: str, expected: str, settings: Any
) -> None:
    """Fails if the first of the list is believed, which whoever asks writes."""
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert asker(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)) == expected


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - {Trouble.GONE}))
def test_every_trouble_has_a_sentence_and_a_status(trouble: Trouble) -> None:
    refusal = refusal_of(Way(trouble=trouble, server="home.example"))
    assert refusal.sentence.endswith((".", "?"))
    assert "%(" not in refusal.sentence
    assert 400 <= refusal.status < 600
    assert (refusal.status in PAUSE) == (trouble in (Trouble.TOO_MANY, Trouble.BUSY))
