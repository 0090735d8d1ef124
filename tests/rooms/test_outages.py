"""Servers that are away for days, by a clock that the test holds. When they are back everything arrives, coalesced, and
what came and went meanwhile was never there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.models import LocalActor, Peer
from federation.outbox.deliver import deliver, expire
from tests.factories.delivery import Clock, Sink, follow_from, run, sink, states
from tests.factories.fake_source import installed
from tests.factories.loopback import answer
from tests.factories.outages import TROUBLES, Away, away
from tests.factories.outbox import hide, organisation, publish, waiting, waiting_kinds

pytestmark = pytest.mark.django_db
HOURS_AWAY = 72


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Away]:
    with away(tmp_path) as made:
        yield made


def _told(server: Sink) -> list[tuple[str, str]]:
    """Kind and title of what was taken, each activity once; of a removal, whether its object was ever heard of."""
    said, known = [], set()
    for seen in {json.loads(seen.body)["id"]: seen for seen in server.seen}.values():
        activity = json.loads(seen.body)
        about = activity["object"]
        known |= {about["id"]} if activity["type"] == "Create" else set()
        said.append((activity["type"], about.get("name") or ("known" if about["id"] in known else "unknown")))
    return said


def _hour(server: Away, clock: Clock) -> None:
    deliver(now=clock, make_client=server.make_client, seconds=20)
    expire(clock.now)
    clock.pass_(hours=1)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_after_three_days_all_of_it_arrives_and_what_came_and_went_was_never_there(
    actor: LocalActor, clock: Clock, server: Away, trouble: str
) -> None:
    """Fails if ``supersede`` keeps whatever was tried, though it surely did not arrive (without ``unheard``): a probe
    has tried "Gone", so it appears and vanishes. Fails if 403 ends a delivery, and if a delivery lives for two days."""
    follow_from(actor, server.sink)
    publish(key="page:1", title="Old")
    publish(key="page:2", title="Withdrawn")
    _hour(server, clock)
    server.trouble = trouble
    for hour in range(HOURS_AWAY):
        if hour % 10 == 0:
            publish(key="page:1", title=f"Old, version {hour}", now=clock.now)
        if hour == 3:
            publish(key="page:3", title="Gone", now=clock.now)
            publish(key="page:4", title="New", now=clock.now)
        if hour == 40:
            publish(key="page:4", title="New, corrected", now=clock.now)
            hide("page:2", clock.now)
        if hour == 60:
            hide("page:3", clock.now)
        _hour(server, clock)
    server.sink.seen.clear()
    server.trouble = ""
    for _ in range(24):
        _hour(server, clock)
    told = _told(server.sink)
    assert sorted(told) == [
        ("Create", "New"),
        ("Delete", "unknown"),  # of "Withdrawn", which it had heard of before
        ("Update", "New, corrected"),
        ("Update", "Old, version 70"),
    ]
    assert told.index(("Create", "New")) < told.index(("Update", "New, corrected"))
    assert told[0][0] == "Delete" or trouble == "a firewall"
    assert not waiting().exists()


@pytest.mark.parametrize("status", [500, 502, 503])
def test_what_may_have_arrived_behind_a_broken_proxy_is_withdrawn_there(actor, clock: Clock, status: int) -> None:
    """Fails if every answer that is not a success counts as a no."""
    with sink(status, 202) as server:
        follow_from(actor, server)
        publish()
        run(clock)
        hide(now=clock.now)
        assert waiting_kinds() == ["Create", "Delete"]
        for _ in range(3):
            clock.pass_(hours=1)
            run(clock)
    assert [kind for kind, _ in _told(server)] == ["Create", "Delete"]


def test_a_time_out_counts_for_good_whatever_comes_after_it(actor: LocalActor, clock: Clock, server: Away) -> None:
    """Fails if the last attempt alone decides whether something was heard."""
    with sink(500, 403) as answering:
        follow_from(actor, answering)
        publish()
        run(clock)
        clock.pass_(minutes=5)
        run(clock)
    assert len(answering.seen) == 2
    hide(now=clock.now)
    assert waiting_kinds() == ["Create", "Delete"]


def test_one_poison_activity_delays_nobody_else_there(actor: LocalActor, clock: Clock) -> None:
    """The server breaks on one post, for ever. Fails if a failure holds the whole server at once."""
    with sink() as server:
        follow_from(actor, server)
        good = server.peer.reply
        server.peer.reply = lambda seen: answer(500) if b"Poison" in seen.body else good(seen)
        publish(key="page:0", title="Poison")
        for number in range(1, 30):
            publish(key=f"page:{number}", title=f"Good {number}", now=clock.now)
            run(clock)
            assert ("Create", f"Good {number}") in _told(server)
            assert server.row.held_until is None
            clock.pass_(hours=1)
    assert states() == ["waiting"] + ["accepted"] * 29


@pytest.mark.parametrize("status", [404, 410, 500])
def test_one_dead_inbox_on_a_server_with_many_delays_nobody_else_there(actor, clock: Clock, status: int) -> None:
    """Fails if lanes that fail tell of the whole server whichever inboxes they are for."""
    with sink() as server:
        for number in range(12):
            follow_from(actor, server, f"fan{number}", shared=False)
        server.at["/users/fan3/inbox"] = status
        for number in range(6):
            publish(key=f"page:{number}", now=clock.now)
            run(clock)
            assert server.row.held_until is None
            taken = {(seen.target, seen.body) for seen in server.seen if "fan3" not in seen.target}
            assert len(taken) == 11 * (number + 1)
            clock.pass_(hours=2)
            run(clock)  # now the dead inbox alone is tried, post after post
            clock.pass_(hours=2)
    assert Peer.objects.get().holds == 0
