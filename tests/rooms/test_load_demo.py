"""The demonstration's content: loaded once and never again, without any of the thirteen defects, with every name as its
owner writes it, and light to read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import transaction
from django.test import Client
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker
from wagtail.models import Page, Revision

from cms.checks.gather import gather
from cms.checks.verdict import judge
from cms.demo import load, publish_next
from cms.demo.partners_of_the_hub import REPRESENTATIVES
from cms.listings import content_pages
from cms.models import CustomDocument, CustomImage, OrganisationPage, ReportPage
from cms.visibility import public_pages, readable_pages
from tests.factories.html_pages import is_ours, loaded_addresses, read, style_bytes, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
BUDGET = 60_000


@pytest.fixture(scope="module")
def hub_content(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once for this file, and gone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        load("hub", NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def soups(hub_content: None, django_db_blocker: DjangoDbBlocker) -> dict[str, BeautifulSoup]:
    """Every page by its address."""
    with django_db_blocker.unblock():
        return {page.url: read(page) for page in readable_pages().filter(depth__gt=1).specific()}


@pytest.mark.usefixtures("hub_content")
class TestLoadedHub:
    def test_the_twelve_organisations_are_there_with_all_that_belongs_to_them(self) -> None:
        pages = OrganisationPage.objects.live()
        assert pages.count() == 12
        assert [page.title for page in pages if not (page.handle and page.editors and page.collection)] == []

    def test_everything_published_is_shared(self) -> None:
        assert content_pages().count() == 14
        assert set(public_pages()) == set(content_pages())

    def test_one_report_is_held_back(self) -> None:
        assert ReportPage.objects.filter(live=False).count() == 1

    def test_a_second_run_changes_nothing(self) -> None:
        before = _everything()
        assert not load("hub", datetime(2027, 1, 1, tzinfo=UTC)).fresh
        assert _everything() == before

    def test_what_an_editor_changed_or_deleted_stays_so(self) -> None:
        page = OrganisationPage.objects.get(handle="niok")
        page.title = "Changed by an editor"
        page.save_revision().publish()
        OrganisationPage.objects.get(handle="makaia").delete()
        load("hub", NOW)
        assert OrganisationPage.objects.get(handle="niok").title == "Changed by an editor"
        assert not OrganisationPage.objects.filter(handle="makaia").exists()

    def test_each_representative_stands_in_the_report_and_in_an_address_as_they_write_their_name(self) -> None:
        for name in REPRESENTATIVES.values():
            assert unicodedata.is_normalized("NFC", name)
            page = Page.objects.get(title__startswith=f"{name} ")
            assert unquote(page.url).split("/")[2].startswith(name.lower().replace(" ", "-"))
            assert name in text_of(read(page).h1)

    def test_all_nine_names_and_countries_are_in_the_table_of_the_report(self) -> None:
        rows = read(ReportPage.objects.get(title__startswith="Nine partners")).select(".participants tbody tr")
        assert [text_of(row).endswith(name) for row, name in zip(rows, REPRESENTATIVES.values(), strict=True)] == [
            True
        ] * 9
        assert text_of(rows[0].td) == "Latvia"

    def test_the_report_has_two_days_of_agenda(self) -> None:
        assert len(read(ReportPage.objects.get(title__startswith="Nine partners")).select(".day")) == 2

    def test_the_document_is_a_tagged_file_of_three_pages(self) -> None:
        reader = PdfReader(BytesIO(CustomDocument.objects.get().file.read()), strict=True)
        catalogue = reader.trailer["/Root"]
        assert len(reader.pages) == 3
        assert (catalogue["/MarkInfo"]["/Marked"], catalogue["/Lang"]) == (True, "en")  # type: ignore[index]
        assert "What was said in Belgrade" in reader.pages[0].extract_text()

    def test_pictures_are_ours_to_give_and_say_so(self) -> None:
        assert set(CustomImage.objects.values_list("licence", flat=True)) == {"CC0-1.0"}
        assert not CustomImage.objects.filter(description="").exists()

    def test_publishing_the_next_releases_the_report_that_was_held_back(self) -> None:
        published = publish_next(NOW)
        assert published.title == "The second day in detail: AI tools, and where money comes from"
        assert Client().get(urlsplit(published.url).path).status_code == 200
        page = ReportPage.objects.get(pk=int(published.key.removeprefix("page:")))
        assert (page.live, page.share, page.published_on) == (True, True, NOW.date())

    def test_after_that_it_writes_a_small_report_each_time(self) -> None:
        first, second, third = (publish_next(NOW) for _ in range(3))
        assert len({first.url, second.url, third.url}) == 3
        assert second.title != third.title
        assert is_ours(third.url)


def test_d1_every_link_within_the_site_leads_somewhere(soups: dict[str, BeautifulSoup]) -> None:
    addresses = {str(link["href"]).partition("#")[0] for soup in soups.values() for link in soup.select("main a[href]")}
    broken = [address for address in addresses if address and is_ours(address) and _status(address) != 200]
    assert broken == []
    assert [link for soup in soups.values() for link in soup.select("main a:not([href])")] == []


def test_d2_no_page_shows_a_code_in_brackets(soups: dict[str, BeautifulSoup]) -> None:
    assert [url for url, soup in soups.items() if re.search(r"\[\w+ \w+=", text_of(soup))] == []


def test_d3_every_line_of_every_list_is_dated(soups: dict[str, BeautifulSoup]) -> None:
    teasers = [teaser for soup in soups.values() for teaser in soup.select(".teaser")]
    assert teasers
    assert [text_of(teaser) for teaser in teasers if not teaser.select_one("time[datetime]")] == []


def test_d4_no_title_carries_a_status(soups: dict[str, BeautifulSoup]) -> None:
    assert [soup.h1 for soup in soups.values() if re.search(r"[\[\]]|closed", text_of(soup.h1), re.IGNORECASE)] == []


def test_d5_authors_have_the_roles_of_that_day(hub_content: None) -> None:
    page = content_pages().get(title__startswith="European Hub").specific
    assert [entry.role for entry in page.byline_entries] == [
        "Head of the Programme Future of Democracy",
        "Head of communications",
    ]


def test_d6_no_foreign_word_of_the_interface_is_on_a_page(soups: dict[str, BeautifulSoup]) -> None:
    assert [url for url, soup in soups.items() if re.search(r"Autor|„", text_of(soup))] == []


def test_d7_links_say_where_they_lead(soups: dict[str, BeautifulSoup]) -> None:
    names = {text_of(link) for soup in soups.values() for link in soup.select("main a")}
    assert names & {"here", "HERE", "LINK", "link", ""} == set()


def test_d8_each_dateline_has_a_year_and_no_text_says_this_year(soups: dict[str, BeautifulSoup]) -> None:
    datelines = [text_of(tag) for soup in soups.values() for tag in soup.select(".article .dateline")]
    assert datelines
    assert [line for line in datelines if not re.search(r"\b20\d\d\b", line)] == []
    assert [url for url, soup in soups.items() if re.search(r"this year|last year", text_of(soup))] == []


def test_d9_the_disputed_number_stands_once_and_is_corrected_openly(hub_content: None) -> None:
    soup = read(ReportPage.objects.get(title__startswith="Joint action"))
    correction = soup.select_one("#corrections")
    assert "more than 50" in text_of(correction)
    correction.decompose()  # type: ignore[union-attr]
    assert re.findall(r"\b\d+ participants|\b50\b", text_of(soup.main)) == ["40 participants"]


def test_d10_d11_d12_nothing_is_asked_of_anybody_else(soups: dict[str, BeautifulSoup]) -> None:
    assert [address for soup in soups.values() for address in loaded_addresses(soup) if not is_ours(address)] == []
    assert [form for soup in soups.values() for form in soup.find_all("form")] == []


def test_d13_every_picture_has_its_credit_and_licence(soups: dict[str, BeautifulSoup]) -> None:
    figures = [picture.find_parent("figure") for soup in soups.values() for picture in soup.find_all("img")]
    assert figures
    assert [str(figure) for figure in figures if "CC0 1.0" not in text_of(figure.select_one(".credit"))] == []


def test_every_page_may_be_published_again_as_it_is(hub_content: None) -> None:
    """Whoever tries the demo edits what is there. Fails if a page lacks what the checks ask for, or would be warned
    of."""
    pages = Page.objects.filter(depth__gt=1).specific()
    found = {page.title: judge(gather(page.get_latest_revision_as_object())) for page in pages}
    assert {title: verdict for title, verdict in found.items() if verdict} == {}


def test_every_page_says_that_this_is_a_demonstration(soups: dict[str, BeautifulSoup]) -> None:
    notice = "Demo. Not affiliated with the organisations named."
    assert [url for url, soup in soups.items() if text_of(soup.select_one(".notices")) != notice] == []


def test_a_page_with_its_style_is_light(soups: dict[str, BeautifulSoup]) -> None:
    sizes = {url: len(str(soup).encode()) + style_bytes(soup) for url, soup in soups.items()}
    assert {url: size for url, size in sizes.items() if size > BUDGET} == {}


def test_outside_addresses_in_texts_are_licences_or_reserved(soups: dict[str, BeautifulSoup]) -> None:
    hosts = {urlsplit(str(link["href"])).hostname for soup in soups.values() for link in soup.select("a[href^=http]")}
    own = urlsplit(settings.SITE_URL).hostname
    assert {host for host in hosts if host != own and not str(host).endswith(".example")} <= {"creativecommons.org"}


def _everything() -> tuple[Any, ...]:
    pages = [(page.pk, page.title, page.last_published_at, page.live) for page in Page.objects.order_by("pk")]
    return pages, Revision.objects.count(), CustomImage.objects.count(), CustomDocument.objects.count()


def _status(address: str) -> int:
    return Client().get(urlsplit(address).path).status_code
