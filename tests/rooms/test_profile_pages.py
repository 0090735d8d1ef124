"""The address of a handle: a profile for people, the actor for servers, and the same for everybody who may see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from cms.addresses import page_address
from cms.models import ProfileField
from federation.actors.local import ensure_publisher, ensure_site_actor
from federation.conf import source
from federation.models import LocalActor
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, publish
from tests.factories.html_pages import text_of
from tests.factories.publications import HUB
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> Any:
    return make_organisation(
        "Aspen Watch",
        handle="aspen",
        summary="Counts the aspens.",
        logo=make_image(description="An aspen leaf"),
        header=make_image(description="A wood", size=(1600, 900)),
        profile_fields=[ProfileField(label="Programme", value="Open Woods")],
    )


@pytest.fixture
def actor(organisation: Any) -> LocalActor:
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    return ensure_publisher(publisher, timezone.now())[0]


def read(path: str) -> BeautifulSoup:
    answer = Client().get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def test_a_profile_says_who_it_is_and_what_they_published_last(organisation: Any, actor: LocalActor) -> None:
    for number in range(21):
        make_news(organisation, title=f"Piece {number}")
    main = read("/@aspen").main
    assert main is not None
    titles = [text_of(tag) for tag in main.select(".teaser-title")]
    assert text_of(main.h1) == "Aspen Watch"
    assert titles == [f"Piece {number}" for number in range(20, 0, -1)]
    assert [img["alt"] for img in main.find_all("img")] == ["A wood", "An aspen leaf"]
    assert main.select_one("code.handle").get_text() == "@aspen@hub.example"  # type: ignore[union-attr]
    assert main.select_one("a[data-dialog]")["href"] == "/@aspen/follow"  # type: ignore[index]
    assert "Counts the aspens." in text_of(main)
    assert "Open Woods" in text_of(main)


def test_the_site_has_one_too_with_what_all_published() -> None:
    make_news(make_organisation(), title="Of one"), make_news(make_organisation(), title="Of another")
    site = ensure_site_actor(timezone.now())
    assert site is not None
    main = read(f"/@{site.handle}").main
    assert main is not None
    assert {text_of(tag) for tag in main.select(".teaser-title")} == {"Of one", "Of another"}
    assert main.select_one("code.handle").get_text() == f"@{site.handle}@hub.example"  # type: ignore[union-attr]


def test_the_instance_itself_has_the_face_of_the_site() -> None:
    """It signs our requests under the name of the host, and somebody may look it up."""
    answer = Client().get("/@hub.example")
    assert (answer.status_code, answer["Location"]) == (302, "/@news")


def test_a_new_profile_says_that_there_is_nothing_yet(organisation: Any) -> None:
    assert "has not published anything here yet" in text_of(read("/@aspen").select_one(".empty"))


def test_search_engines_are_led_to_the_organisations_own_page(organisation: Any) -> None:
    link = read("/@aspen").find("link", rel="canonical")
    assert link["href"] == page_address(organisation)  # type: ignore[index]


def test_an_old_handle_leads_to_the_new_one_and_so_does_another_spelling(organisation: Any) -> None:
    publish(organisation, handle="aspens")
    for path in ("/@aspen", "/@Aspens", "/@ASPEN"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, "/@aspens", "no-cache")


@pytest.mark.parametrize("path", ["/@nobody", "/@", "/@a/b", "/@aspen@hub.example"])
def test_who_is_not_here_is_not_found(path: str, organisation: Any) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("hide", [make_private, lambda page: page.unpublish()], ids=["private", "unpublished"])
def test_a_hidden_organisation_has_no_profile_for_people(hide: Any, organisation: Any, actor: LocalActor) -> None:
    """Fails if the handle alone decides."""
    hide(organisation)
    for accept in ("text/html", AS2):
        assert Client().get("/@aspen", headers={"Accept": accept}).status_code == 404


def test_servers_are_led_to_the_actor(organisation: Any, actor: LocalActor) -> None:
    answer = Client().get("/@aspen")
    link = BeautifulSoup(answer.content, "html.parser").find("link", rel="alternate", type=AS2)
    assert answer["Link"] == f'<{actor.uri}>; rel="alternate"; type="{AS2}"'
    assert link["href"] == actor.uri  # type: ignore[index]
    assert "Accept" in answer["Vary"]


def test_a_server_that_takes_no_page_is_sent_to_the_actor(organisation: Any, actor: LocalActor) -> None:
    answer = Client().get("/@aspen", headers={"Accept": AS2})
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (303, actor.uri, "no-store")


def test_before_there_is_an_actor_nobody_is_sent_anywhere(organisation: Any) -> None:
    answer = Client().get("/@aspen", headers={"Accept": AS2})
    assert answer.status_code == 200
    assert "Link" not in answer
    assert b"data-dialog" not in answer.content


@pytest.mark.parametrize("handle", ["aspen", "Aspen", "before"])
def test_the_address_can_be_asked_for_by_webfinger(handle: str, organisation: Any, actor: LocalActor) -> None:
    """Fails if the site does not know the address as the publisher's."""
    publish(organisation, handle="before"), publish(organisation, handle="aspen")
    answer = Client().get(f"/.well-known/webfinger?resource={quote(f'{HUB}/@{handle}')}")
    assert (answer.status_code, answer.json()["subject"]) == (200, "acct:aspen@hub.example")


@pytest.mark.parametrize("address", [f"{HUB}/@nobody", f"{HUB}/@%00", f"{HUB}/@", "https://other.example/@aspen"])
def test_no_other_address_is_taken_for_one(address: str, organisation: Any, actor: LocalActor) -> None:
    assert Client().get(f"/.well-known/webfinger?resource={quote(address)}").status_code == 404


def test_reading_a_profile_sets_no_cookie(organisation: Any) -> None:
    client = Client()
    answer = client.get("/@aspen")
    assert not client.cookies
    assert answer["Cache-Control"] == "no-cache"


def test_the_front_page_and_the_page_of_an_organisation_stay_where_they_are(organisation: Any) -> None:
    """Profiles are a second way in; what an actor calls its page does not change."""
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    assert (publisher.url, page_address(home_page())) == (f"{HUB}{organisation.url}", f"{HUB}/")
