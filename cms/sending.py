"""“Sending in 60 s · Undo”: what an editor publishes for others to get waits for a moment in which it can be taken
back, because afterwards it cannot.

It waits as Wagtail's schedules do: the version is approved for a moment ahead (``approved_go_live_at``), and nothing
else is changed. So whatever ends a schedule, such as unpublishing or a newer version, ends this too; and until then
readers and other servers find the page as it was. A schedule is told apart by the date that its editor gave: it stands
in the version.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry, Revision

from cms import queue
from cms.desk import is_connected
from cms.visibility import is_public, opens

SENDING = "cms.sending"
UNDONE = "cms.undone"
# A version keeps its dates to the millisecond only. The shortest delay is as long as this.
_ROUNDED = timedelta(seconds=1)


def is_shareable(page: Any) -> bool:
    """Whether pages of this type can be shared at all."""
    return hasattr(page, "share")


def delay() -> timedelta:
    return timedelta(seconds=settings.SENDING_DELAY)


def waits(version: Any, now: datetime, parent: Page | None = None) -> bool:
    """Whether publishing this version of a page can be undone for a while: others have the page, or will get it. A date
    of the editor's own needs no more time to think, and what is for the website only is told to nobody. ``parent`` is
    where a page that was never saved will be."""
    if (
        not is_shareable(version)
        or not delay()
        or not is_connected()
        or (version.go_live_at and version.go_live_at > now)
    ):
        return False
    was_shared = version.pk is not None and is_public(version, now)
    is_ticked = version.share and version.alias_of_id is None and version.audience != "site"
    is_shared = is_ticked and opens(version, parent)
    if was_shared and is_shared:
        return not version.website_only
    return bool(was_shared or is_shared)


def postpone(revision: Revision, user: Any, now: datetime) -> datetime:
    """The version will be published after the delay, and any other that waited will not. When that is."""
    due = now + delay()
    with transaction.atomic():
        page = Page.objects.select_for_update().get(pk=revision.object_id)
        page.revisions.exclude(pk=revision.pk).update(approved_go_live_at=None)
        page.revisions.filter(pk=revision.pk).update(approved_go_live_at=due)
        Page.objects.filter(pk=page.pk).update(has_unpublished_changes=True)
        revision.approved_go_live_at = due
        log(
            instance=page.specific,
            action=SENDING,
            user=user,
            revision=revision,
            data={"seconds": settings.SENDING_DELAY},
        )
        queue.at(due, queue.SEND_WAITING)
    return due


def is_waiting(revision: Revision) -> bool:
    """Whether the version waits because of the delay, and not for a date that its editor gave."""
    due = revision.approved_go_live_at
    chosen = parse_datetime(revision.content.get("go_live_at") or "")
    return due is not None and (chosen is None or chosen <= due - _ROUNDED)


def find_waiting(page: Page) -> Revision | None:
    """The version of the page that waits."""
    approved = page.revisions.filter(approved_go_live_at__isnull=False)
    return next((revision for revision in approved if is_waiting(revision)), None)


def may_undo(page: Page, revision: Revision, user: Any) -> bool:
    """Whoever may publish the page, and whoever published this: an approver need not be allowed more than that."""
    if page.permissions_for_user(user).can_publish():
        return True
    return PageLogEntry.objects.filter(page=page.pk, action=SENDING, revision=revision, user=user).exists()


def undo(revisions: Iterable[Revision], user: Any) -> int:
    """The versions stay as drafts. How many were still waiting; the others are out."""
    return sum(_undo(revision.pk, user) for revision in revisions)


def send_now(revision: Revision, user: Any) -> bool:
    """Without waiting any longer. Whether it was still waiting."""
    with transaction.atomic():
        waiting = _still_waiting(revision.pk)
        if waiting is not None:
            PublishPageRevisionAction(waiting, user=user).execute(skip_permission_checks=True)
    return waiting is not None


def _undo(number: int, user: Any) -> bool:
    with transaction.atomic():
        waiting = _still_waiting(number)
        if waiting is not None:
            Revision.objects.filter(pk=number).update(approved_go_live_at=None)
            log(instance=waiting.content_object, action=UNDONE, user=user, revision=waiting)
    return waiting is not None


def _still_waiting(number: int) -> Revision | None:
    """Locked, so that it is either sent or taken back. Waits for the worker, if it has begun."""
    waiting = Revision.objects.select_for_update().filter(pk=number, approved_go_live_at__isnull=False)
    return next((revision for revision in waiting if is_waiting(revision)), None)


def seconds_left(revision: Revision) -> int:
    """Until it goes out; 0 once it may."""
    due = revision.approved_go_live_at
    return max(0, round((due - timezone.now()).total_seconds())) if due else 0
