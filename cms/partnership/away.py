"""Whether an organisation has left."""

from __future__ import annotations

from cms.models.partnership import Departure


def is_away(publisher: str) -> bool:
    """``publisher`` is a publisher key."""
    return Departure.objects.filter(publisher=publisher, returned_at=None).exists()


def all_away() -> set[str]:
    """The keys of all that have left."""
    return set(Departure.objects.filter(returned_at=None).values_list("publisher", flat=True))
