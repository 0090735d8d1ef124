"""What readers get, page type by page type: one heading, a language, a canonical address, pictures with credits, dated
lists, and nothing that somebody else would have to serve."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from wagtail.models import Locale, Page

from cms.addresses import page_address
from cms.heads import this_hub
from cms.models import NewsPage
from tests.factories.cms_media import make_image, make_private_collection
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_section
from tests.factories.html_pages import is_ours, loaded_addresses, read, text_of
from tests.factories.page_shapes import VIDEO, body, every_type

pytestmark = pytest.mark.django_db
NAMES = ["home", "organisation", "section", "news", "report", "document"]


@pytest.fixture
def pages() -> dict[str, Page]:
    """One page of each type, with everything on it."""
    return every_type()


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
    page = make_news(locale=Locale.objects.create(language_code="de"))
    assert text_of(read(page).select_one(".skip")) == "Skip to the content"


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
