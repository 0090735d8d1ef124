"""What readers get, page type by page type: one heading, a language, a canonical address, pictures with credits, dated
lists, and nothing that somebody else would have to serve."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pytest_django import DjangoDbBlocker
from wagtail.models import Page

from cms.addresses import page_address
from cms.models import NewsPage
from tests.factories.html_pages import is_ours, loaded_addresses, read, text_of
from tests.factories.made_once import afresh, made_once
from tests.factories.page_shapes import VIDEO, every_type

pytestmark = pytest.mark.django_db
NAMES = ["home", "organisation", "section", "news", "report", "document"]


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Page]]:
    with made_once(django_db_blocker):
        yield every_type()


@pytest.fixture
def pages(made: dict[str, Page]) -> dict[str, Page]:
    """One page of each type, with everything on it."""
    return afresh(made)


@pytest.fixture(params=NAMES)
def page(request: pytest.FixtureRequest, pages: dict[str, Page]) -> Page:
    return pages[request.param]


@pytest.fixture
def soup(page: Page) -> BeautifulSoup:
    return read(page)


def test_a_page_has_one_main_heading(soup: BeautifulSoup) -> None:
    assert len(soup.find_all("h1")) == 1


def test_headings_do_not_skip_a_level(soup: BeautifulSoup) -> None:
    main = soup.find("main")
    levels = [int(tag.name[1]) for tag in main.find_all(["h1", "h2", "h3", "h4", "h5", "h6"])]  # type: ignore[union-attr]
    assert [b for a, b in itertools.pairwise(levels) if b > a + 1] == []


def test_a_page_names_its_language_and_direction(soup: BeautifulSoup) -> None:
    assert (soup.html["lang"], soup.html["dir"]) == ("en", "ltr")  # type: ignore[index]


def test_a_page_names_its_canonical_address(page: Page, soup: BeautifulSoup) -> None:
    assert soup.find("link", rel="canonical")["href"] == page_address(page)  # type: ignore[index]


def test_a_page_has_a_title_and_the_same_for_link_previews(page: Page, soup: BeautifulSoup) -> None:
    assert page.title in text_of(soup.title)
    assert soup.find("meta", property="og:title")["content"] == page.title  # type: ignore[index]


def test_everything_that_a_page_loads_comes_from_us(soup: BeautifulSoup) -> None:
    addresses = loaded_addresses(soup)
    assert addresses
    assert [address for address in addresses if not is_ours(address)] == []


def test_a_page_needs_no_exception_from_a_strict_content_policy(soup: BeautifulSoup) -> None:
    assert soup.find_all("style") == []
    # What is no script is no matter of it: a browser looks for the type before it asks the policy.
    assert [tag for tag in soup.find_all("script") if not tag.get("src") and tag["type"] != "application/ld+json"] == []
    handlers = [name for tag in soup.find_all(True) for name in tag.attrs if name == "style" or name.startswith("on")]
    assert handlers == []


def test_reading_sets_no_cookie(page: Page) -> None:
    client = Client()
    answer = client.get(page.url)
    assert not client.cookies
    assert "Set-Cookie" not in answer.headers


def test_d13_every_picture_has_words_for_it_and_its_credit_beneath(soup: BeautifulSoup) -> None:
    for picture in soup.find_all("img"):
        assert picture["alt"]
        figure = picture.find_parent("figure")
        assert figure is not None, picture
        assert "maker" in text_of(figure.figcaption)


def test_d3_every_line_of_a_list_is_dated(soup: BeautifulSoup) -> None:
    for teaser in soup.select(".teaser:has(.teaser-slug)"):
        date.fromisoformat(str(teaser.select_one("time[datetime]")["datetime"]))  # type: ignore[index]
    undated = [teaser for teaser in soup.select(".teaser:not(:has(time))") if "Ēķe Forum" not in text_of(teaser)]
    assert undated == []  # only a related organisation has no date, and no label that promises one


def test_d7_no_link_is_called_here(soup: BeautifulSoup) -> None:
    names = [text_of(link) or link.get("aria-label", "") for link in soup.find_all("a")]
    assert [name for name in names if str(name).lower() in {"", "here", "link", "click here", "more"}] == []


def test_ids_are_unique_and_labels_find_theirs(soup: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    pointed = {
        name for tag in soup.find_all(attrs={"aria-labelledby": True}) for name in tag["aria-labelledby"].split()
    }
    assert pointed <= set(ids)
    assert soup.select_one("a.skip")["href"] == "#content"  # type: ignore[index]
    assert "content" in ids


def test_the_lists_of_front_page_organisation_and_section_show_what_is_there(pages: dict[str, Page]) -> None:
    for name, title in [("home", "Some news"), ("organisation", "A report"), ("section", "A report")]:
        assert title in [text_of(tag) for tag in read(pages[name]).select(".teaser-title")]


def test_the_front_page_leads_to_every_organisation(pages: dict[str, Page]) -> None:
    assert text_of(read(pages["home"]).select_one(".directory a")) == "Ēķe Forum"


def test_d5_the_byline_gives_the_role_at_that_time(pages: dict[str, Page]) -> None:
    assert text_of(read(pages["news"]).select_one(".byline")) == "By Paula , Head of Programme, The Centre"


def test_d8_the_dateline_of_a_report_has_place_and_year(pages: dict[str, Page]) -> None:
    assert text_of(read(pages["report"]).select_one(".dateline")) == "Belgrade · 30–31 May 2022"


def test_d9_a_correction_is_public_with_its_date(pages: dict[str, Page]) -> None:
    soup = read(pages["report"])
    assert text_of(soup.select_one("#corrections dl")) == "2 March 2026 It was 40, not 50."
    assert soup.select_one(".corrected a")["href"] == "#corrections"  # type: ignore[index]


def test_d7_a_document_shows_what_one_gets(pages: dict[str, Page]) -> None:
    card = read(pages["document"]).select_one(".document")
    facts = text_of(card.select_one(".document-facts"))  # type: ignore[union-attr]
    assert all(fact in facts for fact in ["PDF", "3 pages", "English", "CC BY 4.0"]), facts


def test_d12_a_video_is_a_link_until_the_reader_asks(pages: dict[str, Page]) -> None:
    soup = read(pages["news"])
    assert soup.find("iframe") is None
    assert soup.select_one(".embed a.button")["href"] == VIDEO["url"]  # type: ignore[index]
    assert soup.select_one(".embed .offer").has_attr("hidden")  # type: ignore[union-attr]


def test_d11_no_page_has_a_form_that_sends_words_elsewhere(soup: BeautifulSoup) -> None:
    assert [form for form in soup.find_all("form") if not is_ours(str(form.get("action", "")))] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_editors_preview_of_a_draft_works(pages: dict[str, Page], name: str) -> None:
    draft = pages[name].get_latest_revision_as_object()
    draft.title = "Still a draft"
    answer = draft.make_preview_request()
    assert answer.status_code == 200
    assert "Still a draft" in answer.content.decode()


def test_a_new_page_can_be_previewed_before_it_is_saved(pages: dict[str, Page]) -> None:
    parent = pages["organisation"]
    draft = NewsPage(title="Not saved", path=f"{parent.path}0001", depth=parent.depth + 1)
    draft.set_url_path(parent)
    assert draft.make_preview_request().status_code == 200
