"""Servers with personal inboxes only are sent to no faster than they allow, also by a worker that starts anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation.models import Delivery, LocalActor, Peer
from federation.outbox.deliver import find_overdue
from federation.outbox.lease import Leaser
from federation.outbox.pace import BURST, TURN
from tests.factories import loopback
from tests.factories.delivery import Clock, follow_from, run, sink
from tests.factories.fake_source import installed
from tests.factories.outbox import follow, organisation, publish, waiting

pytestmark = pytest.mark.django_db
LOOK = timedelta(seconds=5)  # how often a worker looks


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Limiter:
    """As GoToSocial counts: 300 requests in each five minutes from one address, then 429 until the five are over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.window, self.count = clock.now, 0
        self.statuses: list[int] = []

    def __call__(self, seen: loopback.Seen) -> bytes:
        while self.clock.now >= self.window + timedelta(minutes=5):
            self.window, self.count = self.window + timedelta(minutes=5), 0
        self.count += 1
        self.statuses.append(202 if self.count <= 300 else 429)
        return loopback.answer(self.statuses[-1], retry_after="300")


def _personal(actor: LocalActor, server, count: int) -> None:
    for number in range(count):
        follow_from(actor, server, f"fan{number}", shared=False)


def test_four_hundred_followers_with_inboxes_of_their_own_cause_no_429(actor: LocalActor, clock: Clock) -> None:
    """Fails if ``lease`` does not count what it takes, and if a turn is half as long."""
    with sink() as server:
        server.peer.reply = limiter = Limiter(clock)
        _personal(actor, server, 400)
        publish()
        looks = 0
        while waiting().exists() and looks < 200:
            run(clock)
            clock.now += LOOK
            looks += 1
    assert set(limiter.statuses) == {202}
    assert len(limiter.statuses) == 400
    assert clock.now - publish_time() <= 400 * TURN + LOOK


def publish_time():
    return Delivery.objects.earliest("created").created


def test_a_pump_that_is_killed_again_and_again_does_not_begin_with_a_burst_each_time(actor: LocalActor, clock) -> None:
    """Fails if what was sent is noted with its outcome, and not before it is sent."""
    for number in range(60):
        follow(actor, f"https://gts.example/users/{number}")
    publish()
    taken = 0
    for _ in range(10):
        found = Leaser().lease(10, clock.now, 0.0, troubled=False)
        taken += sum(len(destination.items) for destination in found)
        Peer.objects.update(lease_until=clock.now)  # of a pump of which nothing more is heard
        clock.now += timedelta(seconds=1)
    assert taken == BURST + 4


def test_a_shared_inbox_is_sent_to_as_fast_as_it_answers(actor: LocalActor, clock: Clock) -> None:
    """Fails if all servers are paced alike."""
    with sink() as server:
        follow_from(actor, server)
        for number in range(BURST + 5):
            publish(key=f"page:{number}")
        run(clock)
    assert len(server.seen) == BURST + 5


def test_a_crowd_that_is_sent_to_slowly_is_no_alarm_and_one_that_nobody_sends_to_is(actor: LocalActor, clock) -> None:
    """Fails if ``find_overdue`` does not know of the pace."""
    for number in range(60):
        follow(actor, f"https://gts.example/users/{number}")
    publish()
    clock.pass_(minutes=20)
    Leaser().lease(10, clock.now, 0.0, troubled=False)
    Peer.objects.update(lease_until=None)
    assert find_overdue(clock.now) is None
    clock.pass_(minutes=20)
    assert find_overdue(clock.now) is not None
