"""Pages for people point servers to their documents, and nobody else anywhere. With the real site's pages."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from federation.actors.local import delete_actor, ensure_publisher, ensure_site_actor
from federation.conf import source
from federation.models import LedgerEntry, LocalActor, PublishedObject
from federation.views.page_links import PageLinks, add_link_header, find_links, head_links, remember_page
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private
from tests.factories.publications import HUB, OBJECT, TOLD
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
AS2_ONLY = "application/activity+json, application/ld+json"
MASTODON_SEARCH = f'{AS2_ONLY}; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def news() -> Any:
    return make_news(make_organisation(title="Partner"), title="Launch", share=True)


@pytest.fixture
def actor(news: Any) -> LocalActor:
    publisher = source().publisher(news.organisation.publisher_key)
    assert publisher is not None
    return ensure_publisher(publisher, timezone.now())[0]


@pytest.fixture
def told(news: Any, actor: LocalActor) -> PublishedObject:
    row = PublishedObject.objects.create(
        id=UUID(OBJECT.rpartition("/")[2]),
        uri=OBJECT,
        key=f"page:{news.pk}",
        actor=actor,
        kind="Article",
        url=f"{HUB}{news.url}",
        document=b"{}",
        builder=1,
        published=TOLD,
    )
    LedgerEntry.objects.create(key=row.key, state=LedgerEntry.State.LIVE, current=row)
    return row


def link_of(response: Any) -> str | None:
    found = re.fullmatch(
        r'<(\S+)>; rel="alternate"; type="application/activity\+json"', response.headers.get("Link", "")
    )
    return found.group(1) if found else None


def test_a_shared_page_links_to_its_document(client: Client, news: Any, told: PublishedObject) -> None:
    response = client.get(news.url, headers={"Accept": BROWSER})
    assert (response.status_code, link_of(response)) == (200, told.uri)
    html = response.content.decode()
    assert html.count(f'<link rel="alternate" type="application/activity+json" href="{told.uri}">') == 1
    assert f'<meta name="fediverse:creator" content="@{told.actor.handle}@hub.example">' in html


def test_a_shared_page_names_its_publisher_as_the_author(client: Client, news: Any, told: PublishedObject) -> None:
    """WF-11: exactly one link for each relation and type. Fails if the template or the query leaves the author out."""
    html = client.get(news.url).content.decode()
    pairs = re.findall(r'<link rel="(\w+)" type="application/activity\+json" href="(\S+)">', html)
    assert pairs == [("alternate", told.uri), ("author", told.actor.uri)]


def test_a_publishers_page_has_no_author_but_itself(client: Client, news: Any, actor: LocalActor) -> None:
    """Fails if the head of a profile names an author."""
    assert 'rel="author"' not in client.get(news.organisation.url).content.decode()


def test_a_page_that_nobody_was_told_of_links_nowhere(client: Client, news: Any) -> None:
    response = client.get(news.url)
    assert "Link" not in response
    assert "application/activity+json" not in response.content.decode()


def test_a_publishers_page_links_to_its_actor(client: Client, news: Any, actor: LocalActor) -> None:
    assert link_of(client.get(news.organisation.url)) == actor.uri


def test_the_front_page_links_to_the_site_and_not_to_the_instance(client: Client) -> None:
    site = ensure_site_actor(timezone.now())
    assert site is not None
    assert link_of(client.get(home_page().url)) == site.uri


def test_a_server_that_takes_no_page_is_sent_to_the_document(client: Client, news: Any, told: PublishedObject) -> None:
    response = client.get(news.url, headers={"Accept": AS2_ONLY})
    assert (response.status_code, response["Location"]) == (303, told.uri)
    assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Accept")


def test_a_server_that_takes_no_page_is_sent_to_the_actor(client: Client, news: Any, actor: LocalActor) -> None:
    response = client.get(news.organisation.url, headers={"Accept": AS2_ONLY})
    assert (response.status_code, response["Location"]) == (303, actor.uri)


@pytest.mark.parametrize("accept", [MASTODON_SEARCH, BROWSER, "*/*", "", "application/activity+json, */*;q=0.1"])
def test_whoever_takes_a_page_gets_it(client: Client, news: Any, told: PublishedObject, accept: str) -> None:
    response = client.get(news.url, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_nobody_is_sent_from_a_page_that_was_not_shared(client: Client, news: Any) -> None:
    assert client.get(news.url, headers={"Accept": AS2_ONLY}).status_code == 200


def test_a_private_page_says_nothing_about_its_document(client: Client, news: Any, told: PublishedObject) -> None:
    make_private(news)
    response = client.get(news.url, headers={"Accept": AS2_ONLY})
    assert response.status_code != 303
    assert "Link" not in response


def test_a_post_is_never_redirected(news: Any, told: PublishedObject) -> None:
    response = Client().post(news.url, headers={"Accept": AS2_ONLY})
    assert response.status_code != 303


def test_links_cost_one_query_however_often_they_are_asked_for(
    news: Any, told: PublishedObject, django_assert_num_queries: Any
) -> None:
    request = RequestFactory().get(news.url)
    remember_page(request, told.key)
    with django_assert_num_queries(1):
        values = head_links(request)
        assert values["federation_alternate"]() == told.uri
        assert values["federation_handle"]() == values["federation_creator"]()
        add_link_header(request, HttpResponse())


def test_links_that_no_template_asks_for_cost_nothing(news: Any, told: PublishedObject, django_assert_num_queries: Any):
    request = RequestFactory().get(news.url)
    remember_page(request, told.key)
    with django_assert_num_queries(0):
        head_links(request)


def test_a_request_for_no_page_costs_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert head_links(RequestFactory().get("/"))["federation_alternate"]() == ""


def test_a_publishers_page_credits_nobody_but_can_be_followed(news: Any, actor: LocalActor) -> None:
    links = find_links(f"page:{news.organisation.pk}", actor.url)
    assert links == PageLinks(alternate=actor.uri, handle=f"@{actor.handle}@hub.example", creator="")


def test_a_deleted_actor_is_linked_nowhere(news: Any, told: PublishedObject, actor: LocalActor) -> None:
    told.actor.document = b'{"type": "Organization"}'
    delete_actor(actor, timezone.now())
    assert find_links(told.key, told.url) == PageLinks()
    assert find_links("page:0", actor.url) == PageLinks()


def test_our_link_comes_before_others() -> None:
    request, response = RequestFactory().get("/"), HttpResponse(headers={"Link": "</a.css>; rel=preload"})
    request.federation_page_links = PageLinks("https://hub.example/x", "", "")  # type: ignore[attr-defined]
    add_link_header(request, response)
    assert response["Link"].startswith("<https://hub.example/x>; ")
    assert response["Link"].endswith(", </a.css>; rel=preload")


@pytest.mark.parametrize(
    "response", [HttpResponse(status=404), HttpResponse(content_type="application/xml"), HttpResponse(status=302)]
)
def test_only_pages_get_a_link(response: HttpResponse) -> None:
    request = RequestFactory().get("/")
    request.federation_page_links = PageLinks("https://hub.example/x", "", "")  # type: ignore[attr-defined]
    add_link_header(request, response)
    assert "Link" not in response


def test_the_databases_condition_hides_the_object_of_a_private_parent(news: Any, told: PublishedObject) -> None:
    path = told.uri.removeprefix(HUB)
    assert Client().get(path).status_code == 200
    make_private(news.organisation)
    assert Client().get(path).status_code == 404
