"""Nobody else is asked anything while a transaction of ours is open: a server that takes half a minute to answer would
hold a connection, row locks and the clean-up of the whole database for as long. ``net`` knows no database; ``apps``
tells it to ask here before each call."""

from __future__ import annotations

from django.db import connections


def check_none_open() -> None:
    """Raises RuntimeError, for it is a mistake of ours, if this thread has a transaction open. The one that a test runs
    in, and undoes at its end, does not count, as with Django's own ``atomic(durable=True)``."""
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise RuntimeError("a request to another server inside a database transaction")
