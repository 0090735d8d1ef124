"""What readers see when something is missing, or when everything is: written words in every case, also without the
database and without the list of static files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from tests.factories.cms_pages import home_page, make_news
from tests.factories.html_pages import is_ours, loaded_addresses, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: Any) -> None:
        raise OperationalError("connection refused")

    cache.clear()
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", lost)


@pytest.fixture
def no_static_files(settings: Any, tmp_path: Path) -> None:
    """As in production before they were collected."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }


def read(path: str) -> tuple[Any, BeautifulSoup]:
    answer = Client(raise_request_exception=False).get(path, headers={"host": "hub.example"})
    return answer, BeautifulSoup(answer.content, "html.parser")


def check_written(soup: BeautifulSoup) -> None:
    """A heading, a sentence and a way on; nothing from elsewhere, and nothing for developers."""
    assert len(soup.find_all("h1")) == 1
    assert text_of(soup.select_one(".standfirst")).endswith(".")
    assert [address for address in loaded_addresses(soup) if not is_ours(address)] == []
    assert soup.find_all(["style", "script"], src=False) == []
    assert "Traceback" not in str(soup)
    assert "OperationalError" not in str(soup)


def test_a_missing_page_leads_on() -> None:
    answer, soup = read("/nothing/")
    assert answer.status_code == 404
    check_written(soup)
    assert {"/", "/#latest", "/#organisations"} <= {str(link["href"]) for link in soup.main.find_all("a")}  # type: ignore[union-attr]


def test_without_its_database_a_site_is_away_and_says_so(no_database: None) -> None:
    """Fails without a handler of its own: readers would be told that something is broken, and search engines that the
    page is."""
    for path in ("/", "/nothing/", "/@news"):
        answer, soup = read(path)
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "120", "no-store")
        check_written(soup)
        assert "cannot reach its database" in text_of(soup.select_one(".standfirst"))


def test_without_static_files_a_missing_page_is_still_missing(no_static_files: None) -> None:
    """Fails if the written page needs the list of static files."""
    answer, soup = read("/nothing/")
    assert answer.status_code == 404
    check_written(soup)


def test_without_static_files_an_error_is_still_explained(no_static_files: None) -> None:
    answer, soup = read(home_page().url)
    assert answer.status_code == 500
    check_written(soup)


def test_without_both_it_is_still_written(no_static_files: None, no_database: None) -> None:
    answer, soup = read("/")
    assert answer.status_code == 503
    check_written(soup)


def test_an_error_of_ours_shows_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret detail")

    page = make_news()
    monkeypatch.setattr("cms.heads.head_of", broken)
    monkeypatch.setattr("cms.templatetags.commonwire.head_of", broken)
    answer, soup = read(page.url)
    assert answer.status_code == 500
    check_written(soup)
    assert "secret detail" not in answer.content.decode()


def test_the_plain_pages_find_their_styles_where_they_lie() -> None:
    """They name them without asking the list. Fails if a style sheet is renamed."""
    root = Path(__file__).resolve().parents[2] / "cms" / "static"
    named = BeautifulSoup((root.parents[1] / "templates" / "plain.html").read_text(), "html.parser")
    links = [str(link["href"]) for link in named.find_all("link", rel="stylesheet")]
    assert len(links) == 4
    assert [link for link in links if not (root / link.removeprefix("/static/")).is_file()] == []
