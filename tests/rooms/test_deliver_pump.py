"""The pump on loopback: what goes out, in which order, signed how, and what it does when a server does not want it."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from datetime import datetime, timedelta

import pytest

from federation.models import Delivery, Instance, LocalActor, Peer, RemoteActor
from federation.outbox import speaking
from federation.outbox.deliver import deliver, expire
from federation.outbox.lease import LEASE, Leaser
from federation.outbox.publishers import tell_profile
from federation.signatures.digest import digest_matches
from tests.factories.delivery import Clock, follow_from, run, sink, states
from tests.factories.fake_source import FakeSource, installed
from tests.factories.loopback import client_for
from tests.factories.outbox import NOW, ORG, follow, hide, organisation, publish, waiting, waiting_kinds
from tests.factories.publications import make_publisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _kinds(server) -> list[str]:
    return [json.loads(seen.body)["type"] for seen in server.seen]


def test_what_is_published_arrives_signed(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        assert run(clock) is False
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/inbox")
    assert seen.headers["content-type"] == "application/activity+json"
    assert f'keyId="{actor.uri}#main-key"' in seen.headers["signature"]
    assert digest_matches(seen.headers["digest"], seen.body)
    assert states() == ["accepted"]


def test_everybody_gets_the_same_bytes(actor: LocalActor, clock: Clock) -> None:
    with sink() as one, sink() as two:
        follow_from(actor, one)
        follow_from(actor, two)
        publish()
        run(clock)
    assert one.seen[0].body == two.seen[0].body


def test_a_server_is_sent_everything_over_one_connection(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        for number in range(15):
            publish(key=f"page:{number}")
        run(clock)
    assert len(server.seen) == 15
    assert {seen.connection for seen in server.seen} == {1}


def test_one_lane_keeps_its_order(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        waiting().update(first_attempt=NOW)
        publish(title="Corrected")
        waiting().update(first_attempt=NOW)
        hide()
        publish()
        run(clock)
    assert _kinds(server) == ["Create", "Update", "Delete", "Create"]


def test_withdrawals_and_answers_go_before_other_lanes(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish(key="page:1")
        Delivery.objects.update(state="accepted", first_attempt=NOW)
        publish(key="page:2")
        hide("page:1")
        run(clock)
    assert _kinds(server) == ["Delete", "Create"]


@pytest.mark.parametrize("status", [400, 401])
def test_a_server_that_wants_the_other_scheme_gets_the_same_body_once_more(actor, clock, status: int) -> None:
    with sink(status, 202) as server:
        follow_from(actor, server)
        publish()
        run(clock)
        first, second = server.seen
        assert first.body == second.body
        assert ("signature-input" in first.headers, "signature-input" in second.headers) == (False, True)
        assert server.row.scheme == "rfc9421"
    assert states() == ["accepted"]


def test_what_a_server_took_is_tried_first_for_seven_days(actor: LocalActor, clock: Clock) -> None:
    with sink(401, 202) as server:
        follow_from(actor, server)
        publish()
        run(clock)
        clock.pass_(days=6)
        publish(key="page:8", now=clock.now)
        run(clock)
        clock.pass_(days=2)
        publish(key="page:9", now=clock.now)
        run(clock)
    assert ["signature-input" in seen.headers for seen in server.seen] == [False, True, True, False]


@pytest.mark.parametrize(
    ("status", "tries", "state"),
    [
        (400, 2, "refused"),
        (401, 2, "waiting"),
        (403, 1, "waiting"),
        (404, 1, "waiting"),
        (405, 1, "waiting"),
        (410, 1, "refused"),
        (413, 1, "refused"),
        (415, 1, "refused"),
        (422, 1, "refused"),
        (500, 1, "waiting"),
        (501, 1, "waiting"),
        (302, 1, "waiting"),
    ],
)
def test_every_status_has_its_consequence(actor, clock, status: int, tries: int, state: str) -> None:
    with sink(status) as server:
        follow_from(actor, server)
        publish()
        run(clock)
    assert (len(server.seen), states()) == (tries, [state])
    row = Delivery.objects.get()
    assert (row.status, row.error, row.attempts) == (status, "because", 1)


def test_a_failure_of_one_lane_delays_only_that_lane(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server, "ana", shared=False)
        follow_from(actor, server, "ben", shared=False)
        server.at["/users/ana/inbox"] = 500
        publish()
        run(clock)
        assert server.row.held_until is None
    assert sorted(states()) == ["accepted", "waiting"]
    later = waiting().get().next_attempt - clock.now
    assert timedelta(seconds=15) <= later <= timedelta(seconds=45)


def test_three_lanes_that_fail_without_a_success_hold_the_server(actor: LocalActor, clock: Clock) -> None:
    with sink(500) as server:
        follow_from(actor, server)
        for number in range(5):
            publish(key=f"page:{number}")
        run(clock)
        assert len(server.seen) == 3
        assert server.row.held_until > clock.now


def test_three_lanes_may_fail_one_after_the_other(actor: LocalActor, clock: Clock) -> None:
    with sink(500) as server:
        follow_from(actor, server)
        for number in range(3):
            publish(key=f"page:{number}")
            assert Peer.objects.get().held_until is None
            run(clock)
        assert server.row.held_until > clock.now


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_held_as_long_as_it_asks(actor: LocalActor, clock: Clock, status: int) -> None:
    with sink(status, retry_after="90") as server:
        follow_from(actor, server)
        publish(key="page:1")
        publish(key="page:2")
        run(clock)
        assert len(server.seen) == 1
        assert server.row.held_until == clock.now + timedelta(seconds=90)


def test_what_waited_behind_a_held_server_counts_as_never_tried(actor: LocalActor, clock: Clock) -> None:
    with sink(503) as server:
        follow_from(actor, server)
        publish(key="page:1")
        publish(key="page:2")
        run(clock)
    hide("page:2")
    assert waiting_kinds() == ["Create"]


def test_a_held_server_is_probed_once_and_then_gets_everything(actor: LocalActor, clock: Clock) -> None:
    with sink(503, 503, 202) as server:
        follow_from(actor, server)
        for number in range(4):
            publish(key=f"page:{number}")
        run(clock)
        run(clock)
        assert len(server.seen) == 1
        clock.pass_(minutes=1)
        run(clock)
        assert (len(server.seen), server.row.holds) == (2, 2)
        clock.pass_(minutes=5)
        run(clock)
        assert (server.row.holds, server.row.held_until, server.row.failing_since) == (0, None, None)
    assert states() == ["accepted"] * 4


def test_a_withdrawal_goes_first_when_a_server_is_back(actor: LocalActor, clock: Clock) -> None:
    with sink(202, 503, 202) as server:
        follow_from(actor, server)
        publish(key="page:1")
        run(clock)
        publish(key="page:2")
        run(clock)
        hide("page:1")
        clock.pass_(minutes=1)
        run(clock)
    assert _kinds(server) == ["Create", "Create", "Delete", "Create"]


def test_an_answer_that_is_not_a_success_does_not_close_the_breaker(actor: LocalActor, clock: Clock) -> None:
    with sink(503, 404) as server:
        follow_from(actor, server)
        publish()
        run(clock)
        clock.pass_(minutes=1)
        run(clock)
        assert server.row.holds == 2
        assert server.row.held_until > clock.now


def test_a_server_that_is_not_there_is_held_and_the_others_are_not(actor: LocalActor, clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = f"http://127.0.0.1:{listener.getsockname()[1]}"
    follow(actor, f"{dead}/users/fan")
    with sink() as alive:
        follow_from(actor, alive)
        publish()
        run(clock)
        assert len(alive.seen) == 1
    assert Peer.objects.get(pk=dead).holds == 1
    assert sorted(states()) == ["accepted", "waiting"]


def test_several_sends_that_fail_together_are_one_rest(actor: LocalActor, clock: Clock) -> None:
    with sink(503) as server:
        for name in ("a", "b", "c", "d", "e"):
            follow_from(actor, server, name, shared=False)
        publish()
        run(clock)
        assert 1 <= len(server.seen) <= 4
        assert server.row.holds == 1


def test_after_a_time_out_the_create_goes_and_then_the_delete(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        silent = threading.Event()
        good, server.peer.reply = server.peer.reply, lambda seen: [] if silent.wait(5) else b""
        publish()
        run(clock, idle=0.2, total=0.4)
        silent.set()
        server.peer.reply = good
        server.peer.seen.clear()
        hide()
        clock.pass_(minutes=5)
        run(clock)
    assert _kinds(server) == ["Create", "Delete"]


def test_an_address_that_our_guard_refuses_is_never_tried_again(actor: LocalActor, clock: Clock) -> None:
    follow(actor, "https://10.0.0.1/users/fan")
    publish()
    run(clock)
    row = Delivery.objects.get()
    assert (row.state, row.status) == ("refused", None)


def test_an_inbox_that_is_gone_ends_its_delivery_and_nobodys_follow(actor: LocalActor, clock: Clock) -> None:
    with sink(410) as server:
        follow_from(actor, server, shared=False)
        publish()
        run(clock)
    assert (states(), RemoteActor.objects.get().gone_at) == (["refused"], None)


def test_nothing_goes_out_while_everything_rests(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        speaking.pause("for a test")
        run(clock)
        assert (server.seen, states()) == ([], ["waiting"])
        speaking.resume()
        run(clock)
        assert len(server.seen) == 1


def test_nothing_of_a_paused_organisation_goes_out(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        LocalActor.objects.update(paused=True)
        run(clock)
        assert server.seen == []
        LocalActor.objects.update(paused=False)
        run(clock)
        assert len(server.seen) == 1


def test_a_server_that_was_blocked_meanwhile_gets_nothing(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        Peer.objects.update(blocked=True)
        run(clock)
        assert (server.seen, states()) == ([], ["dropped"])


def test_servers_with_personal_inboxes_only_are_sent_to_four_at_once_and_others_one_by_one(actor) -> None:
    for number in range(6):
        follow(actor, f"https://gts.example/users/{number}")
        follow(actor, f"https://masto.example/users/{number}")
    Peer.objects.filter(pk="https://masto.example").update(shares_inbox=True)
    publish()
    found = Leaser().lease(10, NOW, 0.0, troubled=False)
    assert {d.origin: d.width for d in found} == {"https://gts.example": 4, "https://masto.example": 1}


def test_a_lease_is_for_twenty_items_at_most(actor: LocalActor) -> None:
    for number in range(25):
        follow(actor, f"https://gts.example/users/{number}")
    publish()
    (destination,) = Leaser().lease(10, NOW, 0.0, troubled=False)
    assert len(destination.items) == 20


def test_a_leased_server_is_nobody_elses_until_the_lease_ends(actor: LocalActor) -> None:
    follow(actor, "https://peer.example/users/fan")
    publish()
    assert len(Leaser().lease(10, NOW, 0.0, troubled=False)) == 1
    assert Leaser().lease(10, NOW + LEASE - timedelta(seconds=1), 0.0, troubled=False) == []
    assert len(Leaser().lease(10, NOW + LEASE, 0.0, troubled=False)) == 1


def test_what_a_killed_pump_had_taken_is_sent_when_its_lease_ends(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        Leaser().lease(10, clock.now, 0.0, troubled=False)  # and then nothing more is heard of that pump
        run(clock)
        assert server.seen == []
        clock.now += LEASE
        run(clock)
        assert (len(server.seen), states()) == (1, ["accepted"])


def test_an_outcome_under_a_lease_that_somebody_else_has_now_changes_nothing(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        good = server.peer.reply
        taken = threading.Event()

        def reply(seen):
            taken.wait(5)
            return good(seen)

        server.peer.reply = reply

        def steal() -> bool:
            """Asked in the main thread, while the request is under way."""
            if server.seen and not taken.is_set():
                Peer.objects.update(lease_token=uuid.uuid4())
                taken.set()
            return False

        deliver(now=clock, make_client=client_for, stopping=steal)
    assert states() == ["waiting"]
    assert Delivery.objects.get().attempts == 0
    assert Peer.objects.get().lease_token is not None


def test_a_run_that_must_end_gives_back_what_it_has_not_tried(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        for number in range(5):
            publish(key=f"page:{number}")
        assert deliver(now=clock, make_client=client_for, stopping=lambda: len(server.seen) > 0) is True
        sent = len(server.seen)
    assert 1 <= sent <= 5
    assert Delivery.objects.filter(state="waiting", first_attempt=None).count() == 5 - sent
    assert Peer.objects.get().lease_token is None


def test_a_dead_server_does_not_take_the_threads_of_the_living(actor: LocalActor, settings) -> None:
    for number in range(40):
        follow(actor, f"https://dead{number}.example/users/x")
    Peer.objects.update(holds=3, held_until=NOW - timedelta(seconds=1))
    publish()
    assert Leaser().lease(10, NOW, 0.0, troubled=False) == []
    assert [len(d.items) for d in Leaser().lease(4, NOW, 0.0, troubled=True)] == [1] * 4


def test_every_server_gets_its_turn(actor: LocalActor) -> None:
    for number in range(5):
        follow(actor, f"https://peer{number}.example/users/x")
    publish()
    leaser, seen = Leaser(), []
    for _ in range(3):
        seen += [d.origin for d in leaser.lease(2, NOW, 0.0, troubled=False)]
    assert seen == [f"https://peer{number}.example" for number in range(5)]


def test_what_waits_behind_a_server_that_is_dead_for_a_week_is_given_up_but_no_withdrawal(actor: LocalActor) -> None:
    follow(actor, "https://peer.example/users/fan")
    publish(key="page:1")
    Delivery.objects.update(state="accepted", first_attempt=NOW)
    publish(key="page:2")
    hide("page:1")
    Peer.objects.update(failing_since=NOW)
    assert expire(NOW + timedelta(days=6)) == 0
    assert expire(NOW + timedelta(days=7)) == 1
    assert waiting_kinds() == ["Delete"]
    assert expire(NOW + timedelta(days=90)) == 1


def test_what_waits_for_another_reason_than_a_dead_server_is_kept(actor: LocalActor) -> None:
    """A pause, for example. Fails if a server that never failed counts as one that always did."""
    follow(actor, "https://peer.example/users/fan")
    publish()
    assert expire(NOW + timedelta(days=400)) == 0


def _rename(name: str, now: datetime) -> None:
    FakeSource.publishers[ORG] = make_publisher(key=ORG, handle="partner", name=name)
    assert tell_profile(ORG, now)


def test_a_changed_profile_waits_for_ninety_days_behind_a_dead_server(actor: LocalActor) -> None:
    """Fails if ``expire`` gives up every Update after seven days."""
    follow(actor, "https://peer.example/users/fan")
    _rename("Other", NOW)
    Peer.objects.update(failing_since=NOW)
    assert expire(NOW + timedelta(days=89)) == 0
    assert expire(NOW + timedelta(days=90)) == 1


def test_a_server_that_comes_back_after_weeks_gets_the_newest_profile_last(actor: LocalActor, clock: Clock) -> None:
    """Fails if ``lease`` takes only Deletes for lasting: the second attempt, after 30 days, is then the last."""
    with sink(503, 503, 202) as server:
        follow_from(actor, server)
        _rename("Second", clock.now)
        run(clock)
        clock.pass_(days=30)
        for name in ("Third", "Fourth"):
            _rename(name, clock.now)
        run(clock)
        clock.pass_(days=1)
        run(clock)
        told = [json.loads(seen.body)["object"]["name"] for seen in server.seen]
    assert told == ["Second", "Second", "Second", "Fourth"]


def test_a_copy_of_the_database_says_nothing(actor: LocalActor, clock: Clock) -> None:
    with sink() as server:
        follow_from(actor, server)
        publish()
        speaking.voice()
        Instance.objects.update(database="elsewhere/1")
        run(clock)
    assert server.seen == []
