"""Feeds, and what search engines are told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import jsonschema
import pytest
from django.test import Client

from cms.listings import content_pages, latest
from cms.models import NewsPage
from config.env import BASE_DIR
from tests.factories.cms_media import make_image, make_private_collection
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_private,
    make_report,
    make_section,
    publish,
)
from tests.factories.page_shapes import every_type

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def _json(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/feed+json")
    found: dict[str, Any] = answer.json()
    return found


def _titles(client: Client, address: str) -> list[str]:
    feed = ElementTree.fromstring(client.get(address).content)
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.findall(f"{ATOM}entry")]


def test_a_list_mixes_types_newest_first() -> None:
    organisation = make_organisation()
    old = make_news(organisation, published_on=date(2020, 1, 1))
    middle = make_report(make_section(organisation), published_on=date(2021, 1, 1))
    new = make_document_page(organisation, published_on=date(2022, 1, 1))
    assert latest(organisation) == [new, middle, old]


def test_every_row_of_a_list_has_a_date() -> None:
    make_news(), make_report(), make_document_page()
    assert all(page.published_on for page in content_pages())


def test_a_list_leaves_out_what_readers_may_not_see() -> None:
    make_private(make_news())
    NewsPage.objects.filter(pk=make_news().pk).update(expire_at=PAST)
    make_news(live=False)
    organisation = make_organisation(live=False)
    make_news(organisation)
    assert latest() == []


def test_a_list_is_cheap(django_assert_max_num_queries: object) -> None:
    for _ in range(3):
        make_news()
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        latest()


def test_the_feed_of_the_site_holds_all_organisations(client: Client) -> None:
    make_news(title="One", published_on=date(2020, 1, 1)), make_news(title="Two", published_on=date(2021, 1, 1))
    assert _titles(client, "/feed.atom") == ["Two", "One"]


def test_the_feed_of_an_organisation_holds_its_own(client: Client) -> None:
    organisation = make_organisation(handle="mine")
    make_news(organisation, title="Mine"), make_news(title="Theirs")
    assert _titles(client, "/feeds/mine.atom") == ["Mine"]


def test_an_old_handle_still_leads_to_the_feed(client: Client) -> None:
    organisation = make_organisation(handle="before")
    make_news(organisation, title="Mine")
    publish(organisation, handle="after")
    assert _titles(client, "/feeds/before.atom") == ["Mine"]


@pytest.mark.parametrize("address", ["/feeds/nobody.atom", "/feeds/news.atom"])
def test_there_is_no_feed_of_nobody(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_hidden_organisation_has_no_feed(client: Client) -> None:
    make_private(make_organisation(handle="hidden"))
    assert client.get("/feeds/hidden.atom").status_code == 404


def test_addresses_in_a_feed_are_absolute_and_ours(client: Client) -> None:
    page = make_news()
    feed = ElementTree.fromstring(client.get("/feed.atom", HTTP_HOST="localhost").content)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"https://hub.example{page.url}"


@pytest.mark.parametrize("address", ["/feed.json", "/feeds/mine.json"])
def test_the_json_feed_is_one_by_its_standard(client: Client, address: str) -> None:
    """Of pages with everything on them, and of one with nothing but a title."""
    organisation = every_type(handle="mine")["organisation"]
    make_news(organisation, title="Bare", summary="")
    found = _json(client, address)
    schema = json.loads((BASE_DIR / "tests/vectors/json_feed/schema.json").read_text())
    jsonschema.validate(found, schema)
    assert {item["title"] for item in found["items"]} == {"Some news", "A report", "A paper", "Bare"}


def test_both_feeds_have_the_same_items_by_the_same_names(client: Client) -> None:
    """So that a reader who changes from one to the other sees nothing twice."""
    every_type()
    atom = ElementTree.fromstring(client.get("/feed.atom").content)
    names = [entry.findtext(f"{ATOM}id") for entry in atom.findall(f"{ATOM}entry")]
    assert names == [item["id"] for item in _json(client, "/feed.json")["items"]]


@pytest.mark.parametrize("address", ["/feeds/nobody.json", "/feeds/news.json", "/feeds/hidden.json"])
def test_there_is_no_json_feed_of_nobody_or_of_the_hidden(client: Client, address: str) -> None:
    make_private(make_organisation(handle="hidden"))
    assert client.get(address).status_code == 404


def test_a_picture_that_not_everybody_may_see_is_in_no_feed(client: Client) -> None:
    make_news(lead_image=make_image(collection=make_private_collection()))
    assert "image" not in _json(client, "/feed.json")["items"][0]


def test_search_engines_may_read_pages_and_nothing_else(client: Client) -> None:
    page = make_news(make_organisation(handle="mine"))
    robots = RobotFileParser()
    text = client.get("/robots.txt").content.decode()
    robots.parse(text.splitlines())
    allowed = [page.url, "/", "/@mine", "/feed.atom", "/documents/1/", "/media/images/1.png"]
    refused = ["/admin/", "/admin/pages/", f"/-/respond/{page.pk}/reply", "/_util/login/"]
    assert [robots.can_fetch("*", f"https://hub.example{path}") for path in allowed] == [True] * len(allowed)
    assert [robots.can_fetch("*", f"https://hub.example{path}") for path in refused] == [False] * len(refused)
    assert robots.site_maps() == ["https://hub.example/sitemap.xml"]
    assert "Disallow: /@*/follow\n" in text


def test_the_sitemap_lists_exactly_what_readers_may_see(client: Client) -> None:
    page = make_news()
    organisation = page.organisation
    make_private(make_news(organisation))
    NewsPage.objects.filter(pk=make_news(organisation).pk).update(expire_at=PAST)
    tree = ElementTree.fromstring(client.get("/sitemap.xml", HTTP_HOST="localhost").content)
    found = {location.text or "" for location in tree.iter(f"{SITEMAP}loc")}
    assert {address.partition("localhost")[2] for address in found} == {
        home_page().url,
        organisation.url,
        page.url,
    }
