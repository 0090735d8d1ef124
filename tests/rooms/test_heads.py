"""What stands in the head of each type of page: for link previews, for search engines and archives, for feed readers,
and for Mastodon, whose reader of link cards is played through."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import DjangoDbBlocker
from wagtail.models import Page, Site

from cms.addresses import page_address
from cms.models import AgendaDay, Correction, Credit, Participant, SiteSettings
from tests.factories.cms_media import make_image, make_private_collection
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_private,
    make_report,
    publish,
)
from tests.factories.html_pages import read
from tests.factories.made_once import afresh, made_once
from tests.factories.page_shapes import every_type
from tests.factories.publications import HUB
from tests.factories.schema_org import faults

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made")]
TYPES = {
    "home": "WebSite",
    "organisation": "NGO",
    "section": "CollectionPage",
    "news": "NewsArticle",
    "report": "Report",
    "document": "DigitalDocument",
}
NASTY = '</script><script>alert(1)</script> &quot;"\\ \u2028 &amp;lt;'


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Page]]:
    with made_once(django_db_blocker):
        yield every_type()


@pytest.fixture
def pages(made: dict[str, Page]) -> dict[str, Page]:
    return afresh(made)


def data(page: Page) -> dict[str, Any]:
    """The description in the page, as a browser hands it over."""
    found = read(page).find_all("script", type="application/ld+json")
    assert len(found) == 1
    parsed: dict[str, Any] = json.loads(found[0].string)
    return parsed


def properties(page: Page) -> dict[str, str]:
    tags = read(page).find_all("meta", property=True)
    names = [str(tag["property"]) for tag in tags]
    assert len(names) == len(set(names)), names
    return {str(tag["property"]): str(tag["content"]) for tag in tags}


@pytest.mark.parametrize("name", TYPES)
def test_every_type_describes_itself_in_words_that_schema_org_has(pages: dict[str, Page], name: str) -> None:
    """Fails for a property that its type does not have, or a value of a kind that it does not take."""
    found = data(pages[name])
    assert found["@type"] == TYPES[name]
    assert faults(found) == []


def test_what_is_not_in_the_vocabulary_would_be_found() -> None:
    wrong = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "heading": "x",
        "author": {"@type": "Place", "name": "x"},
        "isAccessibleForFree": "yes",
        "license": "CC BY",
        "datePublished": "yesterday",
        "publisher": {"@type": "Company"},
    }
    assert [fault.partition(":")[0] for fault in faults(wrong)] == [
        "/heading",
        "/author",
        "/isAccessibleForFree",
        "/license",
        "/datePublished",
        "/publisher",
    ]


def test_a_piece_says_who_wrote_it_when_and_for_whom(pages: dict[str, Page]) -> None:
    found = data(pages["news"])
    assert found["headline"] == "Some news"
    assert found["author"] == [
        {
            "@type": "Person",
            "name": "Paula",
            "jobTitle": "Head of Programme",
            "affiliation": {"@type": "Organization", "name": "The Centre"},
        }
    ]
    assert found["publisher"] == {"@type": "NGO", "name": "Ēķe Forum", "url": page_address(pages["organisation"])}
    assert (found["datePublished"], found["inLanguage"]) == ("2026-03-01", "en")
    assert found["image"]["creditText"] == "News maker"
    assert found["url"] == found["mainEntityOfPage"] == page_address(pages["news"])


def test_a_piece_without_a_byline_is_by_its_organisation() -> None:
    page = make_news(make_organisation("Aspen Watch", kind="media"))
    assert data(page)["author"] == data(page)["publisher"]
    assert data(page)["publisher"]["@type"] == "NewsMediaOrganization"


def test_a_report_says_what_it_is_the_report_of(pages: dict[str, Page]) -> None:
    assert data(pages["report"])["about"] == {
        "@type": "Event",
        "name": "A report",
        "startDate": "2022-05-30",
        "endDate": "2022-05-31",
        "location": {"@type": "Place", "name": "Belgrade"},
    }


@pytest.mark.parametrize(
    ("precision", "shown"), [("day", "2022-05-30"), ("month", "2022-05"), ("year", "2022"), ("unknown", None)]
)
def test_d8_a_date_is_never_more_exact_than_anybody_knows(precision: str, shown: str | None) -> None:
    """Fails if the precision is not asked."""
    found = data(make_report(date_precision=precision))
    assert found["about"].get("startDate") == shown
    assert faults(found) == []


def test_a_document_names_its_files_and_a_correction_stands_where_machines_look(pages: dict[str, Page]) -> None:
    (file,) = data(pages["document"])["encoding"]
    assert (file["name"], file["encodingFormat"], len(file["sha256"])) == ("The paper", "application/pdf", 64)
    assert file["license"].startswith("https://creativecommons.org/")
    assert data(pages["report"])["correction"] == [
        {"@type": "CorrectionComment", "text": "It was 40, not 50.", "datePublished": "2026-03-02"}
    ]


def test_an_organisation_says_where_else_it_is(pages: dict[str, Page]) -> None:
    found = data(pages["organisation"])
    assert found["sameAs"] == ["https://forum.example/"]
    assert found["address"] == {"@type": "PostalAddress", "addressCountry": "LV"}


@pytest.mark.parametrize("make", [make_news, make_report, make_document_page])
def test_nothing_in_a_text_ends_the_script_or_the_json(make: Any) -> None:
    """Also for Mastodon, which takes entities of HTML out before it parses. Fails if marks are not written as
    escapes."""
    organisation = make_organisation(NASTY)
    page = make(organisation, title=NASTY, summary=NASTY, credits=[Credit(name=NASTY)])
    publish(page, corrections=[Correction(text=NASTY)])
    text = Client().get(page.url).content.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(script)["headline"] == NASTY
    assert json.loads(html.unescape(script)) == json.loads(script)
    assert faults(json.loads(script)) == []
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("home", "website"),
        ("organisation", "profile"),
        ("section", "website"),
        ("news", "article"),
        ("report", "article"),
        ("document", "article"),
    ],
)
def test_every_type_has_what_a_link_preview_shows(pages: dict[str, Page], name: str, kind: str) -> None:
    found = properties(pages[name])
    assert found["og:type"] == kind
    assert found["og:title"] == pages[name].title
    assert found["og:url"] == page_address(pages[name])
    assert (found["og:locale"], bool(found["og:site_name"])) == ("en", True)


def test_a_piece_has_its_times_its_section_and_its_organisation(pages: dict[str, Page]) -> None:
    found = properties(publish(pages["report"]))
    assert found["article:published_time"] == "2026-03-01T00:00:00+00:00"
    assert found["article:modified_time"] > found["article:published_time"]
    assert found["article:section"] == "Report: Meeting"
    assert found["article:author"] == page_address(pages["organisation"])


def test_the_picture_has_words_for_it_and_its_size(pages: dict[str, Page]) -> None:
    found = properties(pages["news"])
    assert found["og:image"].startswith(f"{HUB}/media/images/")
    assert found["og:image:alt"].startswith("People at table")
    assert {"og:image:width", "og:image:height", "og:image:type"} <= set(found)


def test_a_piece_without_a_picture_stands_under_its_organisations() -> None:
    page = make_news(make_organisation(header=make_image(description="Our house")))
    assert properties(page)["og:image:alt"] == "Our house"
    assert "image" in data(page)


def test_a_picture_that_not_everybody_may_see_is_nowhere() -> None:
    """Fails if the head asks for the picture itself."""
    secret = make_image(collection=make_private_collection(), description="Secret alt", credit="Secret maker")
    organisation = make_organisation(header=secret, logo=secret)
    own = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    SiteSettings.objects.filter(pk=own.pk).update(header=secret, logo=secret)
    for page in (make_news(organisation, lead_image=secret), organisation, home_page()):
        assert "Secret" not in str(read(page))
        assert "og:image" not in properties(page)


def test_a_participant_whose_page_is_hidden_is_in_no_description() -> None:
    hidden = make_organisation("Secret House")
    page = make_report(
        participant_rows=[Participant(chosen=hidden, person="Ana")], agenda_days=[AgendaDay(title="First")]
    )
    make_private(hidden)
    assert "Secret" not in json.dumps(data(page))


@pytest.mark.parametrize("name", TYPES)
def test_every_page_leads_to_its_feeds_once(pages: dict[str, Page], name: str) -> None:
    links = read(pages[name]).find_all("link", rel="alternate")
    found = [(link["type"], str(link["href"]).removeprefix(HUB)) for link in links]
    handle = pages["organisation"].handle
    site = [("application/atom+xml", "/feed.atom"), ("application/feed+json", "/feed.json")]
    own = [("application/atom+xml", f"/feeds/{handle}.atom"), ("application/feed+json", f"/feeds/{handle}.json")]
    assert found == (site if name == "home" else own + site)


def test_mastodon_reads_headline_language_and_publisher_of_a_link_card(pages: dict[str, Page]) -> None:
    """``LinkDetailsExtractor``: the first script that parses and whose type, a text, is NewsArticle or WebPage."""
    (script,) = read(pages["news"]).find_all("script", type="application/ld+json")
    found = json.loads(html.unescape(script.string))
    assert found["@type"] in ("NewsArticle", "WebPage")
    assert [found[name] for name in ("headline", "inLanguage", "datePublished")] == ["Some news", "en", "2026-03-01"]
    assert (found["author"][0]["name"], found["publisher"]["name"]) == ("Paula", "Ēķe Forum")


def test_mastodon_finds_the_handle_of_whom_it_credits() -> None:
    """It takes the first "@" off and splits at the other (``ResolveAccountService``)."""
    given = {"page": make_news(), "federation_creator": "@aspen@hub.example"}
    tag = BeautifulSoup(render_to_string("includes/head.html", given), "html.parser").find(
        "meta", attrs={"name": "fediverse:creator"}
    )
    assert str(tag["content"]).removeprefix("@").split("@") == ["aspen", "hub.example"]  # type: ignore[index]
