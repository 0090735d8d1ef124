"""Lets go of what nobody needs any more. Peers may ask for an activity by its id for a while (OU-06: thirty days at
least); after that, rows are only weight. What came in is ``inbox.replay``'s to forget. A daily job calls both."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from federation.models import Activity, Delivery, KeyFailure
from federation.vocab.kinds import Kind

from .figures import forget_days

OUTBOUND = timedelta(days=90)
KEY_FAILURES = timedelta(days=7)


def let_go(now: datetime) -> None:
    """What still waits is kept, and so is the Create of everything that is out, with its boosts and their ends: the
    outbox shows it, and a boost that is taken back is sent once more."""
    forget_days(now)
    KeyFailure.objects.filter(failed_at__lt=now - KEY_FAILURES).delete()
    Delivery.objects.filter(done_at__lt=now - OUTBOUND).exclude(state=Delivery.State.WAITING).delete()
    old = Activity.objects.filter(created__lt=now - OUTBOUND, deliveries__isnull=True)
    shown = (Kind.CREATE, Kind.ANNOUNCE, Kind.UNDO)
    old.exclude(Q(kind__in=shown, object__isnull=False, object__withdrawn_at=None)).delete()
