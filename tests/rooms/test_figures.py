"""Figures: what the jobs count, what the home and the reports show of it, to whom, and what may be taken along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cms.models import OrganisationPage
from federation.models import DayFigures, Delivery, Follower, LocalActor, MonthFigures, PageFigures, Peer
from federation.outbox.figures import count_followers, count_months, count_pages, forget_days
from federation.outbox.release import send_again
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.cms_people import make_admin, make_coordinator, make_editor
from tests.factories.figures import HOSTILE, actor_of, make_follower, make_peer, send, shared
from tests.factories.made_once import afresh, made_once

pytestmark = pytest.mark.django_db
MONTHS, DAYS, PAGES = (f"federation_figures:{name}" for name in ("index", "days", "pages"))


@dataclass(frozen=True)
class World:
    mine: OrganisationPage
    theirs: OrganisationPage
    actor: LocalActor
    other: LocalActor


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with made_once(django_db_blocker):
        mine, theirs = make_organisation("Mine", handle="mine"), make_organisation("Theirs", handle="theirs")
        world = World(mine, theirs, actor_of(mine), actor_of(theirs))
        for host, name in (("one.example", "ana"), ("one.example", "ben"), ("two.example", "cy")):
            make_follower(world.actor, host, name)
        make_follower(world.other, "secret.example", "dee")
        told = shared(world.actor, f"page:{make_news(mine).pk}", title=HOSTILE)
        send(told, "one.example", "accepted")
        send(told, "two.example", "refused", status=410)
        send(told, "three.example", "expired")
        send(told, "four.example", "waiting", created=timezone.now() - timedelta(hours=30))
        foreign = shared(world.other, f"page:{make_news(theirs).pk}", title="Not for you")
        send(foreign, "secret.example", "waiting", created=timezone.now() - timedelta(days=3))
        for host in ("two.example", "secret.example"):
            failing = timezone.now() - timedelta(days=2)
            Peer.objects.filter(origin=f"https://{host}").update(failing_since=failing, hold_reason=f"503 {HOSTILE}")
        yield world


@pytest.fixture
def world(made: World) -> World:
    return afresh(made)


@pytest.fixture
def counted(world: World) -> World:
    now = timezone.now()
    count_followers(now)
    count_pages(now, seconds=60)
    count_months(now)
    return world


def log_in(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def read(client: Client, name: str, **asked: str) -> str:
    answer = client.get(reverse(name), asked)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def read_page(client: Client, number: int) -> str:
    answer = client.get(reverse("wagtailadmin_pages:edit", args=[number]))
    return answer.content.decode()


def take(client: Client, name: str) -> list[list[str]]:
    answer: Any = client.get(reverse(name), {"export": "csv"})
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def remember(actor: LocalActor, day: date, followers: int) -> None:
    DayFigures.objects.create(actor=actor, day=day, followers=followers, servers=1, counted=timezone.now())


def test_followers_and_their_servers_are_counted_for_each_organisation(counted: World) -> None:
    """Fails if followers are counted once per server."""
    found = {row.actor_id: (row.followers, row.servers) for row in DayFigures.objects.all()}
    assert found[counted.actor.pk] == (3, 2)
    assert found[counted.other.pk] == (1, 1)


def test_a_day_has_one_row_with_its_last_count(world: World) -> None:
    evening = datetime(2026, 5, 4, 23, 50, tzinfo=UTC)
    count_followers(evening - timedelta(hours=9))
    Follower.objects.filter(actor=world.actor).first().delete()  # type: ignore[union-attr]
    count_followers(evening)
    count_followers(evening + timedelta(minutes=20))
    days = DayFigures.objects.filter(actor=world.actor).order_by("day").values_list("day", "followers")
    assert list(days) == [(date(2026, 5, 4), 2), (date(2026, 5, 5), 2)]


def test_days_are_kept_for_two_years_and_more(world: World) -> None:
    now = timezone.now()
    for age in (799, 801):
        remember(world.actor, timezone.localdate(now - timedelta(days=age)), 1)
    forget_days(now)
    assert DayFigures.objects.count() == 1


def test_reach_is_counted_by_servers_as_the_delivery_of_the_page_is(counted: World) -> None:
    row = PageFigures.objects.get(object__actor=counted.actor)
    assert (row.accepted, row.waiting, row.refused) == (1, 1, 2)
    assert row.waiting_since == Delivery.objects.get(peer="https://four.example").created


def test_what_is_settled_is_not_counted_again(counted: World) -> None:
    """Fails if every page is counted every time."""
    Delivery.objects.filter(state="waiting").update(state="accepted")
    assert count_pages(timezone.now(), seconds=60) == 2
    PageFigures.objects.update(counted=timezone.now() + timedelta(days=2))
    assert count_pages(timezone.now() + timedelta(days=2, hours=2), seconds=60) == 0


def test_what_is_sent_again_is_counted_again(counted: World) -> None:
    """Fails unless sending again says so: nothing new was said, and nothing waited."""
    Delivery.objects.filter(state="waiting").update(state="accepted")
    later = timezone.now() + timedelta(days=2)
    PageFigures.objects.update(waiting=0, counted=later)
    send_again(later, "https://two.example")
    assert count_pages(later + timedelta(hours=2), seconds=60) == 1
    assert PageFigures.objects.get(object__actor=counted.actor).waiting == 1


def test_figures_of_old_pages_outlive_their_deliveries(counted: World) -> None:
    """Fails if what was refused is counted again for ever: what was accepted is forgotten after ninety days."""
    later = timezone.now() + timedelta(days=100)
    Delivery.objects.filter(state="waiting").update(state="accepted")
    count_pages(timezone.now(), seconds=60)
    Delivery.objects.all().delete()
    count_pages(later, seconds=60)
    row = PageFigures.objects.get(object__actor=counted.actor)
    assert (row.accepted, row.waiting, row.refused) == (2, 0, 2)


def test_the_editor_of_a_page_reads_the_numbers_once_they_are_counted(counted: World) -> None:
    page = counted.mine.get_children().get()
    text = read_page(log_in(make_editor(counted.mine)), page.pk)
    assert re.search(r"Accepted by 1 server\.\s+1 waits\.\s+2 refused it\.", text)


def test_a_change_makes_old_numbers_say_nothing(counted: World) -> None:
    """Fails if numbers of the former version stand beside the new one."""
    page = counted.mine.get_children().get()
    counted.actor.published_objects.update(updated=timezone.now() + timedelta(minutes=1))
    assert "It was sent, and is counted within ten minutes." in read_page(log_in(make_editor(counted.mine)), page.pk)


def test_the_next_attempt_lies_ahead(counted: World) -> None:
    """Fails with Wagtail's own column, which says “just now” of what is to come."""
    later = timezone.now() + timedelta(hours=6, minutes=1)
    Delivery.objects.filter(state="waiting").update(next_attempt=later)
    text = read(log_in(make_editor(counted.mine)), "deliveries:index")
    assert "in 6\xa0hours" in text


def test_a_month_has_what_was_published_and_whom_it_reached(counted: World) -> None:
    row = MonthFigures.objects.get(actor=counted.actor, month=timezone.localdate().replace(day=1))
    assert (row.published, row.followers, row.servers, row.refused) == (1, 3, 1, 2)


def test_a_month_ends_at_midnight_and_keeps_the_followers_of_its_last_day(world: World) -> None:
    """Fails if the followers of the day of counting are taken."""
    shared(world.actor, "page:801", datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
    shared(world.actor, "page:802", datetime(2026, 5, 1, 0, 0, tzinfo=UTC))
    LocalActor.objects.update(created=datetime(2026, 1, 1, tzinfo=UTC))
    remember(world.actor, date(2026, 4, 30), 7)
    remember(world.actor, date(2026, 5, 1), 9)
    count_months(datetime(2026, 5, 3, tzinfo=UTC))
    rows = MonthFigures.objects.filter(actor=world.actor).order_by("month").values_list("published", "followers")
    assert list(rows) == [(1, 7), (1, 9)]


def test_the_home_shows_an_editor_their_own_figures_and_nobody_elses(counted: World) -> None:
    """Fails if the panel counts all organisations, or names a server on which nobody follows this one."""
    text = read(log_in(make_editor(counted.mine)), "wagtailadmin_home")
    assert re.search(r'class="cw-big">\s*3\s*<', text)
    assert "two.example" in text
    assert "secret.example" not in text
    assert "Not for you" not in text


def test_the_home_names_the_oldest_delivery_that_waits(counted: World) -> None:
    assert "waiting for 1\xa0day" in read(log_in(make_editor(counted.mine)), "wagtailadmin_home")
    assert "waiting for 3\xa0days" in read(log_in(make_admin()), "wagtailadmin_home")


def test_what_has_waited_for_minutes_is_no_news(counted: World) -> None:
    PageFigures.objects.update(waiting_since=timezone.now() - timedelta(minutes=50))
    assert "Nothing waits for longer than an hour." in read(log_in(make_admin()), "wagtailadmin_home")


def test_who_edits_no_organisation_has_no_panel_and_no_figures(counted: World) -> None:
    user = make_coordinator()
    OrganisationPage.objects.all().delete()
    client = log_in(user)
    assert "Sharing (Mastodon and others)" not in read(client, "wagtailadmin_home")
    assert "Mine" not in read(client, MONTHS)


@pytest.mark.parametrize("name", [MONTHS, DAYS, PAGES])
def test_a_report_has_only_the_rows_of_ones_own_organisations(counted: World, name: str) -> None:
    own = read(log_in(make_editor(counted.mine)), name)
    assert "Mine" in own
    assert "Theirs" not in own
    assert "secret.example" not in own


@pytest.mark.parametrize("name", [MONTHS, DAYS, PAGES])
def test_a_coordinator_sees_all_partners(counted: World, name: str) -> None:
    text = read(log_in(make_coordinator()), name)
    assert "Mine" in text
    assert "Theirs" in text


@pytest.mark.parametrize("name", [MONTHS, DAYS, PAGES])
def test_what_an_editor_takes_along_is_their_own_too(counted: World, name: str) -> None:
    rows = take(log_in(make_editor(counted.mine)), name)
    assert len(rows) == 2
    assert "Theirs" not in str(rows)


def test_the_months_of_all_partners_are_taken_along_as_numbers(counted: World) -> None:
    rows = take(log_in(make_coordinator()), MONTHS)
    assert rows[0][0] == "Organisation"
    month = f"{timezone.localdate():%Y-%m}-01"
    assert ["Mine", "mine", month, "1", "3", "1", "2"] in rows


def test_a_title_that_begins_a_formula_gets_an_apostrophe(counted: World) -> None:
    """Fails if the title is written as it is."""
    titles = [row[0] for row in take(log_in(make_admin()), PAGES)]
    assert f"'{HOSTILE}" in titles
    assert HOSTILE not in titles


@pytest.mark.parametrize("name", [PAGES, "deliveries:index", "servers:index", "followers:index", "profiles:index"])
def test_no_cell_of_a_workbook_is_a_formula(counted: World, name: str) -> None:
    """Also with characters that no workbook may hold. Fails if those are not left out."""
    Delivery.objects.update(error="=1+1\x01\x0b")
    Peer.objects.update(hold_reason="=1+1\x01")
    answer: Any = log_in(make_admin()).get(reverse(name), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet.max_row > 1
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("name", ["profiles", "followers", "follow_requests", "deliveries", "waiting", "from_partners"])
def test_every_list_can_be_taken_along(counted: World, name: str) -> None:
    assert take(log_in(make_editor(counted.mine)), f"{name}:index")[0]


def test_a_plot_says_in_words_what_it_shows_and_its_numbers_stand_in_a_table(counted: World) -> None:
    """Fails if the picture has no name, or styles and scripts of its own, which a strict policy would drop."""
    for age in range(1, 20):
        remember(counted.actor, timezone.localdate() - timedelta(days=age), 100 + age)
    text = read(log_in(make_editor(counted.mine)), "wagtailadmin_home")
    drawn = re.search(r"<svg[^>]*cw-plot.*?</svg>", text, re.DOTALL)
    assert drawn
    picture = ET.fromstring(drawn[0])
    names = {node.get("id"): node.text for node in picture if node.tag in ("title", "desc")}
    assert all(names[name] for name in picture.get("aria-labelledby", "").split())
    assert picture.get("role") == "img"
    assert not re.search(r"style=|<style|<script|href=", drawn[0])
    assert all(f"<td>{100 + age}</td>" in text for age in range(1, 20))


def test_the_home_asks_as_much_of_the_database_with_a_hundred_followers(
    counted: World, django_assert_max_num_queries: Any
) -> None:
    client = log_in(make_editor(counted.mine))
    read(client, "wagtailadmin_home")
    with django_assert_max_num_queries(90) as few:
        read(client, "wagtailadmin_home")
    for number in range(100):
        make_follower(counted.actor, f"more{number}.example")
        make_peer(f"more{number}.example")
    Peer.objects.filter(origin__contains="more").update(failing_since=timezone.now() - timedelta(days=1))
    with django_assert_max_num_queries(len(few)):
        read(client, "wagtailadmin_home")


def test_the_panel_reads_no_table_of_followers_row_by_row(counted: World) -> None:
    """With 20,000 followers on 2,000 servers, the servers in trouble are found by their indexes."""
    from federation.admin.figures import troubles  # noqa: PLC0415 -- the admin loads after the tables are filled

    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO federation_peer (origin, created, blocked, scheme, shares_inbox, hold_reason, holds)
               SELECT 'https://n' || i || '.example', now(), false, '', true, '', 0 FROM generate_series(1, 2000) i"""
        )
        cursor.execute(
            """INSERT INTO federation_remoteactor (uri, peer_id, kind, handle, name, summary, url, icon_url, inbox,
                                                   shared_inbox, outbox, blocked, fetched_at)
               SELECT 'https://n' || (i % 2000 + 1) || '.example/users/' || i, 'https://n' || (i % 2000 + 1)
                      || '.example', 'Person', '', '', '', '', '', 'x', '', '', false, now()
                 FROM generate_series(1, 20000) i"""
        )
        cursor.execute(
            """INSERT INTO federation_follower (actor_id, remote_id, follow_uri, follow, created)
               SELECT %s, id, '', '{}', now() FROM federation_remoteactor WHERE inbox = 'x'""",
            [counted.actor.pk],
        )
        cursor.execute(
            "UPDATE federation_peer SET failing_since = now() - interval '2 days' WHERE origin LIKE 'https://n1_.example'"
        )
        cursor.execute("ANALYZE federation_peer, federation_remoteactor, federation_follower")
    plan = troubles(make_editor(counted.mine), timezone.now())[:6].explain()
    assert "Seq Scan on federation_follower" not in plan, plan
    assert "Seq Scan on federation_remoteactor" not in plan, plan
