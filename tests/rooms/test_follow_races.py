"""An editor decides about somebody in the very moment in which that person takes it back, on two real connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from federation.models import Activity, Follower, FollowRequest, LocalActor, RemoteActor
from federation.outbox import followers
from tests.factories.fake_source import installed
from tests.factories.inbound import ANA, remote_actor, said
from tests.factories.outbox import organisation

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


def _elsewhere(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            with transaction.atomic():
                work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _until_somebody_waits() -> None:
    """For a lock, in this database. Ends as well when nobody does: then the test shows what comes of it."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)


def _request(actor: LocalActor) -> FollowRequest:
    follow = said("Follow", actor.uri)
    remote = remote_actor()
    return FollowRequest.objects.create(actor=actor, remote=remote, follow=follow, decision="approved")


def test_who_takes_a_request_back_while_it_is_approved_is_no_follower(actor: LocalActor) -> None:
    """The Undo comes while the worker lets them in. Fails if neither holds the person: the Undo finds no follower yet,
    and the follower stays for ever."""
    request = _request(actor)
    with transaction.atomic():
        followers._settle(request.pk, NOW)
        undo = _elsewhere(lambda: followers.forget(ANA, actor__uri=actor.uri))
        _until_somebody_waits()
    undo.join(PATIENCE)
    assert (Follower.objects.count(), FollowRequest.objects.count()) == (0, 0)


def test_who_took_a_request_back_a_moment_before_is_not_let_in(actor: LocalActor) -> None:
    """The other way round. Fails if the worker goes by what it read before it had to wait."""
    request = _request(actor)
    with transaction.atomic():
        followers.forget(ANA, actor__uri=actor.uri)
        work = _elsewhere(lambda: followers._settle(request.pk, NOW))
        _until_somebody_waits()
    work.join(PATIENCE)
    assert (Follower.objects.count(), Activity.objects.count()) == (0, 0)


def test_who_asks_again_while_they_are_removed_is_not_both(actor: LocalActor) -> None:
    """Told that they are out, and sent everything. Fails if the removal does not hold them."""
    remote = remote_actor()
    follow = said("Follow", actor.uri)
    Follower.objects.create(actor=actor, remote=remote, follow=follow)
    with transaction.atomic():
        followers.remove(Follower.objects.all())
        person = RemoteActor.objects.get()
        again = _elsewhere(lambda: followers.receive(actor, person, "https://peer.example/f/2", follow, NOW))
        _until_somebody_waits()
    again.join(PATIENCE)
    assert (Follower.objects.count(), FollowRequest.objects.count()) == (1, 0)
