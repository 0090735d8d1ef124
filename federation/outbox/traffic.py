"""How much was sent lately, so that a fault or an import that speaks for an editor is noticed. ``reconcile`` asks
before it sends, ``consequence`` before it promises."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q

from federation.conf import federation_settings
from federation.models import Activity, LedgerEntry
from federation.vocab.kinds import Kind

from .decide import Traffic

_COUNTED = (Kind.CREATE, Kind.UPDATE, Kind.ANNOUNCE)


def traffic(entry: LedgerEntry, publisher: str, now: datetime) -> Traffic:
    own, everybodys = sent_within_the_hour(now, publisher)
    limit = federation_settings().AUTOMATIC_SENDS_PER_HOUR
    return Traffic(own, limit, everybodys, entry.waiting_since is not None, entry.approved)


def sent_within_the_hour(now: datetime, publisher: str) -> tuple[int, int]:
    """Posts, changes and boosts of publications: this publisher's, and everybody's. One partner's import must not
    silence the others."""
    sent = Activity.objects.filter(created__gt=now - timedelta(hours=1), kind__in=_COUNTED, object__isnull=False)
    counts = sent.aggregate(own=Count("pk", filter=Q(actor__key=publisher)), all=Count("pk"))
    return counts["own"], counts["all"]
