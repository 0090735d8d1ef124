"""Defers a job by its name. The rest of federation knows the queue engine only through this door; the names are bound
to functions in ``jobs.py``."""

from __future__ import annotations

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

RECONCILE = "federation.reconcile"
DELIVER = "federation.deliver"
DISPATCH = "federation.dispatch"
LINKS = "federation.links"
REQUESTS = "federation.requests"

UPKEEP = "upkeep"
# These have queues of their own, and everything else shares one.
_OWN_QUEUES = {RECONCILE: "reconcile", DELIVER: "deliver", DISPATCH: "dispatch"}
_WAITS = "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'"


def nudge(name: str) -> None:
    """Ask a worker to look soon, once the current transaction has committed. One waiting nudge per job is enough; a
    lost nudge costs seconds, never data, because a periodic drain looks anyway; so a failure here is logged and never
    reaches the editor, whose page is published already."""
    transaction.on_commit(lambda: _defer(name), robust=True)


def _defer(name: str) -> None:
    # A job that waits now begins after what we have just committed, and will see it. To ask first costs a third of
    # being refused, and under load nearly every message finds one waiting.
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [name])
        if cursor.fetchone():
            return
    try:
        with transaction.atomic():  # the database says "already there" with an error, which must spoil nothing else
            app.configure_task(name, queueing_lock=name, queue=_OWN_QUEUES.get(name, UPKEEP)).defer()
    except AlreadyEnqueued:
        pass
