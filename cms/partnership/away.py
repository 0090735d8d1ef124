"""Whether an organisation has left."""

from __future__ import annotations

from cms.models.partnership import Departure


def is_away(publisher: str) -> bool:
    """``publisher`` is a publisher key."""
    return Departure.objects.filter(publisher=publisher, returned_at=None).exists()
