"""Which of the places that a server names for its people is the right one for what a reader wants, and how its address
is filled in. With the answers of servers as they are in the wild."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.contract import Gesture
from federation.vocab.intents import expand, find_intents, intent_values, nodeinfo_address, usual_intent
from tests.factories.reader_server import FEP, SUBSCRIBE, emissary, mastodon_before, mastodon_now, misskey

ACTOR, OBJECT, PAGE = "https://hub.example/ap/actors/1", "https://hub.example/ap/objects/2", "https://hub.example/a/"
HOME = "https://home.example"
FOLLOW = intent_values(ACTOR, "aspen@hub.example", PAGE)
ANSWER = intent_values(OBJECT, "", PAGE)
ENCODED_ACTOR, ENCODED_OBJECT = (
    "https%3A%2F%2Fhub.example%2Fap%2Factors%2F1",
    "https%3A%2F%2Fhub.example%2Fap%2Fobjects%2F2",
)
ENCODED_PAGE = "https%3A%2F%2Fhub.example%2Fa%2F"
BACK = f"&ok={ENCODED_PAGE}&no={ENCODED_PAGE}"


def best(links: list[Any], gesture: Gesture) -> str | None:
    values = FOLLOW if gesture is Gesture.FOLLOW else ANSWER
    return next(find_intents({"links": links}, gesture, values), None)


@pytest.mark.parametrize(
    ("links", "gesture", "expected"),
    [
        (mastodon_now, "follow", f"/authorize_interaction?uri={ENCODED_ACTOR}"),
        (mastodon_now, "reply", f"/authorize_interaction?uri={ENCODED_OBJECT}"),
        (mastodon_now, "boost", f"/authorize_interaction?uri={ENCODED_OBJECT}"),
        (mastodon_now, "like", f"/authorize_interaction?uri={ENCODED_OBJECT}"),
        (mastodon_before, "follow", "/authorize_interaction?uri=aspen%40hub.example"),
        (mastodon_before, "boost", f"/authorize_interaction?uri={ENCODED_OBJECT}"),
        (misskey, "follow", "/authorize-follow?acct=aspen%40hub.example"),
        (misskey, "reply", f"/authorize-follow?acct={ENCODED_OBJECT}"),
        (emissary, "follow", f"/i/Follow?o={ENCODED_ACTOR}{BACK}"),
        (emissary, "like", f"/i/Like?o={ENCODED_OBJECT}{BACK}"),
        (emissary, "boost", f"/i/Announce?o={ENCODED_OBJECT}{BACK}"),
        (emissary, "reply", f"/i/Create?text=&to={ENCODED_OBJECT}&as=Note"),
    ],
)
def test_the_place_made_for_the_gesture_comes_first(links: Any, gesture: str, expected: str) -> None:
    """Fails if the relations are tried in another order, or if a "Create" that cannot answer is taken for a reply."""
    assert best(links(HOME), Gesture(gesture)) == HOME + expected


def test_what_merely_opens_the_thing_comes_before_the_template_of_ostatus() -> None:
    links = [
        {"rel": SUBSCRIBE, "template": "https://a/?u={uri}"},
        {"rel": f"{FEP}Object", "template": "https://b/?o={object}"},
    ]
    assert list(find_intents({"links": links}, Gesture.LIKE, ANSWER)) == [
        f"https://b/?o={ENCODED_OBJECT}",
        f"https://a/?u={ENCODED_OBJECT}",
    ]


def test_the_name_of_an_activity_may_be_written_small() -> None:
    """As WordPress did for a time."""
    assert best([{"rel": f"{FEP}like", "template": "https://a/?o={object}"}], Gesture.LIKE) is not None


def test_of_two_with_one_relation_the_first_is_taken() -> None:
    links = [{"rel": SUBSCRIBE, "template": f"https://{n}/?u={{uri}}"} for n in "ab"]
    assert best(links, Gesture.FOLLOW) == "https://a/?u=aspen%40hub.example"


@pytest.mark.parametrize(
    "links",
    [
        None,
        "x",
        [None, 3, "x", []],
        [{"rel": SUBSCRIBE}],
        [{"rel": SUBSCRIBE, "template": 5}],
        [{"rel": [SUBSCRIBE], "template": "https://a/?u={uri}"}],
        [{"rel": SUBSCRIBE, "template": "https://a/login"}],
        [{"rel": SUBSCRIBE, "template": "https://a/?u={"}],
        [{"rel": SUBSCRIBE, "template": "https://a/?u={uri}&{"}],
        [{"rel": SUBSCRIBE, "template": "https://a/?u={uri}}"}],
        [{"rel": SUBSCRIBE, "template": "https://a/?u={{uri}}"}],
        [{"rel": SUBSCRIBE, "template": "https://a/{/x}?u={uri}"}],
    ],
)
def test_what_is_no_template_is_passed_over(links: Any) -> None:
    assert list(find_intents({"links": links}, Gesture.FOLLOW, FOLLOW)) == []


def test_a_name_that_we_do_not_know_becomes_empty() -> None:
    """FEP-3b86 §3.2. Fails if it stays, or if the whole template is dropped for it."""
    assert expand("https://a/?o={object}&x={something-new}", ANSWER) == f"https://a/?o={ENCODED_OBJECT}&x="


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("https://a/{?object,nothing}", f"https://a/?object={ENCODED_OBJECT}"),
        ("https://a/?x=1{&object}", f"https://a/?x=1&object={ENCODED_OBJECT}"),
        ("https://a/{?nothing}", "https://a/"),
    ],
)
def test_the_forms_of_rfc_6570_that_make_a_query_are_understood(template: str, expected: str) -> None:
    assert expand(template, ANSWER) == expected


PIECES = st.sampled_from(
    ["{a}", "{?a,b}", "{&a}", "{b}", "https://", "/", "a", "?x=", "&", "#", "\r\n", " ", "@", "{", "}"]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=20))
def test_a_value_never_leaves_its_place(template: str, value: str) -> None:
    """Whatever the template: what is filled in holds no mark that ends a part of an address or a header. Fails if
    values are put in unencoded."""
    marks = set("{}/?&#@ \r\n\\")
    value = value.encode("utf-8", "replace").decode()
    filled, plain = (expand(template, {"a": given}) for given in (f"{value}/?&#@\r\n", "x"))
    assert (filled is None) == (plain is None)
    assert [c for c in filled or "" if c in marks] == [c for c in plain or "" if c in marks]


@pytest.mark.parametrize(
    ("software", "expected"),
    [
        ("mastodon", "/authorize_interaction?uri=aspen%40hub.example"),
        ("", "/authorize_interaction?uri=aspen%40hub.example"),
        ("Sharkey", "/authorize-follow?acct=aspen%40hub.example"),
    ],
)
def test_without_a_template_the_usual_address_of_the_software_is_taken(software: str, expected: str) -> None:
    assert usual_intent(software, FOLLOW) == expected


def test_the_newest_nodeinfo_is_read() -> None:
    links = [
        {"rel": f"http://nodeinfo.diaspora.software/ns/schema/{n}", "href": f"https://a/{n}"}
        for n in ("2.0", "2.1", "1.0")
    ]
    assert nodeinfo_address({"links": [{"rel": "x", "href": "y"}, *links]}) == "https://a/2.1"


def test_an_actor_is_named_by_its_id_and_to_older_servers_by_its_handle() -> None:
    assert (FOLLOW["object"], FOLLOW["uri"]) == (ACTOR, "aspen@hub.example")
    assert unquote(best(mastodon_before(HOME), Gesture.REPLY) or "").endswith(OBJECT)
