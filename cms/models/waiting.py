"""What a page knows about its version that goes out in a moment (``cms.sending``)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.models import Revision

from cms import sending


class Waiting:
    """For :class:`~cms.models.base.Shareable`, before Wagtail's own classes."""

    revisions: Any
    live: bool

    @cached_property
    def waiting_revision(self) -> Revision | None:
        """The version that goes out in a moment, unless somebody takes it back."""
        return sending.find_waiting(self)

    @property
    def scheduled_revision(self) -> Revision | None:
        """One for whose date its editor decided. What merely waits to be sent is no schedule: it locks nothing, and no
        list calls it one."""
        approved = self.revisions.filter(approved_go_live_at__isnull=False)
        return next((revision for revision in approved if not sending.is_waiting(revision)), None)

    @property
    def approved_schedule(self) -> bool:
        return self._something_is_approved and self.scheduled_revision is not None

    @property
    def status_string(self) -> str:
        if self._something_is_approved and self.waiting_revision is not None:
            return _("live + sending") if self.live else _("sending")
        return str(super().status_string)  # type: ignore[misc]

    def publish(self, revision: Revision, user: Any = None, **options: Any) -> Any:
        """By a person, what others get waits for a moment. By a program it goes out at once."""
        now = timezone.now()
        if user is not None and sending.waits(revision.as_object(), now):
            return sending.postpone(revision, user, now)
        return super().publish(revision, user=user, **options)  # type: ignore[misc]

    @property
    def _something_is_approved(self) -> bool:
        """Lists have asked for all their pages at once; elsewhere one has to look."""
        return getattr(self, "_approved_schedule", True)
