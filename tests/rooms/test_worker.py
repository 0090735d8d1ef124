"""The worker command: which job may run beside which, and how it stops."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from config.management.commands.worker import STOPS, queues, work
from tests.factories.instances import eventually

PATIENCE = 20.0  # seconds until a test gives up


@pytest.fixture
def job() -> Iterator[Callable[..., Any]]:
    """Turns a function into a job, for one test."""
    names: list[str] = []

    def register(function: Callable[..., Any]) -> Any:
        names.append(f"tests.{function.__name__}")
        return app.task(name=names[-1], pass_context=True)(function)

    yield register
    for name in names:
        del app.tasks[name]


def run_worker(jobs: int, afterwards: Callable[[], None] = lambda: None) -> None:
    plan = queues(jobs)
    threads = sum(plan.values()) + 2
    old = {number: signal.getsignal(number) for number in STOPS}
    try:
        asyncio.run(work(plan, threads, PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4)))
        afterwards()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def stop_worker() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def count_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'tests.%%'")
        row: tuple[int] = cursor.fetchone()
    return row[0]


def test_every_queue_has_room_of_its_own() -> None:
    found = [name for names in queues(4) for name in names]
    assert found == ["reconcile", "dispatch", "deliver", "publish", "upkeep", "default"]


def test_even_the_smallest_worker_serves_every_queue() -> None:
    assert min(queues(1).values()) == 1


@pytest.mark.django_db(transaction=True)
def test_jobs_of_all_queues_run_at_the_same_time(job: Callable[..., Any]) -> None:
    plan = queues(8)
    barrier = threading.Barrier(sum(plan.values()), action=stop_worker)
    met: list[str] = []

    def meet(context: JobContext) -> None:
        barrier.wait(PATIENCE)  # raises unless all others came too
        met.append(context.job.queue)

    task = job(meet)
    for names, count in plan.items():
        for _ in range(count):
            task.configure(queue=names[0]).defer()
    run_worker(8)
    assert sorted(met) == sorted(names[0] for names, count in plan.items() for _ in range(count))


@pytest.mark.django_db(transaction=True)
def test_sigterm_waits_for_the_job_that_runs(job: Callable[..., Any]) -> None:
    finished: list[bool] = []

    def stop_and_go_on(context: JobContext) -> None:
        stop_worker()
        finished.append(context.additional_context["stopping"].wait(PATIENCE))

    job(stop_and_go_on).configure(queue="upkeep").defer()
    run_worker(1)
    assert finished == [True]


@pytest.mark.django_db(transaction=True)
def test_sigterm_many_times_still_waits_for_the_job_that_runs(job: Callable[..., Any]) -> None:
    """Fails if a second signal cancels the workers again: they no longer wait to note that the job is done."""

    def stop_again_and_again(context: JobContext) -> None:
        for _ in range(10):
            stop_worker()
            context.additional_context["stopping"].wait(PATIENCE)
            time.sleep(0.05)  # for the loop to notice

    job(stop_again_and_again).configure(queue="upkeep").defer()
    run_worker(1)
    assert count_jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_sigterm_after_the_last_job_changes_nothing(job: Callable[..., Any]) -> None:
    """Fails if the handlers are the event loop's own, which end with it."""

    def stop_once_more() -> None:
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL  # rather than end the test run
        stop_worker()

    job(lambda context: stop_worker()).configure(queue="upkeep").defer()
    run_worker(1, afterwards=stop_once_more)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_succeeded_leaves_no_row_behind(job: Callable[..., Any]) -> None:
    job(lambda context: stop_worker()).configure(queue="upkeep").defer()
    run_worker(1)
    assert count_jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_does_not_stop_the_others(job: Callable[..., Any]) -> None:
    def fail(context: JobContext) -> None:
        raise ValueError("broken")

    ran: list[bool] = []

    def go_on(context: JobContext) -> None:
        ran.append(True)
        stop_worker()

    failing, good = job(fail), job(go_on)
    failing.configure(queue="upkeep").defer()
    good.configure(queue="upkeep").defer()
    run_worker(1)
    assert ran == [True]


def all_listen() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return bool(cursor.fetchone()[0] >= len(queues(1)))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_its_database_ends_with_an_error(job: Callable[..., Any]) -> None:
    """Fails if the engine's own end counts as a success: whoever starts it anew on failure only never does, and nothing
    is sent any more."""

    def cut_off(context: JobContext) -> None:
        eventually(all_listen, what="each queue's worker listens")  # one that has not begun to would lose nothing
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    job(cut_off).configure(queue="upkeep").defer()
    connection.close()  # the test's own would be cut off too
    with pytest.raises((CommandError, ConnectorException)):
        run_worker(1)
