"""Workers are killed, the database is killed, the disk is full, a worker freezes: every inbox gets every activity at
least once, with the same bytes, in order per publication, and what was taken back unsent never."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from django.conf import settings

from tests.factories.instances import eventually
from tests.factories.under_fire import INBOXES, LEASE, PATIENCE, Field, field_of

pytestmark = [
    pytest.mark.django_db,  # whose tables are copied
    pytest.mark.slow,
    pytest.mark.skipif(settings.EMBEDDED_DATABASE is None, reason="kills the project's own PostgreSQL, and no other"),
]
SOAK = os.environ.get("COMMONWIRE_SOAK") == "1"
SEEDS = range(20) if SOAK else range(1)
KILLS = 30 if SOAK else 8


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker) -> Iterator[Field]:
    with django_db_blocker.unblock(), field_of(tmp_path_factory.mktemp("fire")) as field:
        yield field


@pytest.fixture
def battlefield(prepared: Field) -> Iterator[Field]:
    """Everything is delivered, and nobody works."""
    prepared.revive_database()
    yield prepared
    prepared.stop_workers()


@pytest.mark.parametrize("seed", SEEDS)
def test_workers_that_are_killed_at_any_moment_lose_nothing(battlefield: Field, seed: int) -> None:
    """Two race, jobs stay "doing" for ever, leases are left behind, and meanwhile editors go on. Fails if nobody was
    killed at work, which is how a first version of this test was found to show nothing."""
    battlefield.dice = random.Random(seed)
    first, second, third = (f"page_{seed * 3 + number + 1000}" for number in range(3))
    edits = [{first: "One", second: "Two"}, {second: None, first: "1"}, {third: "Three"}, {first: "1.1"}, {second: "2"}]
    left_behind = 0
    battlefield.sink.latency = 0.08
    battlefield.keep_up(2)
    for number in range(KILLS):
        if number % 2 == 0 and edits:
            battlefield.edit(**edits.pop(0))
        battlefield.wait_for_work(battlefield.dice.randrange(1, 60))
        battlefield.kill()
        left_behind += battlefield.ask("SELECT count(*) FROM federation_peer WHERE lease_token IS NOT NULL")[0][0]
        battlefield.keep_up(2)
    for edit in edits:
        battlefield.edit(**edit)
    assert left_behind, "nobody was killed at work"
    battlefield.settle()
    battlefield.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_database_that_is_killed_and_started_anew_loses_nothing(battlefield: Field, seed: int) -> None:
    """What is sent while the database is away goes out again after the lease, with the same bytes."""
    battlefield.dice = random.Random(seed)
    page, other = f"page_{seed + 2000}", f"page_{seed + 3000}"
    before = battlefield.received()
    battlefield.keep_up(2)
    battlefield.edit(**{page: "One", other: "Two"})
    for _ in range(3 if SOAK else 1):
        eventually(lambda: battlefield.received(before) > 50, seconds=PATIENCE, what="a fan-out is under way")
        time.sleep(battlefield.dice.uniform(0.0, 0.5))
        battlefield.kill_database()
        time.sleep(battlefield.dice.uniform(0.0, 1.0))
        battlefield.revive_database()
        battlefield.edit(**{page: f"One, corrected {battlefield.received()}"})
    battlefield.edit(**{other: None})
    battlefield.settle()
    battlefield.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_disk_that_is_full_for_a_while_loses_nothing(battlefield: Field, seed: int) -> None:
    """Nothing can be marked as being sent then, so nothing is sent; afterwards all of it is."""
    battlefield.dice = random.Random(seed)
    page = f"page_{seed + 4000}"
    before = battlefield.received()
    battlefield.keep_up(2)
    battlefield.edit(**{page: "One"})
    eventually(lambda: battlefield.received(before) > 50, seconds=PATIENCE, what="a fan-out is under way")
    with battlefield.full_disk():
        with pytest.raises(psycopg.OperationalError):
            battlefield.ask("CREATE TABLE hog AS SELECT repeat('x', 2000) FROM generate_series(1, 200000)")
        time.sleep(battlefield.dice.uniform(1.0, 3.0))
    battlefield.revive_database()
    battlefield.edit(**{page: "One, corrected"})
    battlefield.settle()
    battlefield.check()


def test_a_holder_that_froze_beyond_its_lease_changes_nothing_when_it_goes_on(battlefield: Field) -> None:
    """Its requests, answered or timed out while it slept, say nothing about servers that somebody else has now."""
    before = battlefield.received()
    sleeper = battlefield.spawn()
    battlefield.edit(page_5000="One")
    eventually(lambda: battlefield.received(before) > INBOXES // 5, seconds=PATIENCE, what="it sends")
    os.kill(sleeper, signal.SIGSTOP)
    frozen = time.monotonic()
    battlefield.edit(page_5000="One, corrected")
    battlefield.settle()
    eventually(lambda: time.monotonic() - frozen > 2 * LEASE, what="all leases of the sleeper are over")
    ledger = "SELECT id, state, attempts, done_at FROM federation_delivery ORDER BY id"
    servers = "SELECT origin, holds, held_until, last_success, failing_since FROM federation_peer ORDER BY origin"
    told = battlefield.ask(ledger), battlefield.ask(servers)
    os.kill(sleeper, signal.SIGCONT)
    with suppress(AssertionError):  # there is nothing to see of a worker that does nothing
        eventually(lambda: (battlefield.ask(ledger), battlefield.ask(servers)) != told, seconds=4)
    assert (battlefield.ask(ledger), battlefield.ask(servers)) == told
    battlefield.check()
