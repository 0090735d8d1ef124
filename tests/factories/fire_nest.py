"""Brings forth worker processes. It imports everything once and forks, so that a new worker costs milliseconds and a
test can kill dozens. One JSON order per line in, one JSON answer per line out. Each worker is ``manage.py worker`` in a
process of its own, and has nothing of ours but the code."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from federation.actors.local import ensure_publisher  # noqa: E402
from federation.models import Follower, Peer, RemoteActor, Wake  # noqa: E402
from federation.outbox import speaking  # noqa: E402
from federation.queue import RECONCILE, nudge  # noqa: E402
from tests.factories.fire_site import ORG, FileSite  # noqa: E402


def begin(shared: list[str], personal: dict[str, int]) -> None:
    """One organisation, followed from servers with a shared inbox and from others with so many personal ones."""
    now = timezone.now()
    publisher = FileSite().publisher(ORG)
    assert publisher is not None
    actor = ensure_publisher(publisher, now)[0]
    speaking.voice()
    Peer.objects.bulk_create(
        [Peer(origin=origin, shares_inbox=origin in set(shared)) for origin in [*shared, *personal]]
    )
    fans = [(origin, n) for origin, count in personal.items() for n in range(count)] + [
        (o, n) for o in shared for n in "ab"
    ]
    remotes = RemoteActor.objects.bulk_create(
        RemoteActor(
            uri=f"{origin}/users/{name}",
            peer_id=origin,
            kind="Person",
            handle=f"{name}@{origin}",
            inbox=f"{origin}/users/{name}/inbox",
            shared_inbox="" if origin in personal else f"{origin}/inbox",
            fetched_at=now,
        )
        for origin, name in fans
    )
    Follower.objects.bulk_create(
        Follower(actor=actor, remote=remote, follow_uri=f"{remote.uri}/follow") for remote in remotes
    )


def wake(keys: list[str]) -> None:
    """As the triggers and the receivers do when an editor has changed these."""
    Wake.objects.bulk_create(Wake(key=key) for key in keys)
    nudge(RECONCILE)


def worker() -> int:
    """A new worker's process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        call_command("worker")
        code = 0
    finally:
        os._exit(code)


ORDERS: dict[str, Any] = {"begin": begin, "wake": wake, "worker": worker}


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer: dict[str, Any] = {"result": ORDERS[order.pop("do")](**order)}
        except Exception as error:  # noqa: BLE001  the test must hear of everything, and the nest lives on
            answer = {"error": f"{type(error).__name__}: {error}"}
        finally:
            connections.close_all()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
