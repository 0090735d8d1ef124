"""The admin's lists of sharing: what they show, to whom, and that they change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cms.models import OrganisationPage, User
from federation.actors.local import ensure_publisher
from federation.conf import source
from federation.models import Activity, Delivery, Follower, Following, LocalActor, Peer, RemoteActor, RemoteObject
from tests.factories.cms_pages import make_organisation
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.made_once import afresh, made_once

pytestmark = pytest.mark.django_db

LISTS = ["profiles", "followers", "deliveries", "from_partners"]
HOSTILE = "<script>alert(1)</script>"


def _with_traffic(organisation: OrganisationPage, name: str) -> LocalActor:
    """The organisation's profile with a follower, a waiting delivery and an item that came, all called ``name``."""
    now = timezone.now()
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    actor, _ = ensure_publisher(publisher, now)
    peer = Peer.objects.create(origin=f"https://{name}.example")
    uri = f"https://{name}.example/users/reader"
    remote = RemoteActor.objects.create(
        uri=uri, peer=peer, kind="Person", handle=f"reader@{name}.example", name=HOSTILE, inbox=uri, fetched_at=now
    )
    Follower.objects.create(actor=actor, remote=remote)
    Following.objects.create(actor=actor, remote=remote, follow_uri=f"https://hub.example/ap/activities/{name}")
    activity = Activity.objects.create(
        uri=f"https://hub.example/ap/activities/create-{name}",
        actor=actor,
        kind="Create",
        lane="x",
        body=b"",
        created=now,
    )
    Delivery.objects.create(
        activity=activity, peer=peer, inbox=uri, lane="x", created=now, next_attempt=now, error=f"{HOSTILE} {name}"
    )
    RemoteObject.objects.create(
        uri=f"{uri}/1", actor=remote, kind="Article", title=f"{HOSTILE} {name}", received_at=now
    )
    return actor


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[OrganisationPage, ...]]:
    with made_once(django_db_blocker):
        mine, theirs = make_organisation("Mine", handle="mine"), make_organisation("Theirs", handle="theirs")
        _with_traffic(mine, "alpha")
        _with_traffic(theirs, "omega")
        yield mine, theirs


@pytest.fixture
def neighbours(made: tuple[OrganisationPage, ...]) -> tuple[OrganisationPage, ...]:
    return afresh(made)


def _log_in(user: User) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def _list(client: Client, name: str) -> str:
    answer = client.get(reverse(f"{name}:index"))
    assert answer.status_code == 200, answer
    return answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_an_editor_sees_only_their_own_rows(neighbours: Any, name: str) -> None:
    text = _list(_log_in(make_editor(neighbours[0])), name)
    assert ("alpha" in text) or ("@mine@" in text)
    assert "omega" not in text
    assert "@theirs@" not in text


@pytest.mark.parametrize("name", [*LISTS, "servers"])
def test_an_administrator_sees_all(neighbours: Any, name: str) -> None:
    text = _list(_log_in(make_admin()), name)
    assert ("alpha" in text and "omega" in text) or ("@mine@" in text and "@theirs@" in text)


@pytest.mark.parametrize("name", LISTS)
def test_what_strangers_wrote_is_shown_as_text(neighbours: Any, name: str) -> None:
    assert HOSTILE not in _list(_log_in(make_admin()), name)


def test_an_editor_sees_what_somebody_shared_whom_their_organisation_follows(neighbours: Any) -> None:
    item, partner = RemoteObject.objects.get(title__contains="omega"), RemoteActor.objects.get(uri__contains="alpha")
    client = _log_in(make_editor(neighbours[0]))
    RemoteObject.objects.filter(pk=item.pk).update(shared_by=partner)
    text = _list(client, "from_partners")
    assert "omega" in text
    assert "@reader@alpha.example" in text
    assert client.get(reverse("from_partners:inspect", args=[item.pk])).status_code == 200


def test_an_editor_cannot_open_the_list_of_servers(neighbours: Any) -> None:
    answer = _log_in(make_editor(neighbours[0])).get(reverse("servers:index"))
    assert answer.status_code in (302, 403)


@pytest.mark.parametrize(
    ("name", "model"), [("followers", Follower), ("deliveries", Delivery), ("from_partners", RemoteObject)]
)
def test_a_neighbours_row_does_not_exist_for_an_editor(neighbours: Any, name: str, model: Any) -> None:
    client = _log_in(make_editor(neighbours[0]))
    statuses = {client.get(reverse(f"{name}:inspect", args=[row.pk])).status_code for row in model.objects.all()}
    assert statuses == {200, 404}


@pytest.mark.parametrize("verb", ["add", "edit", "delete"])
def test_nobody_changes_a_follower_by_hand(neighbours: Any, verb: str) -> None:
    row = Follower.objects.first()
    assert row is not None
    answer = _log_in(make_admin()).post(reverse(f"followers:{verb}", args=[] if verb == "add" else [row.pk]))
    assert answer.status_code in (302, 403, 404)
    assert Follower.objects.count() == 2


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_the_same_queries_however_long_it_is(
    neighbours: Any, name: str, django_assert_max_num_queries: Any
) -> None:
    client = _log_in(make_admin())
    _list(client, name)
    with django_assert_max_num_queries(40) as short:
        _list(client, name)
    _with_traffic(make_organisation("Third", handle="third"), "gamma")
    with django_assert_max_num_queries(len(short)):
        _list(client, name)


@pytest.mark.parametrize("name", [*LISTS, "servers"])
def test_every_row_leads_to_all_that_is_known_of_it(neighbours: Any, name: str) -> None:
    client = _log_in(make_admin())
    found = re.search(rf'href="(/admin/{name}/inspect/[^"]+)"', _list(client, name))
    assert found
    answer = client.get(found[1])
    assert answer.status_code == 200
    assert ">None<" not in re.sub(r"\s+", "", answer.content.decode())
