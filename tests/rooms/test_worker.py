"""The worker command: which job may run beside which."""

from __future__ import annotations

from config.management.commands.worker import queues


def test_every_queue_has_room_of_its_own() -> None:
    assert [name for names in queues(4) for name in names] == ["reconcile", "dispatch", "deliver", "upkeep", "default"]


def test_even_the_smallest_worker_serves_every_queue() -> None:
    assert min(queues(1).values()) == 1
