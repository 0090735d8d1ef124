"""A server that speaks is there: its message cuts a long rest short (OU-10: any valid inbound activity resets it). Only
as far as one probe: that it sends does not mean that it takes anything, so the breaker stays open until a 2xx closes
it. ``inbox.receive`` calls it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from federation.models import Peer
from federation.queue import DELIVER, nudge

from .retry import BREAKER_OPENS_AT

# One that speaks without ever listening must not cost a probe for each of its messages.
EVERY = timedelta(minutes=5)


def note_heard(origin: str, now: datetime) -> None:
    """``origin`` has just sent something that it signed. Short rests end soon enough by themselves, and may be what the
    server asked for."""
    rested = Q(roused_at=None) | Q(roused_at__lt=now - EVERY)
    resting = Peer.objects.filter(rested, pk=origin, holds__gt=BREAKER_OPENS_AT, held_until__gt=now)
    if resting.update(held_until=None, roused_at=now):
        nudge(DELIVER)
