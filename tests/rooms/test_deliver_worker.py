"""A real worker, from the wake to the request."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from django.db import connection

from federation import jobs
from federation.models import LocalActor, Wake
from federation.queue import RECONCILE, nudge
from tests.factories.delivery import follow_from, sink, states
from tests.factories.fake_source import FakeSource, installed
from tests.factories.loopback import client_for
from tests.factories.outbox import KEY, ORG, organisation
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

        def stop() -> None:
            ends = time.monotonic() + PATIENCE
            while time.monotonic() < ends and not (server.seen and "accepted" in states()):
                server.peer.stopped.wait(0.05)
            connection.close()
            os.kill(os.getpid(), signal.SIGTERM)

        watcher = threading.Thread(target=stop)
        watcher.start()
        run_worker(2)
        watcher.join()
    assert len(server.seen) == 1
    assert states() == ["accepted"]
