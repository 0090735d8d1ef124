"""The collections of an actor: read through without seeing anything twice, and never more than the public may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from federation.contract import Audience
from federation.models import Follower, Following, LocalActor, PublishedObject
from tests.factories.fake_source import FakeSource, installed
from tests.factories.inbound import remote_actor
from tests.factories.publications import TOLD
from tests.factories.signed_requests import rsa_key
from tests.factories.told import correct, make_actor, path_of, tell, withdraw

pytestmark = pytest.mark.django_db
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture(autouse=True)
def site(settings, monkeypatch: pytest.MonkeyPatch) -> type[FakeSource]:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    return installed(settings)


@pytest.fixture
def actor() -> LocalActor:
    return make_actor()


def tell_many(actor: LocalActor, count: int) -> list[PublishedObject]:
    """Newest first; two of them always in the same second."""
    return [tell(actor, f"page:{n}", TOLD + timedelta(seconds=n // 2)) for n in range(count)][::-1]


def fetch(uri: str) -> dict[str, Any]:
    response = Client().get(path_of(uri))
    assert response.status_code == 200
    return response.json()


def read_through(actor: LocalActor, between: Any = lambda: None) -> list[str]:
    """The ids of all objects in the outbox, page by page; ``between`` runs before each further page."""
    page = fetch(fetch(f"{actor.uri}/outbox")["first"])
    found = [item["object"]["id"] for item in page["orderedItems"]]
    while "next" in page:
        between()
        page = fetch(page["next"])
        found += [item["object"]["id"] for item in page["orderedItems"]]
    return found


def test_what_is_quiet_is_readable_and_listed_like_anything_else(actor: LocalActor) -> None:
    told = tell(actor, audience=Audience.QUIET)
    assert fetch(told.uri)["to"] == [f"{actor.uri}/followers"]
    assert read_through(actor) == [told.uri]
    assert fetch(f"{actor.uri}/featured")["orderedItems"] == [told.uri]


def test_an_empty_outbox_has_a_first_page_without_items(actor: LocalActor) -> None:
    outbox = fetch(f"{actor.uri}/outbox")
    assert (outbox["type"], outbox["totalItems"]) == ("OrderedCollection", 0)
    page = fetch(outbox["first"])
    assert (page["orderedItems"], page["partOf"]) == ([], f"{actor.uri}/outbox")
    assert "next" not in page


def test_reading_through_finds_everything_once(actor: LocalActor) -> None:
    told = tell_many(actor, 45)
    found = read_through(actor)
    assert len(found) == 45
    assert set(found) == {row.uri for row in told}


def test_the_newest_come_first(actor: LocalActor) -> None:
    tell_many(actor, 5)
    page = fetch(f"{actor.uri}/outbox?page=first")
    dates = [item["published"] for item in page["orderedItems"]]
    assert dates == sorted(dates, reverse=True)


def test_what_is_published_meanwhile_moves_nothing(actor: LocalActor) -> None:
    told = tell_many(actor, 45)
    numbers = iter(range(100, 200))

    def publish() -> None:
        tell(actor, f"page:{next(numbers)}", TOLD + timedelta(hours=1))

    found = read_through(actor, publish)
    assert len(found) == 45
    assert set(found) == {row.uri for row in told}


def test_what_is_withdrawn_meanwhile_takes_nothing_else_along(actor: LocalActor) -> None:
    told = tell_many(actor, 45)
    last_of_first_page = fetch(f"{actor.uri}/outbox?page=first")["orderedItems"][-1]["object"]["id"]
    row = PublishedObject.objects.get(uri=last_of_first_page)
    found = read_through(actor, lambda: withdraw(row, TOLD + timedelta(hours=1)) if not row.withdrawn_at else None)
    assert set(found) == {row.uri for row in told}


def test_reading_back_from_the_last_page_finds_everything_once(actor: LocalActor) -> None:
    told = tell_many(actor, 45)
    page = fetch(fetch(f"{actor.uri}/outbox")["first"])
    assert "prev" not in page
    while "next" in page:
        page = fetch(page["next"])
    found = [item["object"]["id"] for item in page["orderedItems"]]
    while "prev" in page:
        page = fetch(page["prev"])
        found = [item["object"]["id"] for item in page["orderedItems"]] + found
    assert found == read_through(actor)
    assert set(found) == {row.uri for row in told}


def test_a_page_has_the_id_that_it_was_asked_by(actor: LocalActor) -> None:
    tell_many(actor, 21)
    following = fetch(f"{actor.uri}/outbox?page=first")["next"]
    assert fetch(following)["id"] == following


def test_items_are_announcements_with_the_text_as_it_is_now(actor: LocalActor) -> None:
    told = tell(actor)
    create = told.activities.get()
    correct(told, TOLD + timedelta(hours=1), content="<p>Right</p>")
    item = fetch(f"{actor.uri}/outbox?page=first")["orderedItems"][0]
    assert (item["type"], item["id"], item["actor"]) == ("Create", create.uri, actor.uri)
    assert "<p>Right</p>" in item["object"]["content"]


def test_hidden_and_withdrawn_publications_are_neither_shown_nor_counted(actor: LocalActor, site) -> None:
    shown, hidden, withdrawn = (tell(actor, f"page:{n}") for n in range(3))
    site.hidden.add(hidden.key)
    withdraw(withdrawn, TOLD + timedelta(hours=1))
    assert fetch(f"{actor.uri}/outbox")["totalItems"] == 1
    assert read_through(actor) == [shown.uri]


def test_another_actors_publications_are_not_in_it(actor: LocalActor) -> None:
    tell(make_actor(key="organisation:other", handle="other"))
    assert fetch(f"{actor.uri}/outbox")["totalItems"] == 0


@pytest.mark.parametrize("place", ["", "2", "last", "WyJ4Il0~x", "%00", "~", "first~first"])
def test_an_invented_place_is_missing(actor: LocalActor, place: str) -> None:
    assert Client().get(f"{path_of(actor.uri)}/outbox?page={place}").status_code == 404


def test_a_place_in_another_outbox_is_missing(actor: LocalActor) -> None:
    other = make_actor(key="organisation:other", handle="other")
    tell_many(other, 21)
    place = fetch(f"{other.uri}/outbox?page=first")["next"].rpartition("=")[2]
    assert Client().get(f"{path_of(actor.uri)}/outbox?page={place}").status_code == 404


def test_who_follows_is_a_number_only(actor: LocalActor) -> None:
    Follower.objects.create(actor=actor, remote=remote_actor())
    followers = fetch(f"{actor.uri}/followers")
    assert (followers["type"], followers["totalItems"]) == ("OrderedCollection", 1)
    assert not {"first", "orderedItems", "items"} & followers.keys()


def test_only_accepted_follows_are_counted(actor: LocalActor) -> None:
    for number, state in enumerate(Following.State.values):
        remote = remote_actor(f"https://peer.example/users/{number}")
        Following.objects.create(actor=actor, remote=remote, state=state, follow_uri=f"https://hub.example/{number}")
    following = fetch(f"{actor.uri}/following")
    assert following["totalItems"] == 1
    assert "first" not in following


def test_the_five_newest_are_pinned_as_addresses(actor: LocalActor, site) -> None:
    told = [tell(actor, f"page:{n}", TOLD + timedelta(seconds=n)) for n in range(8)][::-1]
    site.hidden.add(told[0].key)
    assert fetch(f"{actor.uri}/featured")["orderedItems"] == [row.uri for row in told[1:6]]


def test_what_is_chosen_is_pinned_in_its_order_but_only_ones_own_and_what_is_out(actor: LocalActor, site) -> None:
    """Whatever the site says was chosen. Fails if it is believed."""
    first, second, withdrawn = (tell(actor, f"page:{n}") for n in range(3))
    withdraw(withdrawn, TOLD + timedelta(hours=1))
    theirs = tell(make_actor(key="organisation:other", handle="other"), "page:9")
    site.pins[actor.key] = (theirs.key, withdrawn.key, second.key, "page:77", first.key)
    assert fetch(f"{actor.uri}/featured")["orderedItems"] == [second.uri, first.uri]


def test_no_topics_are_featured(actor: LocalActor) -> None:
    tags = fetch(f"{actor.uri}/tags")
    assert (tags["type"], tags["totalItems"], tags["items"]) == ("Collection", 0, [])


@pytest.mark.parametrize("part", ["outbox", "outbox?page=first", "followers", "following", "featured", "tags"])
def test_a_browser_is_sent_from_a_collection_to_the_profile(actor: LocalActor, part: str) -> None:
    response = Client().get(f"{path_of(actor.uri)}/{part}", headers={"Accept": BROWSER})
    assert (response.status_code, response["Location"]) == (303, actor.url)


@pytest.mark.parametrize("part", ["outbox", "outbox?page=first", "followers", "following", "featured", "tags"])
def test_a_collection_that_did_not_change_is_304(actor: LocalActor, part: str) -> None:
    tell(actor)
    etag = Client().get(f"{path_of(actor.uri)}/{part}")["ETag"]
    assert Client().get(f"{path_of(actor.uri)}/{part}", headers={"If-None-Match": etag}).status_code == 304
