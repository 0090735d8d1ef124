"""Leases, when time passes in odd ways: a machine that slept, a clock that was set, a holder that still sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest

from federation.models import Delivery, LocalActor, Peer
from federation.outbox.deliver import deliver
from federation.outbox.lease import LEASE, Leaser
from tests.factories.delivery import Clock, Sink, follow_from, run, sink, states
from tests.factories.fake_source import installed
from tests.factories.loopback import client_for
from tests.factories.outbox import organisation, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _during_the_first_request(server: Sink, happens: Callable[[], object], *, wait: float = 0.0) -> threading.Event:
    """``happens`` while the first request is under way; its answer comes ``wait`` seconds later."""
    good, once, answered = server.peer.reply, threading.Lock(), threading.Event()

    def reply(seen):
        if once.acquire(blocking=False):
            happens()
            threading.Event().wait(wait)
            answered.set()
        return good(seen)

    server.peer.reply = reply
    return answered


def _ids(server: Sink) -> list[str]:
    return [json.loads(seen.body)["id"] for seen in server.seen]


def test_a_pump_whose_own_lease_ran_out_unnoticed_sends_again_and_carries_on(actor: LocalActor, clock: Clock) -> None:
    """The machine slept for longer than a lease, or its clock was set. Fails with a KeyError, and with the outcomes of
    all servers lost, if the pump keeps its servers by origin alone and the end of the old lease removes the new one."""
    with sink() as server, sink() as other:
        follow_from(actor, server)
        publish(key="page:1")
        answered = _during_the_first_request(server, lambda: clock.pass_(seconds=LEASE.total_seconds()), wait=2.0)
        follow_from(actor, other)
        publish(key="page:2")
        good = other.peer.reply
        other.peer.reply = lambda seen: good(seen) if answered.wait(20) and not threading.Event().wait(1.0) else b""
        run(clock)
        assert len(set(_ids(server))) == 2
        assert len(_ids(server)) > 2  # the first went twice: nobody knew what came of it
    assert set(states()) == {"accepted"}
    assert not Peer.objects.exclude(lease_token=None).exists()


def test_nothing_more_is_begun_under_a_lease_that_everybodys_clock_has_ended(actor: LocalActor, clock: Clock) -> None:
    """A clock that stands still while a machine sleeps knows nothing of it. Fails if ``pump`` asks only that one: the
    sleeper then sends what somebody else, who has the server now, may have withdrawn since."""
    with sink() as server:
        follow_from(actor, server)
        for number in range(5):
            publish(key=f"page:{number}")

        taken = threading.Event()

        def lose_it() -> bool:
            """Asked in the main thread, while the request is under way."""
            if server.seen and not taken.is_set():
                clock.pass_(seconds=LEASE.total_seconds())
                assert len(Leaser().lease(10, clock(), 0.0, troubled=False)) == 1
                taken.set()
            return False

        _during_the_first_request(server, lambda: taken.wait(20))
        deliver(now=clock, make_client=client_for, stopping=lose_it)
        assert len(server.seen) == 1
    assert states() == ["waiting"] * 5
    assert Delivery.objects.filter(first_attempt=None).count() == 0  # the other one has them
