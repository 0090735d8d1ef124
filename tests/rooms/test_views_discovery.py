"""What servers ask before they know us: WebFinger in every spelling, host-meta, NodeInfo."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client

from federation.actors.local import delete_actor, ensure_publisher, get_instance_actor
from federation.models import LocalActor
from federation.net.host_meta import find_template
from federation.views import discovery
from tests.factories.fake_source import FakeSource, installed
from tests.factories.publications import CHANGED, HUB, make_publisher
from tests.factories.signed_requests import rsa_key
from tests.factories.told import make_actor, tell, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings, monkeypatch: pytest.MonkeyPatch) -> type[FakeSource]:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    return installed(settings)


@pytest.fixture
def actor() -> LocalActor:
    return make_actor()


def ask(resource: str) -> Any:
    return Client().get(f"/.well-known/webfinger?resource={quote(resource, safe='')}")


def self_link(response: Any) -> str:
    (link,) = (link for link in response.json()["links"] if link["rel"] == "self")
    assert link["type"] == "application/activity+json"
    return link["href"]


def test_an_account_leads_to_its_actor(actor: LocalActor) -> None:
    response = ask("acct:partner@hub.example")
    assert (response.status_code, response["Content-Type"]) == (200, "application/jrd+json")
    assert self_link(response) == actor.uri
    assert response.json()["subject"] == "acct:partner@hub.example"
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "resource",
    [
        "acct:PARTNER@hub.example",
        "acct:partner@HUB.example",
        "ACCT:partner@hub.example",
        "acct:@partner@hub.example",
        "acct:partner%40hub.example",
        "acct%3Apartner%40hub.example",
        "partner@hub.example",
        "@partner@hub.example",
        " acct:partner@hub.example ",
        f"{HUB}/partner/",
        "HTTPS://HUB.EXAMPLE/partner/",
    ],
)
def test_every_spelling_has_the_same_answer(actor: LocalActor, resource: str) -> None:
    response = ask(resource)
    assert response.status_code == 200
    assert (self_link(response), response.json()["subject"]) == (actor.uri, "acct:partner@hub.example")


def test_the_actors_id_is_a_resource(actor: LocalActor) -> None:
    assert self_link(ask(actor.uri)) == actor.uri


def test_a_key_id_leads_to_its_actor(actor: LocalActor) -> None:
    assert self_link(ask(f"{actor.uri}#main-key")) == actor.uri


def test_the_subject_loops_back(actor: LocalActor) -> None:
    assert self_link(ask(ask(actor.uri).json()["subject"])) == actor.uri


def test_the_answer_names_page_and_picture(actor: LocalActor) -> None:
    links = {link["rel"]: link for link in ask(actor.uri).json()["links"]}
    assert links["http://webfinger.net/rel/profile-page"]["href"] == actor.url
    assert links["http://webfinger.net/rel/avatar"]["type"] == "image/png"


def test_an_old_handle_leads_to_the_new_one(actor: LocalActor) -> None:
    ensure_publisher(make_publisher(handle="renamed"), CHANGED)
    response = ask("acct:partner@hub.example")
    assert (self_link(response), response.json()["subject"]) == (actor.uri, "acct:renamed@hub.example")


def test_a_hidden_publisher_can_still_be_found(actor: LocalActor, site) -> None:
    site.hidden.add(actor.key)
    assert self_link(ask("acct:partner@hub.example")) == actor.uri


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@hub.example",
        "acct:partner@elsewhere.example",
        "acct:partner@hub.example:8000",
        "acct:partner@hub.example.evil.example",
        "acct:partner",
        "acct:@hub.example",
        "acct:",
        "@",
        "partner",
        "https://elsewhere.example/partner/",
        "http://hub.example/partner/",
        f"{HUB}/nothing/",
        f"{HUB}/%00",
        f"{HUB}/%FF",
        "https://[",
        "acct:a\x00b@hub.example",
        "acct:\U0001f600@hub.example",
        "acct:" + "a" * 5000 + "@hub.example",
        "mailto:partner@hub.example",
    ],
)
def test_what_is_not_here_is_missing(actor: LocalActor, resource: str) -> None:
    response = ask(resource)
    assert response.status_code == 404
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("query", ["", "?", "?resource=", "?rel=self"])
def test_without_a_resource_the_request_is_wrong(client: Client, query: str) -> None:
    assert client.get(f"/.well-known/webfinger{query}").status_code == 400


def test_no_cache_keeps_an_answer_with_a_picture_in_it(actor: LocalActor) -> None:
    """WF-04 would allow three days; the picture may become private today."""
    assert ask(actor.uri)["Cache-Control"] == "no-cache"


def test_a_deleted_actor_is_gone(actor: LocalActor) -> None:
    delete_actor(actor, CHANGED)
    assert [ask(resource).status_code for resource in ("acct:partner@hub.example", actor.uri)] == [410, 410]


@pytest.mark.parametrize("resource", ["acct:hub.example@hub.example", HUB, f"{HUB}/"])
def test_the_host_itself_is_the_instance_actor(resource: str) -> None:
    response = ask(resource)
    assert self_link(response) == get_instance_actor().uri
    assert response.json()["subject"] == "acct:hub.example@hub.example"
    services = [link for link in response.json()["links"] if link["rel"].endswith("activitystreams#Service")]
    assert services[0]["href"] == get_instance_actor().uri


def test_a_publications_page_is_nobodys_account(actor: LocalActor) -> None:
    assert ask(tell(actor).url).status_code == 404


def test_host_meta_says_where_webfinger_is(client: Client) -> None:
    response = client.get("/.well-known/host-meta")
    assert response["Content-Type"] == "application/xrd+xml; charset=utf-8"
    assert find_template(response.content) == f"{HUB}/.well-known/webfinger?resource={{uri}}"


def test_the_nodeinfo_index_names_both_versions_and_who_fetches(client: Client) -> None:
    links = client.get("/.well-known/nodeinfo").json()["links"]
    assert [link["href"] for link in links[:2]] == [f"{HUB}/nodeinfo/2.0", f"{HUB}/nodeinfo/2.1"]
    assert links[2]["href"] == get_instance_actor().uri


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_nodeinfo_counts_what_is_there(client: Client, actor: LocalActor, site, version: str) -> None:
    get_instance_actor()
    delete_actor(make_actor(key="organisation:gone", handle="gone"), CHANGED)
    tell(actor, "page:1")
    site.hidden.add(tell(actor, "page:2").key)
    withdraw(tell(actor, "page:3"), CHANGED)
    response = client.get(f"/nodeinfo/{version}")
    assert response.json()["usage"] == {"users": {"total": 1}, "localPosts": 1}
    profile = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    assert response["Content-Type"] == f'application/json; profile="{profile}"'
    assert response["Cache-Control"] == "no-cache"


def test_nodeinfo_has_the_name_of_the_site(client: Client, site) -> None:
    site.publishers["site"] = make_publisher(key="site", handle="hub", name="The Hub", summary="<p>News &amp; more</p>")
    metadata = client.get("/nodeinfo/2.1").json()["metadata"]
    assert (metadata["nodeName"], metadata["nodeDescription"]) == ("The Hub", "News & more")


@pytest.mark.parametrize("version", ["1.0", "2.2", "%00", "x"])
def test_other_versions_of_nodeinfo_are_missing(client: Client, version: str) -> None:
    assert client.get(f"/nodeinfo/{version}").status_code == 404


@pytest.mark.parametrize("path", ["webfinger?resource=acct:partner@hub.example", "host-meta", "nodeinfo"])
def test_discovery_is_for_reading(client: Client, actor: LocalActor, path: str) -> None:
    assert client.head(f"/.well-known/{path}").status_code == 200
    assert client.options(f"/.well-known/{path}").status_code == 204
    assert client.post(f"/.well-known/{path}").status_code == 405


def test_no_trouble_of_ours_is_kept_by_a_cache_as_an_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(discovery, "find_by_handle", fail)
    response = ask("acct:partner@hub.example")
    assert (response.status_code, response["Cache-Control"]) == (503, "private, no-cache")
