"""“Delivery” of a page: who accepted it, who waits and why, who refused it with which words, and sending it again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cms.models import OrganisationPage
from federation.models import Delivery, Peer, PublishedObject
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.figures import HOSTILE, actor_of, make_peer, send, shared
from tests.factories.made_once import afresh, made_once

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    mine: OrganisationPage
    theirs: OrganisationPage
    page: Any
    told: PublishedObject
    foreign: PublishedObject


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with made_once(django_db_blocker):
        mine, theirs = make_organisation("Mine", handle="mine"), make_organisation("Theirs", handle="theirs")
        page = make_news(mine, title="Wells & rights")
        told = shared(actor_of(mine), f"page:{page.pk}", title="Wells & rights")
        foreign = shared(actor_of(theirs), f"page:{make_news(theirs).pk}", title="Not for you")
        send(told, "accepts.example", "accepted")
        send(told, "refuses.example", "refused", status=422, error=f"{HOSTILE} " + "x" * 900)
        send(told, "gave-up.example", "expired", error="The other server did not answer in time.")
        later = timezone.now() + timedelta(hours=3)
        make_peer("rests.example", held_until=later, hold_reason="503 down for repairs", holds=2)
        send(told, "rests.example", "waiting", attempts=0)
        send(foreign, "secret.example", "refused", status=403, error="go away")
        yield World(mine, theirs, page, told, foreign)


@pytest.fixture
def world(made: World) -> World:
    return afresh(made)


def log_in(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def address(told: PublishedObject) -> str:
    return reverse("deliveries:page", args=[told.key])


def section(text: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="cw-{name}".*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def test_each_server_stands_in_the_group_of_how_far_it_is(world: World) -> None:
    """Fails if what was given up stands nowhere."""
    text = log_in(make_editor(world.mine)).get(address(world.told)).content.decode()
    groups = {
        name: set(re.findall(r"[\w-]+\.example", section(text, name))) for name in ("refused", "waiting", "accepted")
    }
    assert groups["refused"] == {"refuses.example", "gave-up.example"}
    assert groups["waiting"] == {"rests.example"}
    assert groups["accepted"] == {"accepts.example"}


def test_plain_words_stand_before_the_servers_own_which_are_cut_and_escaped(world: World) -> None:
    text = section(log_in(make_editor(world.mine)).get(address(world.told)).content.decode(), "refused")
    plain, theirs = text.index("The server does not accept the message."), text.index("&lt;script&gt;")
    assert plain < theirs
    assert "<script" not in text
    assert "x" * 301 not in text


def test_a_server_that_rests_is_named_with_its_words_and_the_next_attempt(world: World) -> None:
    text = section(log_in(make_editor(world.mine)).get(address(world.told)).content.decode(), "waiting")
    assert "Server not answering, will retry." in text
    assert "503 down for repairs" in text
    held = Peer.objects.get(pk="https://rests.example").held_until
    assert held is not None
    assert f"{held:%Y}" in text


def test_a_neighbours_page_does_not_exist_for_an_editor(world: World) -> None:
    """Fails if only the list of deliveries asks whose they are."""
    client = log_in(make_editor(world.mine))
    assert client.get(address(world.foreign)).status_code == 404
    assert client.post(address(world.foreign)).status_code == 404
    assert Delivery.objects.get(peer="https://secret.example").state == "refused"


def test_a_page_that_was_never_shared_has_no_delivery(world: World) -> None:
    assert log_in(make_admin()).get(reverse("deliveries:page", args=["page:999999"])).status_code == 404


def test_one_server_is_sent_to_again(world: World) -> None:
    client = log_in(make_editor(world.mine))
    answer = client.post(address(world.told), {"origin": "https://refuses.example"}, follow=True)
    assert "1 message is sent again." in answer.content.decode()
    states = dict(Delivery.objects.filter(activity__object=world.told).values_list("peer", "state"))
    assert states["https://refuses.example"] == "waiting"
    assert states["https://gave-up.example"] == "expired"


def test_all_are_sent_to_again_and_nobody_elses(world: World) -> None:
    """Fails if the button sends whatever was refused anywhere."""
    log_in(make_editor(world.mine)).post(address(world.told), {"origin": ""})
    assert set(Delivery.objects.filter(state="waiting").values_list("peer", flat=True)) == {
        "https://refuses.example", "https://gave-up.example", "https://rests.example",
    }  # fmt: skip
    assert Delivery.objects.get(peer="https://secret.example").state == "refused"


def test_sending_again_stands_in_the_history_of_the_page(world: World) -> None:
    client = log_in(make_editor(world.mine))
    client.post(address(world.told), {"origin": ""})
    history = client.get(reverse("wagtailadmin_pages:history", args=[world.page.pk])).content.decode()
    assert "Sent again to servers that had refused it" in history


def test_sending_again_asks_for_the_token_of_the_form(world: World) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="hub.example")
    client.force_login(make_editor(world.mine))
    assert client.post(address(world.told), {"origin": ""}).status_code == 403
    assert Delivery.objects.get(peer="https://refuses.example").state == "refused"


def test_a_long_group_is_cut_in_the_overview_and_has_pages_of_its_own(world: World) -> None:
    for number in range(70):
        send(world.told, f"many{number:02}.example", "accepted")
    client = log_in(make_editor(world.mine))
    overview = section(client.get(address(world.told)).content.decode(), "accepted")
    assert len(re.findall(r"many\d\d\.example", overview)) == 19
    assert "51 more servers" in overview
    second = client.get(address(world.told), {"group": "accepted", "p": 2}).content.decode()
    assert len(set(re.findall(r"many\d\d\.example", second))) == 21
    assert "Page 2 of 2" in second


def test_the_queries_do_not_grow_with_the_servers(world: World, django_assert_max_num_queries: Any) -> None:
    client = log_in(make_editor(world.mine))
    client.get(address(world.told))
    with django_assert_max_num_queries(60) as few:
        client.get(address(world.told))
    for number in range(30):
        send(world.told, f"many{number:02}.example", "refused", status=500)
    with django_assert_max_num_queries(len(few)):
        client.get(address(world.told))


def test_what_is_taken_along_names_all_servers_and_holds_no_formula(world: World) -> None:
    """Fails if the words of a server are written as they came."""
    answer = log_in(make_editor(world.mine)).get(address(world.told), {"export": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert rows[0][:3] == ["Server", "State", "What"]
    assert len(rows) == 5
    words = next(row[-1] for row in rows if row[0] == "https://refuses.example")
    assert words.startswith("'=cmd")


def test_the_editor_of_a_page_says_how_far_it_is_and_leads_there(world: World) -> None:
    text = (
        log_in(make_editor(world.mine)).get(reverse("wagtailadmin_pages:edit", args=[world.page.pk])).content.decode()
    )
    assert "It was sent, and is counted within ten minutes." in text
    assert text.count(f'href="{address(world.told)}"') == 2, "in the panel and in the menu"


def test_the_list_leads_to_the_page_and_can_be_narrowed(world: World) -> None:
    client = log_in(make_admin())
    text = client.get(reverse("deliveries:index"), {"server": "refuses"}).content.decode()
    assert address(world.told) in text
    assert "accepts.example" not in text
    by_page = client.get(reverse("deliveries:index"), {"page": "not for"}).content.decode()
    assert "secret.example" in by_page
    assert "refuses.example" not in by_page


def test_of_a_list_that_was_narrowed_only_that_is_sent_again(world: World) -> None:
    """Fails if the question forgets the filters."""
    client = log_in(make_admin())
    asked = f"{reverse('deliveries:send_again')}?server=refuses"
    assert "gave-up.example" not in client.get(asked).content.decode()
    client.post(asked)
    assert set(Delivery.objects.filter(state="waiting").values_list("peer", flat=True)) == {
        "https://refuses.example", "https://rests.example",
    }  # fmt: skip


def test_an_editor_sends_only_what_is_their_own_again(world: World) -> None:
    client = log_in(make_editor(world.mine))
    asked = reverse("deliveries:send_again")
    assert "secret.example" not in client.get(asked).content.decode()
    client.post(asked)
    assert Delivery.objects.get(peer="https://secret.example").state == "refused"


@pytest.mark.parametrize("name", ["followers", "follow_requests", "deliveries"])
def test_a_filter_offers_an_editor_no_other_organisation(world: World, name: str) -> None:
    """Fails if a list is narrowed by whoever can be followed."""
    text = log_in(make_editor(world.mine)).get(reverse(f"{name}:index")).content.decode()
    assert "@theirs" not in text
