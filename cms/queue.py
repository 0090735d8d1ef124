"""Defers a job by its name, so that whoever wants one need not know what it does; ``jobs.py`` binds the names."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

PUBLISH = "publish"
SEND_WAITING = "cms.send_waiting"


def at(moment: datetime, name: str) -> None:
    """Once the current transaction has committed. A job that is lost is made up for by the minute's clock, so a failure
    here is logged and never reaches the editor."""
    task = app.configure_task(name, queue=PUBLISH, schedule_at=moment)
    transaction.on_commit(task.defer, robust=True)
