"""While a handler waits for another server it holds a lease and nothing else; whoever lost the lease does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from federation.inbox import dispatch, lease
from federation.inbox.brought import NOTHING, Brought
from federation.inbox.dispatch import HANDLERS, MOST_ATTEMPTS, Handler, drain
from federation.inbox.lease import FETCHING, LEASE
from federation.inbox.outcome import Outcome, done
from federation.models import Follower, InboundActivity, LocalActor, RemoteObject
from federation.net.client import Client
from federation.vocab.parse import ParsedActivity
from tests.factories.inbound import ANA, BEN, ORG, ana, followed, local_actor, remote_actor, said, stored
from tests.factories.loopback import Peer, answer, client_for
from tests.factories.signed_requests import NOW
from tests.factories.slow_web import SlowWeb, slow_web

PATIENCE = 30.0
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What ends a worker in the middle of a handler, as far as one process can play it."""


def after(row: InboundActivity) -> InboundActivity:
    row.refresh_from_db()
    return row


def likes(
    monkeypatch: pytest.MonkeyPatch,
    fetch: Callable[[], None] = lambda: None,
    handle: Callable[[], object] = lambda: None,
) -> None:
    """The parts of a handler of Likes, which change nothing else."""

    def first(activity: ParsedActivity, client: Client) -> Brought:
        fetch()
        return NOTHING

    def second(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
        handle()
        return done()

    monkeypatch.setitem(HANDLERS, "Like", Handler(second, first))


@contextmanager
def another_worker(now: datetime = NOW) -> Iterator[Thread]:
    """It has ended, and its connection is closed, when the block is left."""

    def work() -> None:
        try:
            drain(now, limit=1)
        finally:
            connections.close_all()

    thread = Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(PATIENCE)


def open_transactions() -> int:
    """In this database, by anybody but the one who asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


FETCHED: dict[str, Callable[[SlowWeb], dict[str, Any]]] = {
    "Announce": lambda web: said("Announce", web.note, actor=web.actor),
    "Create": lambda web: said("Create", web.note, actor=web.actor),
    "Follow": lambda web: said("Follow", ORG, actor=web.stranger),
    "Update": lambda web: said("Update", web.note, actor=web.actor),
    "Update of a profile": lambda web: said("Update", web.actor, actor=web.actor),
}


def test_every_handler_that_fetches_is_looked_at_below() -> None:
    """Fails if a handler gets a first part and nobody adds it to the test of silent servers."""
    assert {kind.partition(" ")[0] for kind in FETCHED} == {kind for kind, h in HANDLERS.items() if h.fetch}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", FETCHED)
def test_a_silent_server_holds_no_transaction_and_no_row(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if ``_fetch`` is called inside the transaction that has the effect (tried), also without the client's own
    refusal (tried: ``entered`` without ``check_required``)."""
    with slow_web(monkeypatch) as web:
        followed(remote_actor(web.actor))
        document = FETCHED[kind](web)
        row = stored(document, signer=document["actor"])
        with another_worker():
            assert web.asked.wait(PATIENCE)
            assert open_transactions() == 0
            with transaction.atomic():
                InboundActivity.objects.select_for_update(nowait=True).get(pk=row.pk)
            web.answers.set()
        assert after(row).state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_killed_loses_its_row_when_the_lease_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one, by SIGKILL. Fails if ``_due`` takes no notice of leases, or of their end (both tried)."""
    with slow_web(monkeypatch) as web:
        followed(remote_actor(web.actor))
        document = said("Create", web.note, actor=web.actor)
        row = stored(document, signer=web.actor)
        worker = _start_worker()
        try:
            assert web.asked.wait(PATIENCE)
        finally:
            worker.kill()
            worker.wait()
        web.answers.set()
        assert drain(NOW + LEASE - SECOND) == 0
        assert drain(NOW + LEASE) == 1
    assert (after(row).state, row.attempts) == ("done", 2)
    assert RemoteObject.objects.count() == 1


def _start_worker() -> subprocess.Popen[bytes]:
    code = (
        "import sys, django\n"
        "from django.conf import settings\n"
        "settings.DATABASES['default']['NAME'] = sys.argv[1]\n"
        "django.setup()\n"
        "from federation.inbox import dispatch, objects\n"
        "from tests.factories.loopback import client_for\n"
        "from tests.factories.signed_requests import NOW\n"
        "objects.signer_for = objects.get_instance_actor = lambda *_: None\n"
        "dispatch.client = lambda seconds: client_for(altogether=seconds)\n"
        "dispatch.drain(NOW, limit=1)\n"
    )
    name = connection.settings_dict["NAME"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen([sys.executable, "-c", code, name], env=environment)


@pytest.mark.parametrize("part", ["_fetch", "_handle", "lease.finish"])
def test_a_handler_that_is_cut_off_has_its_effect_once(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any of its steps. Fails if the effect is not in the transaction of the outcome (tried)."""
    likes(monkeypatch, handle=lambda: local_actor(f"{ORG}{LocalActor.objects.count()}"))
    row = stored(said("Like", ORG))
    with monkeypatch.context() as once:
        owner, name = (lease, "finish") if part == "lease.finish" else (dispatch, part)
        given = getattr(owner, name)

        def cut_off(*what: Any) -> None:
            given(*what)
            raise Killed

        once.setattr(owner, name, cut_off)
        with pytest.raises(Killed):
            drain(NOW)
    assert drain(NOW + LEASE) == 1
    assert drain(NOW + 2 * LEASE) == 0
    assert after(row).state == "done"
    assert LocalActor.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_take_at_the_same_moment_never_take_the_same() -> None:
    """Fails, nearly always, without ``free`` in ``_due`` (tried)."""
    rows = [stored(said("Like", ORG, actor=f"{ANA}{n}", number=n), signer=f"{ANA}{n}") for n in range(60)]
    taken: list[int] = []

    def work() -> None:
        try:
            while (row := lease.take(NOW)) is not None:
                taken.append(row.pk)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(taken) == sorted(row.pk for row in rows)


@pytest.mark.django_db(transaction=True)
def test_whose_lease_is_over_changes_nothing_when_another_has_taken_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, one activity, one effect. Fails if ``is_held`` does not ask for the token (tried)."""
    asked, goes_on, effects = Event(), Event(), []

    def fetch() -> None:
        if not asked.is_set():
            asked.set()
            assert goes_on.wait(PATIENCE)

    likes(monkeypatch, fetch, lambda: effects.append(1))
    row = stored(said("Like", ORG))
    with another_worker():
        assert asked.wait(PATIENCE)
        late = NOW + LEASE
        taken = lease.take(late)
        assert taken is not None
        goes_on.set()
    assert effects == []
    assert (after(row).state, row.lease_token, row.attempts) == ("waiting", taken.lease_token, 2)
    dispatch._work(taken, late)
    assert effects == [1]
    assert (after(row).state, row.lease_token) == ("done", None)


@pytest.mark.django_db(transaction=True)
def test_the_late_worker_does_not_repeat_what_another_has_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if ``is_held`` is not asked (tried)."""
    asked, goes_on, effects = Event(), Event(), []

    def fetch() -> None:
        if not asked.is_set():
            asked.set()
            assert goes_on.wait(PATIENCE)

    likes(monkeypatch, fetch, lambda: effects.append(1))
    row = stored(said("Like", ORG))
    with another_worker():
        assert asked.wait(PATIENCE)
        assert drain(NOW + LEASE) == 1
        goes_on.set()
    assert effects == [1]
    assert (after(row).state, row.attempts) == ("done", 2)


@pytest.mark.django_db(transaction=True)
def test_what_is_having_its_effect_is_not_taken_even_after_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if ``is_held`` does not lock the row (tried)."""
    begun, goes_on, effects = Event(), Event(), []

    def handle() -> None:
        effects.append(1)
        begun.set()
        assert goes_on.wait(PATIENCE)

    likes(monkeypatch, handle=handle)
    stored(said("Like", ORG))
    with another_worker():
        assert begun.wait(PATIENCE)
        assert drain(NOW + LEASE) == 0
        goes_on.set()
    assert drain(NOW + LEASE) == 0
    assert effects == [1]


def test_the_earlier_of_one_sender_goes_first_also_while_it_is_leased() -> None:
    """Fails if what is leased counts as finished."""
    first, second = stored(said("Like", ORG)), stored(said("Arrive", ORG, number=2))
    other = stored(said("Arrive", ORG, actor=BEN, number=3), signer=BEN)
    assert lease.take(NOW) == first
    assert drain(NOW + SECOND) == 1
    assert (after(other).state, after(second).state) == ("ignored", "waiting")
    taken = lease.take(NOW + LEASE)
    assert taken == first


def test_of_one_sender_one_is_handled_at_a_time() -> None:
    """One that rested while the next was taken waits for that. Fails without the second ``Exists`` in ``_due``."""
    first, second = stored(said("Like", ORG)), stored(said("Arrive", ORG, number=2))
    InboundActivity.objects.filter(pk=first.pk).update(next_attempt=NOW + SECOND)
    assert lease.take(NOW) == second
    assert lease.take(NOW + SECOND) is None
    lease.give_back(after(second))
    assert lease.take(NOW + SECOND) == first


def test_an_undo_waits_for_a_follow_that_is_leased() -> None:
    local_actor()
    ana()
    stored(said("Follow", ORG))
    stored(said("Undo", said("Follow", ORG), number=2))
    assert lease.take(NOW) is not None
    assert drain(NOW + SECOND) == 0
    assert drain(NOW + LEASE) == 2
    assert not Follower.objects.exists()


def test_what_ends_its_worker_each_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if the attempt is counted with the outcome."""

    def die() -> None:
        raise Killed

    likes(monkeypatch, fetch=die)
    row = stored(said("Like", ORG))
    for number in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            drain(NOW + number * LEASE)
    assert drain(NOW + MOST_ATTEMPTS * LEASE) == 1
    assert (after(row).state, row.reason) == ("failed", "given up: 8 workers ended while they handled it")


def test_an_outcome_gives_the_row_back() -> None:
    row = stored(said("Arrive", ORG))
    drain(NOW)
    assert (after(row).lease_token, row.lease_until) == (None, None)


def test_all_fetching_for_one_activity_ends_within_half_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request may take 30 s and there may be ten. Fails if the client is made without ``seconds``."""
    clients: list[Client] = []

    def fetch(activity: ParsedActivity, client: Client) -> Brought:
        clients.append(client)
        return NOTHING

    monkeypatch.setitem(HANDLERS, "Like", Handler(lambda *_: done(), fetch))
    stored(said("Like", ORG))
    drain(NOW)
    assert [client._terms.limits.altogether for client in clients] == [FETCHING]
    assert timedelta(seconds=2 * FETCHING) <= LEASE


def test_nobody_is_asked_in_a_transaction() -> None:
    """Fails if ``apps`` does not require it of the client."""
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        with transaction.atomic(), pytest.raises(RuntimeError):
            client.get(peer.url(), accept="*/*")
        assert peer.seen == []
        assert client.get(peer.url(), accept="*/*").status == 200


def test_a_handler_that_asks_somebody_in_its_second_part_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        likes(monkeypatch, handle=lambda: client.get(peer.url(), accept="*/*"))
        row = stored(said("Like", ANA))
        drain(NOW)
        assert after(row).reason.startswith("RuntimeError")
        assert peer.seen == []
