"""Runs background jobs. More machines mean more of these on the same database."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import FETCH_JOB_POLLING_INTERVAL

from config.clock import check_clock
from config.parent import end_with_parent
from config.startup import check_server, use_pool

# After this long, jobs that still run are told to give up (``context.should_abort()``). Their leases bring the rest
# back.
PATIENCE_SECONDS = 20.0
# What is to be published at a moment is not announced at that moment: the engine has to look.
LOOKS_SECONDS = {"publish": 1.0}
STOPS = (signal.SIGTERM, signal.SIGINT)


def queues(jobs: int) -> dict[tuple[str, ...], int]:
    """How many jobs of each queue may run at once. Each has room of its own, so that a flood of incoming messages never
    keeps a withdrawal from going out."""
    return {
        ("reconcile",): max(1, jobs // 2),
        ("dispatch",): max(1, jobs // 2),
        ("deliver",): 1,
        ("publish",): 1,
        ("upkeep", "default"): 1,
    }


class Command(BaseCommand):
    help = "Runs background jobs until SIGTERM or Ctrl-C, and finishes those under way."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--nice", type=int, default=0, help="how far to stand back behind other processes")
        parser.add_argument("--parent", type=int, default=0, help="end together with the process of this id")

    def handle(self, *, nice: int, parent: int, **options: Any) -> None:
        if parent:
            end_with_parent(parent)  # it has checked what follows
        else:
            check_server()
            if warning := check_clock():
                self.stdout.write(warning)
            self.check(tags=["database"], databases=["default"])
        if nice:
            os.nice(nice)
        plan = queues(settings.WORKER_JOBS)
        # Jobs are plain functions in threads. The loop's own executor would have six threads on two cores, for all
        # queues.
        threads = sum(plan.values()) + 2
        parameters = connector_params()
        use_pool(threads)
        asyncio.run(work(plan, threads, PsycopgConnector(kwargs=parameters, min_size=1, max_size=threads)))


async def work(plan: dict[tuple[str, ...], int], threads: int, connector: PsycopgConnector) -> None:
    """One Procrastinate worker per queue, in one event loop, until a signal."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="job"))
    stopping = threading.Event()  # jobs that take long may look at context.additional_context["stopping"]
    with app.replace_connector(connector):
        async with app.open_async():
            tasks = [
                asyncio.create_task(
                    app.run_worker_async(
                        queues=list(names),
                        name="-".join(names),
                        concurrency=count,
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=PATIENCE_SECONDS,
                        delete_jobs="successful",
                        fetch_job_polling_interval=LOOKS_SECONDS.get(names[0], FETCH_JOB_POLLING_INTERVAL),
                        additional_context={"stopping": stopping},
                    )
                )
                for names, count in plan.items()
            ]

            def stop() -> None:
                if stopping.is_set():  # a second cancellation would not wait any more
                    return
                stopping.set()
                for task in tasks:
                    task.cancel()  # a cancelled worker takes no new job and waits for those that run

            def stop_soon(number: int, frame: FrameType | None) -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(stop)

            # Not the loop's own handlers: those end with it, and whoever stops us may ask once more.
            for number in STOPS:
                signal.signal(number, stop_soon)
            await end_together(tasks, stop, stopping.is_set)


async def end_together(tasks: list[asyncio.Task[None]], stop: Callable[[], None], asked: Callable[[], bool]) -> None:
    """Waits for all workers. One that ends by itself stops the others and ends the process with an error, for whoever
    supervises to start it anew."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    by_itself = not asked()
    stop()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
    if by_itself:  # the engine stops as if it had been asked to, when it loses its database between two jobs
        raise CommandError("The worker ended by itself; the log says why. Start it again.")
