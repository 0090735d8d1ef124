"""Jobs are only reasons to look: their names, their turns, and what is let go."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from federation import jobs, queue
from federation.models import Activity, Delivery, InboundActivity, KeyFailure, LocalActor
from federation.outbox.retention import let_go
from tests.factories.fake_source import installed
from tests.factories.outbox import NOW, follow, hide, organisation, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    made = organisation()
    follow(made, "https://peer.example/users/fan")
    return made


def _context(*, stopping: bool = False) -> SimpleNamespace:
    event = threading.Event()
    if stopping:
        event.set()
    return SimpleNamespace(additional_context={"stopping": event})


@pytest.mark.parametrize("name", [queue.RECONCILE, queue.DELIVER, queue.DISPATCH])
def test_every_name_that_is_deferred_is_bound_to_a_task_in_its_own_queue(name: str) -> None:
    assert app.tasks[name].queue == name.rpartition(".")[2]
    assert app.tasks[name].queueing_lock == name


def test_what_is_asked_for_seldom_shares_a_queue() -> None:
    assert (app.tasks[queue.LINKS].queue, app.tasks[queue.LINKS].queueing_lock) == (queue.UPKEEP, queue.LINKS)
    queue._defer(queue.LINKS)
    assert ProcrastinateJob.objects.get(task_name=queue.LINKS).queue_name == queue.UPKEEP


def test_a_drain_goes_on_until_nothing_is_left() -> None:
    found = [2, 1, 0]
    jobs._drain(lambda: found.pop(0), _context(), queue.RECONCILE)
    assert found == []


def test_a_drain_ends_when_the_worker_stops() -> None:
    found = [2, 1, 0]
    jobs._drain(lambda: found.pop(0), _context(stopping=True), queue.RECONCILE)
    assert found == [1, 0]


def test_a_drain_that_takes_too_long_gives_up_its_turn_and_asks_for_another(monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(jobs, "nudge", asked.append)
    monkeypatch.setattr(jobs, "TURN_SECONDS", -1.0)
    jobs._drain(lambda: 1, _context(), queue.DISPATCH)
    assert asked == [queue.DISPATCH]


def test_a_pump_that_ended_early_asks_for_another_turn_unless_the_worker_stops(monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(jobs, "nudge", asked.append)
    monkeypatch.setattr(jobs.outbox_deliver, "deliver", lambda **given: True)
    jobs.deliver(_context())
    jobs.deliver(_context(stopping=True))
    assert asked == [queue.DELIVER]


def test_a_look_that_finds_nothing_is_over_at_once(actor: LocalActor) -> None:
    begun = time.monotonic()
    jobs.reconcile(_context())
    jobs.deliver(_context())
    assert time.monotonic() - begun < 5


def test_old_deliveries_go_and_the_create_of_what_is_out_stays(actor: LocalActor) -> None:
    publish()
    publish(title="Corrected")
    Delivery.objects.update(state="accepted", done_at=NOW)
    let_go(NOW + timedelta(days=89))
    assert Activity.objects.count() == 2
    let_go(NOW + timedelta(days=91))
    assert list(Activity.objects.values_list("kind", flat=True)) == ["Create"]


def test_what_still_waits_is_kept_however_old(actor: LocalActor) -> None:
    publish()
    Delivery.objects.update(state="accepted", done_at=NOW, first_attempt=NOW)
    hide()
    let_go(NOW + timedelta(days=365))
    assert list(Activity.objects.values_list("kind", flat=True)) == ["Delete"]


def test_what_came_in_is_remembered_for_thirty_days_against_replay() -> None:
    now = timezone.now()
    for days, state in ((29, "done"), (31, "done"), (31, "waiting")):
        came = now - timedelta(days=days)
        InboundActivity.objects.create(
            identity=f"{days} {state}",
            signer="x",
            kind="Follow",
            document={},
            received_at=came,
            next_attempt=came,
            state=state,
        )
    jobs.retention(timestamp=0)
    assert set(InboundActivity.objects.values_list("identity", flat=True)) == {"29 done", "31 waiting"}


def test_keys_that_failed_are_tried_as_strangers_after_a_week() -> None:
    now = timezone.now()
    for days in (6, 8):
        KeyFailure.objects.create(key_id=f"{days} days", failed_at=now - timedelta(days=days))
    jobs.retention(timestamp=0)
    assert KeyFailure.objects.get().key_id == "6 days"


def test_silent_servers_are_probed_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if the job does not call."""
    asked: list[float] = []
    monkeypatch.setattr(jobs, "probe", lambda now, *, seconds: asked.append(seconds))
    jobs.probe_servers(timestamp=0)
    assert asked == [jobs.TURN_SECONDS]
    assert app.tasks["federation.probe"].queue == jobs.UPKEEP


def test_lost_inboxes_are_looked_after_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(jobs, "look_after", lambda now, *, seconds: asked.append(seconds))
    jobs.lost_inboxes(timestamp=0)
    assert asked == [jobs.TURN_SECONDS]
    assert app.tasks["federation.lost_inboxes"].queue == jobs.UPKEEP
