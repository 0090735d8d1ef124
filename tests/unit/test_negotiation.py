"""Which form somebody gets, by the exact ``Accept`` headers that servers and browsers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.views.negotiation import Choice, choose, wants_document_only
from tests.factories.accepts import ANYTHING, BROWSERS, PROFILE, SERVERS

NEITHER = ["image/png", "application/json", "application/activity+json;q=0", ",", '"', "nonsense", "text/plain;q=0.5"]


@pytest.mark.parametrize("accept", SERVERS.values(), ids=SERVERS)
def test_servers_get_the_document(accept: str) -> None:
    assert choose(accept).choice is Choice.DOCUMENT


@pytest.mark.parametrize("accept", ANYTHING.values(), ids=ANYTHING)
def test_who_takes_anything_gets_the_document(accept: str | None) -> None:
    assert choose(accept) == (Choice.DOCUMENT, "application/activity+json; charset=utf-8")


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
def test_browsers_get_the_page(accept: str) -> None:
    assert choose(accept).choice is Choice.PAGE


@pytest.mark.parametrize("accept", NEITHER)
def test_what_takes_neither_form_gets_none(accept: str) -> None:
    assert choose(accept).choice is Choice.NEITHER


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (SERVERS["Mastodon, signed fetch"], "application/activity+json; charset=utf-8"),
        (SERVERS["Mastodon, search"], "application/activity+json; charset=utf-8"),
        (PROFILE, PROFILE),
        ("application/ld+json", PROFILE),
        (f"{PROFILE}, application/activity+json;q=0.5", PROFILE),
    ],
)
def test_the_type_is_the_one_asked_for(accept: str, media_type: str) -> None:
    assert choose(accept).media_type == media_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html;q=0, application/activity+json;q=0.1", Choice.DOCUMENT),
        ("text/html;q=0.5, application/activity+json;q=0.4", Choice.PAGE),
        ("text/html;q=nonsense, application/activity+json;q=0.4", Choice.PAGE),
        ("text/html;q=0, */*", Choice.DOCUMENT),
        ("*/*;q=0", Choice.NEITHER),
    ],
)
def test_weights_decide(accept: str, expected: Choice) -> None:
    assert choose(accept).choice is expected


@pytest.mark.parametrize("accept", [SERVERS["Mastodon, signed fetch"], SERVERS["GoToSocial"], "application/ld+json"])
def test_servers_that_take_no_page_are_told_from_others(accept: str) -> None:
    assert wants_document_only(accept)


@pytest.mark.parametrize(
    "accept",
    [
        *BROWSERS.values(),
        *ANYTHING.values(),
        SERVERS["Mastodon, search"],
        "application/activity+json, */*;q=0.1",
        "application/activity+json, text/*",
        "application/activity+json;q=0",
    ],
)
def test_nobody_who_takes_a_page_is_sent_away_from_it(accept: str | None) -> None:
    assert not wants_document_only(accept)


@given(st.text(alphabet=st.sampled_from('ahtml/*+;,="q.019 -'), max_size=60))
def test_any_header_can_be_read(accept: str) -> None:
    assert choose(accept).choice in Choice
