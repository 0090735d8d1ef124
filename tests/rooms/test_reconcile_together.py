"""Several processes at once, on a real database: nothing is said twice, nothing is lost, nobody waits in a circle."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from federation.models import Activity, LedgerEntry, LocalActor, Wake
from federation.outbox import reconcile
from tests.factories.fake_source import FakeSource, installed
from tests.factories.outbox import KEY, NOW, ORG, follow, organisation, publish, said
from tests.factories.publications import make_publication

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    made = organisation()
    follow(made, "https://peer.example/users/fan")
    return made


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_reconcilers_do_not_tell_twice(actor: LocalActor) -> None:
    for number in range(6):
        key = f"page:{number}"
        FakeSource.publications[key] = make_publication(key=key, publisher=ORG)
        Wake.objects.create(key=key)
    threads = [_in_thread(lambda: reconcile.drain(NOW)) for _ in range(3)]
    for thread in threads:
        thread.join(20)
    reconcile.drain(NOW)
    assert said() == ["Create"] * 6
    assert not Wake.objects.exists()


def test_a_key_that_another_process_has_locked_is_left_with_its_wake(actor: LocalActor) -> None:
    Wake.objects.create(key=KEY)
    LedgerEntry.objects.create(key=KEY)
    results: list[int] = []
    with transaction.atomic():
        LedgerEntry.objects.select_for_update().get(pk=KEY)
        _in_thread(lambda: results.append(reconcile.drain(NOW))).join(20)
    assert results == [0]
    assert Wake.objects.filter(key=KEY).exists()


def test_the_site_is_asked_after_the_lock_so_a_change_meanwhile_is_seen(actor: LocalActor, monkeypatch) -> None:
    publish()
    asked: list[bool] = []
    good = FakeSource.publication

    def publication(self, key):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE relation = 'federation_ledgerentry'::regclass AND pid ="
                " pg_backend_pid() AND mode = 'RowShareLock'"
            )
            asked.append(cursor.fetchone() is not None)
        return good(self, key)

    monkeypatch.setattr(FakeSource, "publication", publication)
    Wake.objects.create(key=KEY)
    reconcile.drain(NOW)
    assert asked == [True]


def test_two_who_wake_in_opposite_order_do_not_wait_for_each_other() -> None:
    first, second, met = threading.Event(), threading.Event(), []

    def wake(keys: list[str], mine: threading.Event, other: threading.Event) -> None:
        with transaction.atomic():
            Wake.objects.create(key=keys[0])
            mine.set()
            assert other.wait(10)
            Wake.objects.create(key=keys[1])
        met.append(keys)

    threads = [
        _in_thread(lambda: wake(["page:1", "page:2"], first, second)),
        _in_thread(lambda: wake(["page:2", "page:1"], second, first)),
    ]
    for thread in threads:
        thread.join(20)
    assert len(met) == 2
    assert Wake.objects.count() == 4


def test_a_wake_that_is_committed_later_is_found_later(actor: LocalActor) -> None:
    """The reconciler's answer is older than that change, so it must not take its wake away."""
    ready, done = threading.Event(), threading.Event()

    def save() -> None:
        with transaction.atomic():
            Wake.objects.create(key=KEY)
            ready.set()
            assert done.wait(10)

    saver = _in_thread(save)
    assert ready.wait(10)
    Wake.objects.create(key=KEY)
    reconcile.drain(NOW)
    done.set()
    saver.join(10)
    assert Wake.objects.filter(key=KEY).count() == 1
    assert not Activity.objects.exists()
