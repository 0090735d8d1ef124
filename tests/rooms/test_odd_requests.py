"""Requests that no browser makes. None of them may end in a 500: a peer that meets one rests for minutes (AC-15)."""

from __future__ import annotations

import pytest
from django.test import Client

from cms.plain_html import plain_html
from federation.net.media_types import read_media_type
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, make_private

pytestmark = pytest.mark.django_db
ODD_TYPES = ["application/activity+json; a*=x; a*0=y", f"application/activity+json; a*{'1' * 5000}=x"]


@pytest.mark.parametrize("path", ["/feeds/a%00b.atom", "/ap/x%00", "/nodeinfo/%00", "/documents/1/%00"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_character_that_no_database_holds_finds_nothing(client: Client, method: str, path: str) -> None:
    assert getattr(client, method)(path).status_code == 404


def test_a_file_name_too_long_for_the_disk_finds_nothing(client: Client) -> None:
    make_image().get_rendition("max-100x100")  # so that the folder exists
    assert client.get(f"/media/images/{'a' * 300}.jpg").status_code == 404


@pytest.mark.parametrize("path", ["/feed.atom", "/-/health", "/sitemap.xml", "/documents/1/a.pdf"])
def test_a_method_that_an_address_does_not_take_is_refused_in_words(client: Client, path: str) -> None:
    """Fails without ``config.sentences``: Django refuses a method with an answer that has no body."""
    answer = client.post(path)
    assert (answer.status_code, answer.content) == (405, b"This address cannot be used in this way.\n")
    assert answer["Allow"] == "GET, HEAD"


def test_a_server_that_uses_a_wrong_method_reads_why(client: Client) -> None:
    answer = client.post("/.well-known/webfinger", headers={"Accept": "application/activity+json"})
    assert answer.json()["title"] == "This address cannot be used with this method."


def test_a_request_for_another_site_is_refused_in_words(client: Client) -> None:
    """Fails without ``templates/400.html``: Django's own page says no more than "Bad Request"."""
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "This request could not be understood" in answer.content.decode()


@pytest.mark.parametrize("odd", ODD_TYPES)
def test_an_odd_media_type_is_none(odd: str) -> None:
    assert read_media_type(odd) == ("", {})


@pytest.mark.parametrize("state", ["draft", "private"])
def test_a_text_does_not_tell_the_address_of_a_hidden_page(state: str) -> None:
    hidden = make_news(title="Secret merger", live=state != "draft")
    if state == "private":
        make_private(hidden)
    shown = make_news(title="Well known")
    text = f'<p><a linktype="page" id="{hidden.pk}">one</a> <a linktype="page" id="{shown.pk}">two</a></p>'
    html = plain_html(text)
    assert "secret" not in html
    assert html.count("<a ") == 1
    assert 'well-known/">two</a>' in html
