"""Publishes what is due and takes back what has expired, by Wagtail's own actions as its ``publish_scheduled`` does,
but each page in a transaction of its own: one that cannot be published neither stops the others nor is left half
done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from cms.checks.gather import gather
from cms.checks.verdict import judge
from cms.sending import is_waiting

logger = logging.getLogger(__name__)
LACKING = "cms.went_out_lacking"


@dataclass(frozen=True, slots=True)
class Done:
    """Numbers of pages."""

    expired: int
    published: int
    failed: int


def run_due_pages(now: datetime) -> Done:
    """Everything whose time has come at ``now``. Safe to call from two workers at once."""
    overdue = Page.objects.filter(live=True, expire_at__lte=now).order_by("expire_at")
    due = Revision.objects.filter(approved_go_live_at__lte=now).order_by("approved_go_live_at")
    expired = _each(overdue.values_list("pk", flat=True), lambda pk: _expire(pk, now))
    published = _each(due.values_list("pk", flat=True), lambda pk: _publish(pk, now))
    return Done(expired.count(True), published.count(True), (expired + published).count(None))


def _each(numbers: Iterable[int], act: Callable[[int], bool]) -> list[bool | None]:
    """The outcome for each: done, already done by somebody else, or None for failed."""
    outcomes: list[bool | None] = []
    for number in list(numbers):
        try:
            with transaction.atomic():
                outcomes.append(act(number))
        except Exception:
            logger.exception("A page that is due could not be changed: %s %s", act.__name__, number)
            outcomes.append(None)
    return outcomes


def _expire(pk: int, now: datetime) -> bool:
    page = Page.objects.select_for_update(skip_locked=True).filter(pk=pk, live=True, expire_at__lte=now).first()
    if page is None:
        return False
    page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _publish(pk: int, now: datetime) -> bool:
    due = Revision.objects.select_for_update(skip_locked=True).filter(pk=pk, approved_go_live_at__lte=now)
    revision = due.first()
    if revision is None:
        return False
    if is_waiting(revision):
        revision.publish()
    else:
        revision.publish(log_action="wagtail.publish.scheduled")
        _note_what_is_lacking(revision)
    return True


def _note_what_is_lacking(revision: Revision) -> None:
    """It was checked when its time was set; what became wrong meanwhile holds nothing up, for nobody is there to mend
    it, and readers are shown nothing that is hidden. Whoever looks at the page's history finds it."""
    page = revision.content_object
    lacking = [finding.sentence for finding in judge(gather(page.specific)).errors]
    if lacking:
        log(instance=page, action=LACKING, revision=revision, data={"sentences": lacking})
