"""Lets go of what nobody needs any more. Peers may ask for an activity by its id for a while (OU-06: thirty days at
least), and a replayed message must be known for thirty days; after that, rows are only weight. A daily job calls it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from federation.models import Activity, Delivery, InboundActivity, KeyFailure
from federation.vocab.kinds import Kind

INBOUND = timedelta(days=30)
OUTBOUND = timedelta(days=90)
KEY_FAILURES = timedelta(days=7)


def let_go(now: datetime) -> None:
    """What still waits is kept, and so is the Create of everything that is out: the outbox shows it."""
    InboundActivity.objects.filter(received_at__lt=now - INBOUND).exclude(state=InboundActivity.State.WAITING).delete()
    KeyFailure.objects.filter(failed_at__lt=now - KEY_FAILURES).delete()
    Delivery.objects.filter(done_at__lt=now - OUTBOUND).exclude(state=Delivery.State.WAITING).delete()
    old = Activity.objects.filter(created__lt=now - OUTBOUND, deliveries__isnull=True)
    old.exclude(Q(kind=Kind.CREATE, object__isnull=False, object__withdrawn_at=None)).delete()
