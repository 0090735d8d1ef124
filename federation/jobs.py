"""Binds the names of :mod:`.queue` to functions, and says what runs by the clock. A job is only a reason to look: what
is to be done stands in tables of ours, so a lost, doubled or stuck job loses nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from federation.inbox import dispatch as inbox_dispatch
from federation.inbox.replay import forget_old
from federation.outbox import back_links, followers, rotation
from federation.outbox import deliver as outbox_deliver
from federation.outbox import reconcile as outbox_reconcile
from federation.outbox.boost import wake_due
from federation.outbox.consequence import count_servers
from federation.outbox.figures import count_followers, count_months, count_pages
from federation.outbox.lost_inboxes import look_after
from federation.outbox.retention import let_go
from federation.outbox.silent_servers import probe
from federation.outbox.sweep import sweep

from .queue import DELIVER, DISPATCH, LINKS, RECONCILE, REQUESTS, UPKEEP, nudge

_log = logging.getLogger(__name__)
# A job that has more to do gives up its turn after this long, so that none is taken for stuck.
TURN_SECONDS = 50.0
OLD_JOBS_HOURS = 24
# What may take long gives the others of its queue their turn sooner: scheduled pages are published there.
SHORT_TURN_SECONDS = 15.0
# Seconds stand in the sixth place. A look that finds nothing costs one small query; a nudge comes much sooner.
EVERY_FIVE_SECONDS = "* * * * * */5"


def _stopping(context: JobContext) -> Callable[[], bool]:
    event = context.additional_context.get("stopping")
    return lambda: bool(event is not None and event.is_set())


def _drain(look: Callable[[], int], context: JobContext, name: str) -> None:
    """Looks again as long as something was found, but not for ever."""
    ends, stops = time.monotonic() + TURN_SECONDS, _stopping(context)
    while look():
        if stops():
            return
        if time.monotonic() > ends:
            nudge(name)
            return


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name=RECONCILE, queue="reconcile", queueing_lock=RECONCILE, pass_context=True)
def reconcile(context: JobContext, timestamp: int = 0) -> None:
    """Tells the world what changed. Several at once are safe: each key is locked."""
    _drain(lambda: outbox_reconcile.drain(timezone.now()), context, RECONCILE)


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name=DELIVER, queue="deliver", queueing_lock=DELIVER, pass_context=True)
def deliver(context: JobContext, timestamp: int = 0) -> None:
    """Sends what is due."""
    stops = _stopping(context)
    if outbox_deliver.deliver(seconds=TURN_SECONDS, stopping=stops) and not stops():
        nudge(DELIVER)


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name=DISPATCH, queue="dispatch", queueing_lock=DISPATCH, pass_context=True)
def dispatch(context: JobContext, timestamp: int = 0) -> None:
    """Handles what came in."""
    _drain(lambda: inbox_dispatch.drain(timezone.now(), limit=1), context, DISPATCH)


@app.periodic(cron="* * * * *")
@app.task(name="federation.stalled", queue=UPKEEP, queueing_lock="federation.stalled")
async def stalled(timestamp: int) -> None:
    """Jobs of workers that died: they stay "doing" until somebody asks. Where another of its name waits already, it
    is not needed."""
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        else:
            _log.warning("job %s (%s) is taken up again", job.id, job.task_name)


@app.periodic(cron="41 * * * *")
@app.task(name="federation.old_jobs", queue=UPKEEP, queueing_lock="federation.old_jobs")
async def old_jobs(timestamp: int) -> None:
    await app.job_manager.delete_old_jobs(
        OLD_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="* * * * *")
@app.task(name="federation.boosts", queue=UPKEEP, queueing_lock="federation.boosts")
def boosts(timestamp: int) -> None:
    """Boosts that had to wait for the end of an earlier one."""
    wake_due(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="federation.count_servers", queue=UPKEEP, queueing_lock="federation.count_servers")
def count_servers_of_followers(timestamp: int) -> None:
    """Where counting takes so long that no editor should wait for it."""
    count_servers()


@app.periodic(cron="*/10 * * * *")
@app.task(name="federation.figures", queue=UPKEEP, queueing_lock="federation.figures")
def figures(timestamp: int) -> None:
    """What people see of followers and reach."""
    count_followers(timezone.now())
    count_pages(timezone.now(), seconds=SHORT_TURN_SECONDS)


@app.periodic(cron="22 * * * *")
@app.task(name="federation.months", queue=UPKEEP, queueing_lock="federation.months")
def months(timestamp: int) -> None:
    """What people see of a month."""
    count_months(timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(name="federation.expire", queue=UPKEEP, queueing_lock="federation.expire")
def expire(timestamp: int) -> None:
    """Gives up what waited too long behind servers that do not answer."""
    outbox_deliver.expire(timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="federation.overdue", queue=UPKEEP, queueing_lock="federation.overdue")
def overdue(timestamp: int) -> None:
    outbox_deliver.warn_of_overdue(timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="federation.retention", queue=UPKEEP, queueing_lock="federation.retention")
def retention(timestamp: int) -> None:
    now = timezone.now()
    let_go(now)
    forget_old(now)


@app.periodic(cron="27 * * * *")
@app.task(name="federation.lost_inboxes", queue=UPKEEP, queueing_lock="federation.lost_inboxes")
def lost_inboxes(timestamp: int) -> None:
    """Asks after those whose inboxes say that they are not there."""
    look_after(timezone.now, seconds=TURN_SECONDS)


@app.periodic(cron="47 * * * *")
@app.task(name="federation.probe", queue=UPKEEP, queueing_lock="federation.probe")
def probe_servers(timestamp: int) -> None:
    """Asks servers that have long failed whether they are there."""
    probe(timezone.now(), seconds=TURN_SECONDS)


@app.periodic(cron="* * * * *")
@app.task(name=REQUESTS, queue=UPKEEP, queueing_lock=REQUESTS)
def requests(timestamp: int = 0) -> None:
    """Answers those who asked to follow, once somebody has decided or nobody need decide any more."""
    if followers.answer_requests(timezone.now(), seconds=SHORT_TURN_SECONDS):
        nudge(REQUESTS)


@app.periodic(cron="* * * * *")
@app.task(name=LINKS, queue=UPKEEP, queueing_lock=LINKS)
def links(timestamp: int = 0) -> None:
    """Looks whether pages that profiles name link back to them."""
    back_links.look(timezone.now(), seconds=SHORT_TURN_SECONDS)


@app.periodic(cron="52 * * * *")
@app.task(name="federation.keys", queue=UPKEEP, queueing_lock="federation.keys")
def keys(timestamp: int) -> None:
    """Ends former keys, and tells the new ones to servers that have not taken them."""
    rotation.tend(timezone.now())


@app.periodic(cron="7 2 * * *")
@app.task(name="federation.sweep", queue=UPKEEP, queueing_lock="federation.sweep")
def nightly_sweep(timestamp: int) -> None:
    found = sweep(timezone.now())
    _log.info(
        "sweep: %d withdrawn, %d rebuilt, %d retired, %d never told, %d differ, %d wait",
        *map(len, (found.withdrawn, found.rebuilt, found.retired, found.untold, found.differs, found.waiting)),
    )
