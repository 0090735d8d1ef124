"""What readers get where something is missing, hidden, in another language or in parts. Each test has a
site of its own."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from wagtail.models import Locale

from cms.addresses import page_address
from cms.heads import this_hub
from tests.factories.cms_media import make_image, make_private_collection
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_section
from tests.factories.html_pages import read, text_of
from tests.factories.page_shapes import body

pytestmark = pytest.mark.django_db


def test_a_picture_of_a_private_collection_leaves_no_trace() -> None:
    image = make_image(collection=make_private_collection(), credit="Secret maker", description="Secret alt")
    soup = read(make_news(lead_image=image, body=body(("figure", {"image": image.pk, "caption": "Secret caption"}))))
    assert "Secret" not in str(soup)


def test_a_page_with_a_password_tells_nothing_about_itself() -> None:
    page = make_news(title="Secret title", summary="Secret summary")
    make_private(page)
    answer = Client().get(page.url)
    assert "needs a password" in answer.content.decode()
    assert "Secret" not in answer.content.decode()


def test_the_password_opens_the_page() -> None:
    page = make_news(title="Secret title")
    restriction = make_private(page, "open")
    client = Client()
    form = BeautifulSoup(client.get(page.url).content, "html.parser").select_one("main form")
    fields = {tag["name"]: tag.get("value", "") for tag in form.select("input[name]")}  # type: ignore[union-attr]
    answer = client.post(form["action"], fields | {"password": restriction.password}, follow=True)  # type: ignore[index]
    assert "Secret title" in answer.content.decode()


def test_a_missing_page_says_so_in_words() -> None:
    answer = Client().get("/nothing-here/")
    assert answer.status_code == 404
    assert text_of(BeautifulSoup(answer.content, "html.parser").h1) == "There is no page at this address"


@pytest.mark.parametrize("template", ["403.html", "404.html", "500.html"])
def test_pages_about_errors_render_with_one_heading(template: str, rf: RequestFactory) -> None:
    request = None if template == "500.html" else rf.get("/")
    soup = BeautifulSoup(render_to_string(template, request=request), "html.parser")
    assert len(soup.find_all("h1")) == 1


def test_empty_shelves_say_what_is_missing() -> None:
    section = make_section(make_organisation("Quiet House"))
    assert "Quiet House publishes something here" in text_of(read(section).select_one(".empty"))
    assert "Quiet House has not published" in text_of(read(section.get_parent().specific).select_one(".empty"))


def test_an_empty_front_page_says_what_is_missing() -> None:
    assert [text_of(tag).split(".")[0] for tag in read(home_page()).select(".empty")] == [
        "Nothing has been published here yet",
        "No organisation has a page here yet",
    ]


def test_a_long_section_comes_in_parts_with_addresses_of_their_own() -> None:
    section = make_section()
    for number in range(21):
        make_news(section, title=f"Piece {number}")
    answer = BeautifulSoup(Client().get(f"{section.url}?page=2").content, "html.parser")
    assert len(answer.select(".teaser")) == 1
    assert answer.find("link", rel="canonical")["href"] == f"{page_address(section)}?page=2"  # type: ignore[index]


def test_a_page_in_a_language_from_right_to_left_says_so() -> None:
    page = make_news(locale=Locale.objects.create(language_code="ar"))
    html = read(page).html
    assert (html["lang"], html["dir"]) == ("ar", "rtl")  # type: ignore[index]


def test_d6_words_of_the_site_stay_in_one_language_that_the_site_has() -> None:
    """Django has words and dates in French, and this program has none. Fails if they are mixed."""
    page = make_news(locale=Locale.objects.create(language_code="fr"))
    shown = read(page)
    assert text_of(shown.select_one(".skip")) == "Skip to the content"
    assert "March" in shown.get_text()


def test_a_demonstration_says_what_it_is(settings: Any) -> None:
    settings.DEMO = True
    assert text_of(read(home_page()).select_one(".notices")) == "Demo. Not affiliated with the organisations named."


def test_any_other_site_has_no_such_notice() -> None:
    assert read(home_page()).select_one(".notices") is None


def test_the_head_leads_servers_to_the_document_and_credits_the_publisher() -> None:
    given = {
        "page": make_news(),
        "federation_alternate": "https://hub.example/ap/1",
        "federation_creator": "@a@b.example",
    }
    soup = BeautifulSoup(render_to_string("includes/head.html", given), "html.parser")
    assert soup.find("link", type="application/activity+json")["href"] == "https://hub.example/ap/1"  # type: ignore[index]
    assert soup.find("meta", attrs={"name": "fediverse:creator"})["content"] == "@a@b.example"  # type: ignore[index]


def test_the_head_says_nothing_of_sharing_where_nothing_is_shared() -> None:
    soup = BeautifulSoup(render_to_string("includes/head.html", {"page": make_news()}), "html.parser")
    assert soup.find("link", type="application/activity+json") is None
    assert soup.find("meta", attrs={"name": "fediverse:creator"}) is None


def test_the_handle_is_text_that_one_can_select() -> None:
    page = make_organisation()
    given = {"page": page, "organisation": page, "federation_handle": "@partner@hub.example", "hub": this_hub()}
    soup = BeautifulSoup(render_to_string("includes/follow.html", given), "html.parser")
    assert soup.select_one("code.handle").get_text() == "@partner@hub.example"  # type: ignore[union-attr]
    assert soup.select_one("button").has_attr("hidden")  # type: ignore[union-attr]


def test_a_list_of_pages_costs_the_same_however_long_it_is(django_assert_max_num_queries: Any) -> None:
    organisation = make_organisation()
    for _ in range(3):
        make_news(organisation)
    Client().get("/")
    with django_assert_max_num_queries(60) as few:
        Client().get("/")
    for _ in range(6):
        make_news(make_organisation())
    Client().get("/")
    with django_assert_max_num_queries(60) as many:
        Client().get("/")
    assert len(many) == len(few)
