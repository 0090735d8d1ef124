"""Actors, objects and activities as they are fetched: who gets what, what is hidden, and what is gone for good."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from federation.actors.local import delete_actor
from federation.models import LedgerEntry, LocalActor, PublishedObject
from federation.views import objects
from federation.vocab.build import build_accept, build_update_actor
from federation.vocab.kinds import Kind
from tests.factories.fake_source import FakeSource, installed
from tests.factories.publications import CHANGED, HUB, TOLD
from tests.factories.signed_requests import rsa_key
from tests.factories.told import correct, make_actor, path_of, say, tell, withdraw

NOBODY = "00000000-0000-4000-8000-000000000000"
pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(autouse=True)
def site(settings, monkeypatch: pytest.MonkeyPatch) -> type[FakeSource]:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    return installed(settings)


@pytest.fixture
def actor() -> LocalActor:
    return make_actor()


@pytest.fixture
def told(actor: LocalActor) -> PublishedObject:
    return tell(actor)


def test_an_object_is_served_as_the_stored_bytes(client: Client, told: PublishedObject) -> None:
    response = client.get(path_of(told.uri), headers={"Accept": AS2})
    assert (response.status_code, response.content) == (200, bytes(told.document))
    assert response["Content-Type"] == "application/activity+json; charset=utf-8"


def test_an_object_costs_one_query(client: Client, told: PublishedObject, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        client.get(path_of(told.uri), headers={"Accept": AS2})


def test_an_actor_costs_one_query(client: Client, actor: LocalActor, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        client.get(path_of(actor.uri), headers={"Accept": AS2})


def test_documents_are_private_to_caches_and_open_to_scripts(client: Client, told: PublishedObject) -> None:
    response = client.get(path_of(told.uri))
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Vary"] == "Accept"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies


def test_ld_json_is_answered_with_the_profile(client: Client, told: PublishedObject) -> None:
    response = client.get(path_of(told.uri), headers={"Accept": "application/ld+json"})
    assert response["Content-Type"] == 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.mark.parametrize("what", ["told", "actor"])
def test_who_has_the_bytes_already_gets_304(client: Client, what: str, request: pytest.FixtureRequest) -> None:
    path = path_of(request.getfixturevalue(what).uri)
    etag = client.get(path)["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["Access-Control-Allow-Origin"]) == (304, b"", "*")


def test_the_two_types_have_two_etags(client: Client, told: PublishedObject) -> None:
    etags = {client.get(path_of(told.uri), headers={"Accept": a})["ETag"] for a in (AS2, "application/ld+json")}
    assert len(etags) == 2


def test_a_browser_is_sent_from_the_object_to_the_page(client: Client, told: PublishedObject) -> None:
    response = client.get(path_of(told.uri), headers={"Accept": BROWSER})
    assert (response.status_code, response["Location"]) == (303, told.url)
    assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Accept")


def test_a_browser_is_sent_from_the_actor_to_the_profile(client: Client, actor: LocalActor) -> None:
    response = client.get(path_of(actor.uri), headers={"Accept": BROWSER})
    assert (response.status_code, response["Location"]) == (303, actor.url)


@pytest.mark.parametrize("what", ["told", "actor"])
def test_who_takes_neither_form_gets_406(client: Client, what: str, request: pytest.FixtureRequest) -> None:
    response = client.get(path_of(request.getfixturevalue(what).uri), headers={"Accept": "image/png"})
    assert (response.status_code, response["Content-Type"]) == (406, "application/problem+json")


def test_hiding_a_page_hides_its_object_at_once(client: Client, told: PublishedObject, site) -> None:
    site.hidden.add(told.key)
    assert client.get(path_of(told.uri)).status_code == 404


@pytest.mark.parametrize("accept", [AS2, BROWSER])
def test_a_hidden_object_does_not_tell_its_page(client: Client, told: PublishedObject, site, accept: str) -> None:
    site.hidden.add(told.key)
    response = client.get(path_of(told.uri), headers={"Accept": accept})
    assert response.status_code == 404
    assert "page-7" not in response.content.decode()
    assert response["Vary"].split(", ")[0] == "Accept"


def test_a_withdrawn_object_is_gone_with_a_tombstone(client: Client, told: PublishedObject) -> None:
    withdraw(told, CHANGED)
    response = client.get(path_of(told.uri), headers={"Accept": AS2})
    assert response.status_code == 410
    assert response["Content-Type"].startswith("application/activity+json")
    assert response.json()["type"] == "Tombstone"
    assert response.json()["id"] == told.uri


def test_a_withdrawn_object_is_gone_although_its_page_is_there(client: Client, told: PublishedObject) -> None:
    withdraw(told, CHANGED)
    assert told.key in set(FakeSource().public_keys())
    response = client.get(path_of(told.uri), headers={"Accept": BROWSER})
    assert (response.status_code, response["Content-Type"]) == (410, "text/html; charset=utf-8")


def test_an_object_that_the_ledger_does_not_stand_by_is_missing(client: Client, told: PublishedObject) -> None:
    LedgerEntry.objects.update(current=None)
    assert client.get(path_of(told.uri)).status_code == 404


def test_a_hidden_publisher_keeps_its_actor(client: Client, actor: LocalActor, site) -> None:
    site.hidden.add(actor.key)
    assert client.get(path_of(actor.uri)).json()["id"] == actor.uri


def test_a_deleted_actor_is_gone_with_a_tombstone(client: Client, actor: LocalActor) -> None:
    delete_actor(actor, CHANGED)
    response = client.get(path_of(actor.uri))
    assert (response.status_code, response.json()["type"], response.json()["id"]) == (410, "Tombstone", actor.uri)


@pytest.mark.parametrize("part", ["outbox", "followers", "following", "featured", "tags"])
def test_collections_of_a_deleted_actor_are_gone(client: Client, actor: LocalActor, part: str) -> None:
    delete_actor(actor, CHANGED)
    assert client.get(f"{path_of(actor.uri)}/{part}").status_code == 410


def test_the_announcement_of_a_visible_object_can_be_read(client: Client, told: PublishedObject) -> None:
    create = told.activities.get()
    response = client.get(path_of(create.uri), headers={"Accept": AS2})
    assert (response.status_code, response.content) == (200, bytes(create.body))


def test_the_announcement_of_a_hidden_object_cannot(client: Client, told: PublishedObject, site) -> None:
    site.hidden.add(told.key)
    assert client.get(path_of(told.activities.get().uri)).status_code == 404


def test_text_that_was_corrected_is_not_in_the_announcement_any_more(client: Client, told: PublishedObject) -> None:
    create = told.activities.get()
    correct(told, CHANGED, content="<p>Three women</p>")
    document = client.get(path_of(create.uri)).json()
    assert (document["id"], document["type"]) == (create.uri, "Create")
    assert "Three women" in document["object"]["content"]
    assert "proof" not in document


def test_only_the_last_update_can_be_read(client: Client, told: PublishedObject) -> None:
    first = correct(told, CHANGED, content="<p>Wrong</p>")
    last = correct(told, CHANGED + timedelta(hours=1), content="<p>Right</p>")
    assert client.get(path_of(first.uri)).status_code == 404
    assert client.get(path_of(last.uri)).content == bytes(last.body)


def test_a_withdrawal_can_be_read_but_not_what_it_withdrew(client: Client, told: PublishedObject) -> None:
    create = told.activities.get()
    delete = withdraw(told, CHANGED)
    assert client.get(path_of(delete.uri)).json()["object"]["type"] == "Tombstone"
    assert client.get(path_of(create.uri)).status_code == 404


def test_an_answer_to_one_person_is_nobody_elses_business(client: Client, actor: LocalActor) -> None:
    follow = {"id": "https://peer.example/follows/1", "actor": "https://peer.example/users/ada", "object": actor.uri}
    accept = build_accept(f"{HUB}/ap/activities/{uuid4()}", actor.uri, follow, follow["actor"])
    said = say(actor, Kind.ACCEPT, None, TOLD, accept, public=False)
    assert client.get(path_of(said.uri)).status_code == 404


def test_a_changed_profile_can_be_read_until_the_actor_is_deleted(client: Client, actor: LocalActor) -> None:
    uri = f"{HUB}/ap/activities/{uuid4()}"
    update = build_update_actor(uri, actor.uri, json.loads(bytes(actor.document)), f"{actor.uri}/followers")
    say(actor, Kind.UPDATE, None, TOLD, update)
    assert client.get(path_of(uri)).json()["object"]["id"] == actor.uri
    delete_actor(actor, CHANGED)
    assert client.get(path_of(uri)).status_code == 404


def test_only_the_last_change_of_a_profile_can_be_read(client: Client, actor: LocalActor) -> None:
    uris = [f"{HUB}/ap/activities/{uuid4()}" for _ in range(2)]
    for number, uri in enumerate(uris):
        document = json.loads(bytes(actor.document)) | {"summary": f"Version {number}"}
        update = build_update_actor(uri, actor.uri, document, f"{actor.uri}/followers")
        say(actor, Kind.UPDATE, None, TOLD + timedelta(minutes=number), update)
    assert client.get(path_of(uris[0])).status_code == 404
    assert client.get(path_of(uris[1])).json()["object"] == {
        name: value for name, value in json.loads(bytes(actor.document)).items() if name != "@context"
    }, "as it is now"


def test_a_browser_is_sent_from_an_announcement_to_the_page(client: Client, told: PublishedObject) -> None:
    response = client.get(path_of(told.activities.get().uri), headers={"Accept": BROWSER})
    assert (response.status_code, response["Location"]) == (303, told.url)


@pytest.mark.parametrize(
    "path",
    [
        f"/ap/objects/{NOBODY}",
        f"/ap/actors/{NOBODY}",
        f"/ap/activities/{NOBODY}",
        f"/ap/actors/{NOBODY}/outbox",
        "/ap/objects/1",
        "/ap/objects/%00",
        "/ap/objects/%FF%FE",
        "/ap/",
        f"/ap/objects/{NOBODY}/",
        "/api/v1/instance",
        "/api/v2/instance",
    ],
)
def test_unknown_addresses_are_plainly_missing(client: Client, path: str) -> None:
    response = client.get(path, headers={"Accept": AS2})
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_a_browser_gets_the_sites_own_404_page(client: Client) -> None:
    response = client.get("/ap/objects/1", headers={"Accept": BROWSER})
    assert (response.status_code, response["Vary"].split(", ")[0]) == (404, "Accept")
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("query", ["?", "?a=1", "?a=%00", "?%FF", "?a[]=&&="])
def test_a_query_string_changes_nothing(client: Client, told: PublishedObject, query: str) -> None:
    assert client.get(path_of(told.uri) + query).content == bytes(told.document)


def test_head_says_what_get_says(client: Client, told: PublishedObject) -> None:
    head, get = client.head(path_of(told.uri)), client.get(path_of(told.uri))
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == get["ETag"]


def test_options_invites_scripts_of_other_sites(client: Client, told: PublishedObject) -> None:
    response = client.options(path_of(told.uri))
    assert response.status_code == 204
    assert (response["Allow"], response["Access-Control-Allow-Origin"]) == ("GET, HEAD, OPTIONS", "*")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written_to_a_document(told: PublishedObject, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(path_of(told.uri))
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_without_a_database_peers_are_asked_to_come_again(client: Client, told: PublishedObject, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(objects, "is_out", fail)
    response = client.get(path_of(told.uri))
    assert (response.status_code, response["Retry-After"]) == (503, "30")
