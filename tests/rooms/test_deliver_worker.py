"""A real worker, from the wake to the request."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from federation import jobs
from federation.models import LocalActor, Wake
from federation.queue import DELIVER, DISPATCH, RECONCILE, nudge
from tests.factories.delivery import Sink, follow_from, sink, states
from tests.factories.fake_source import FakeSource, installed
from tests.factories.loopback import client_for
from tests.factories.outbox import KEY, ORG, organisation, publish
from tests.factories.publications import make_publication
from tests.rooms.test_worker import run_worker

PATIENCE = 20.0


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.mark.django_db(transaction=True)
def test_a_nudged_worker_tells_and_sends(actor: LocalActor, monkeypatch) -> None:
    given = jobs.outbox_deliver.deliver
    monkeypatch.setattr(jobs.outbox_deliver, "deliver", lambda **more: given(make_client=client_for, **more))
    with sink() as server:
        follow_from(actor, server)
        FakeSource.publications[KEY] = make_publication(key=KEY, publisher=ORG)
        Wake.objects.create(key=KEY)
        nudge(RECONCILE)

        watcher = threading.Thread(target=_stop_once, args=(server,))
        watcher.start()
        run_worker(2)
        watcher.join()
    assert len(server.seen) == 1
    assert states() == ["accepted"]


def _look_for_stalled_jobs() -> None:
    async def look() -> None:
        with app.replace_connector(PsycopgConnector(kwargs=connector_params())):
            async with app.open_async():
                await jobs.stalled(0)

    asyncio.run(look())


def _jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_every_job_that_a_dead_worker_left_doing_is_taken_up_or_dropped(actor: LocalActor) -> None:
    """Fails if a job whose twin waits already stops the round: the engine refuses a second one with the same queueing
    lock, and all others stay "doing" for ever."""
    for name in (DELIVER, RECONCILE, DELIVER, DISPATCH):
        nudge(name)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    nudge(DELIVER)
    _look_for_stalled_jobs()
    theirs = [job for job in sorted(_jobs()) if job[0] in (DELIVER, DISPATCH, RECONCILE)]
    assert theirs == [(DELIVER, "todo"), (DISPATCH, "todo"), (RECONCILE, "todo")]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_stuck_keeps_nothing_from_being_sent(actor: LocalActor, monkeypatch) -> None:
    """Its worker lives, but could not note its end, so nobody ever asks. Fails if jobs have a ``lock``, in ``nudge``
    and in ``jobs``."""
    given = jobs.outbox_deliver.deliver
    monkeypatch.setattr(jobs.outbox_deliver, "deliver", lambda **more: given(make_client=client_for, **more))
    nudge(DELIVER)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 day') RETURNING id"
        )
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", cursor.fetchone())
    with sink() as server:
        follow_from(actor, server)
        publish(now=timezone.now())
        stopper = threading.Thread(target=_stop_once, args=(server,))
        stopper.start()
        run_worker(2)
        stopper.join()
    assert states() == ["accepted"]


def _stop_once(server: Sink) -> None:
    """Sends SIGTERM once something has arrived and was written down."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not (server.seen and "accepted" in states()):
        server.peer.stopped.wait(0.05)
    connection.close()
    os.kill(os.getpid(), signal.SIGTERM)
