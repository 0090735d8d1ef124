"""What the content side asks the worker to do by the clock."""

from __future__ import annotations

from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from cms import limits
from cms.digests import sending
from cms.partnership import invitations
from cms.queue import PUBLISH, SEND_WAITING
from cms.scheduling import run_due_pages

UPKEEP = "upkeep"


@app.periodic(cron="* * * * *")
@app.task(name="cms.due_pages", queue=PUBLISH, lock="cms.due_pages", queueing_lock="cms.due_pages")
def due_pages(timestamp: int) -> None:
    """Scheduled publishing and expiry, each minute."""
    run_due_pages(timezone.now())


@app.task(name=SEND_WAITING, queue=PUBLISH)
def send_waiting() -> None:
    """The same, at the moment for which something waits. Without a lock: a job that waits would hold up the clock's."""
    run_due_pages(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="cms.mail_at_once", queue=UPKEEP, lock="cms.mail_at_once", queueing_lock="cms.mail_at_once")
def mail_at_once(timestamp: int) -> None:
    """Tells people that what they scheduled has gone out."""
    sending.send_at_once(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="cms.digests", queue=UPKEEP, lock="cms.digests", queueing_lock="cms.digests")
def digests(timestamp: int) -> None:
    """In the morning, wherever somebody is."""
    sending.send_digests(timezone.now())


@app.periodic(cron="23 3 * * *")
@app.task(name="cms.clear_sessions", queue=UPKEEP, queueing_lock="cms.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Sessions that ended, once a day."""
    call_command("clearsessions")


@app.periodic(cron="33 3 * * *")
@app.task(name="cms.forget", queue=UPKEEP, queueing_lock="cms.forget")
def forget(timestamp: int) -> None:
    """What is kept only for a while: ended invitations, and how often somebody tried something."""
    now = timezone.now()
    invitations.forget_old(now)
    limits.clear(now)
