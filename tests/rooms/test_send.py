"""Who hears an activity, and what a later one makes needless."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from federation.models import Activity, Delivery, LocalActor, Peer, PublishedObject, Reach
from federation.outbox.send import Kind, pair_lane, send_to_one
from federation.signatures.proofs import proof_method
from tests.factories.fake_source import installed
from tests.factories.inbound import remote_actor
from tests.factories.outbox import NOW, body, follow, hide, organisation, publish, waiting, waiting_kinds

pytestmark = pytest.mark.django_db
FAN = "https://peer.example/users/fan"
INBOX = f"{FAN}/inbox"


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


def _inboxes(kind: str) -> list[str]:
    return sorted(Delivery.objects.filter(activity__kind=kind).values_list("inbox", flat=True))


def _accept_all() -> None:
    waiting().update(state="accepted", first_attempt=NOW, attempts=1)


def test_five_hundred_followers_on_three_servers_are_three_deliveries(actor: LocalActor) -> None:
    for number in range(500):
        host = f"https://peer{number % 3}.example"
        follow(actor, f"{host}/users/{number}", shared_inbox=f"{host}/inbox")
    publish()
    assert _inboxes("Create") == [f"https://peer{n}.example/inbox" for n in range(3)]


def test_without_a_shared_inbox_each_follower_is_a_delivery_to_one_server(actor: LocalActor) -> None:
    for name in ("a", "b"):
        follow(actor, f"https://gts.example/users/{name}")
    publish()
    assert _inboxes("Create") == ["https://gts.example/users/a/inbox", "https://gts.example/users/b/inbox"]
    assert set(Delivery.objects.values_list("peer_id", flat=True)) == {"https://gts.example"}


def test_the_cost_of_sending_does_not_grow_with_the_followers(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish(key="page:6")  # parses keys
    with CaptureQueriesContext(connection) as few:
        publish()
    for number in range(50):
        follow(actor, f"https://peer{number}.example/users/x")
    with CaptureQueriesContext(connection) as many:
        publish(key="page:8")
    assert len(many) == len(few)


def test_our_own_host_is_left_out(actor: LocalActor) -> None:
    follow(actor, "https://hub.example/ap/actors/other")
    publish()
    assert _inboxes("Create") == []


@pytest.mark.parametrize("where", ["peer", "actor", "gone"])
def test_blocked_servers_and_people_and_those_who_are_gone_are_left_out(actor: LocalActor, where: str) -> None:
    remote = follow(actor, FAN).remote
    if where == "peer":
        Peer.objects.update(blocked=True)
    elif where == "actor":
        type(remote).objects.update(blocked=True)
    else:
        type(remote).objects.update(gone_at=NOW)
    publish()
    assert _inboxes("Create") == []


def test_an_inbox_on_another_host_than_its_owner_belongs_to_that_server(actor: LocalActor) -> None:
    follow(actor, FAN, inbox="https://Inbox.Example:443/x")
    publish()
    assert Delivery.objects.get().peer_id == "https://inbox.example"


def test_an_inbox_on_a_blocked_host_is_left_out_wherever_its_owner_lives(actor: LocalActor) -> None:
    Peer.objects.create(origin="https://inbox.example", blocked=True)
    follow(actor, FAN, inbox="https://inbox.example/x")
    publish()
    assert _inboxes("Create") == []


def test_whoever_was_reached_is_told_of_changes_also_after_unfollowing(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    _accept_all()
    actor.followers.all().delete()
    publish(title="Corrected")
    hide()
    assert (_inboxes("Update"), _inboxes("Delete")) == ([INBOX], [INBOX])


def test_a_server_that_fetched_it_hears_of_its_withdrawal(actor: LocalActor) -> None:
    publish()
    peer = Peer.objects.create(origin="https://reader.example")
    Reach.objects.create(object=PublishedObject.objects.get(), inbox="https://reader.example/inbox", peer=peer)
    hide()
    assert _inboxes("Delete") == ["https://reader.example/inbox"]


def test_a_new_follower_hears_of_changes_and_may_hear_of_the_withdrawal(actor: LocalActor) -> None:
    publish()
    follow(actor, FAN)
    publish(title="Corrected")
    _accept_all()
    hide()
    assert (_inboxes("Create"), _inboxes("Update"), _inboxes("Delete")) == ([], [INBOX], [INBOX])


def test_updates_that_nobody_has_taken_become_the_newest(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    _accept_all()
    for number in range(4):
        publish(title=f"Version {number}")
    assert waiting_kinds() == ["Update"]
    assert json.loads(bytes(waiting().get().activity.body))["object"]["name"] == "Version 3"


def test_an_update_that_a_pump_has_taken_stays_and_goes_first(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    _accept_all()
    publish(title="One")
    waiting().update(first_attempt=NOW)
    publish(title="Two")
    assert waiting_kinds() == ["Update", "Update"]


def test_what_is_published_edited_and_withdrawn_unseen_was_never_said(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    for number in range(5):
        publish(title=f"Version {number}")
    hide()
    assert waiting_kinds() == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped"}


def test_after_a_try_whose_end_nobody_saw_the_create_goes_first_and_then_the_delete(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    waiting().update(first_attempt=NOW, attempts=1)
    publish(title="Corrected")
    hide()
    assert waiting_kinds() == ["Create", "Delete"]


def test_each_inbox_is_judged_by_itself(actor: LocalActor) -> None:
    follow(actor, FAN)
    follow(actor, "https://other.example/users/fan")
    publish()
    waiting().filter(inbox=INBOX).update(state="accepted", first_attempt=NOW)
    hide()
    assert waiting_kinds(INBOX) == ["Delete"]
    assert waiting_kinds("https://other.example/users/fan/inbox") == []


def test_another_epochs_withdrawal_is_not_dropped_with_a_new_create(actor: LocalActor) -> None:
    follow(actor, FAN)
    publish()
    _accept_all()
    hide()
    publish()
    hide()
    assert waiting_kinds() == ["Delete"]
    assert waiting().get().activity.object.published == NOW


def test_an_answer_goes_to_the_personal_inbox_first_and_nobody_else_may_read_it(actor: LocalActor) -> None:
    remote = remote_actor(FAN, shared_inbox="https://peer.example/inbox")
    lane = pair_lane(actor, remote)
    activity = send_to_one(
        actor, lambda uri: {"id": uri, "type": "Accept"}, remote, kind=Kind.ACCEPT, lane=lane, now=NOW
    )
    sent = Delivery.objects.get()
    assert (sent.inbox, sent.first, sent.lane, activity.public) == (INBOX, True, lane, False)
    assert proof_method(json.loads(bytes(activity.body))) is None


def test_nothing_is_answered_to_a_blocked_server(actor: LocalActor) -> None:
    remote = remote_actor(FAN)
    Peer.objects.update(blocked=True)
    send_to_one(actor, lambda uri: {"id": uri}, remote, kind=Kind.REJECT, lane="x", now=NOW)
    assert not Delivery.objects.exists()


def test_an_activity_knows_its_own_id(actor: LocalActor) -> None:
    publish()
    activity = Activity.objects.get()
    assert body("Create")["id"] == activity.uri == f"https://hub.example/ap/activities/{activity.pk}"
