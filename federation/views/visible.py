"""Which of the things that we told the world may be seen at this moment. One condition in one query, asked each time:
hiding a page hides its object at once, whatever the workers have or have not done yet. All views read through it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Q, QuerySet

from federation.conf import source
from federation.contract import MOST_PINNED
from federation.models import LocalActor, PublishedObject

from .answers import Missing, Withdrawn

NEWEST = 5


def is_out(prefix: str = "", *, few: bool = False) -> Q:
    """The public may see the object's page now, and this is what the ledger last told. ``prefix`` leads to the object
    from another table; ``few`` says that other conditions leave only a few rows to ask for."""
    condition = source().public_condition(F(f"{prefix}key"), few=few)
    return Q(condition, **{f"{prefix}withdrawn_at": None, f"{prefix}entry__isnull": False})


def visible_objects(*, few: bool = False) -> QuerySet[PublishedObject]:
    return PublishedObject.objects.filter(is_out(few=few))


def objects_of(owner: LocalActor) -> QuerySet[PublishedObject]:
    return visible_objects().filter(actor=owner).select_related("actor")


def featured_objects(owner: LocalActor, chosen: Sequence[str]) -> list[PublishedObject]:
    """What a profile shows first: the chosen, by their keys and in that order, or else the newest. What is hidden or
    somebody else's by now is not among them, whoever chose it."""
    told = {row.key: row for row in objects_of(owner).filter(key__in=chosen).defer("document")}
    shown = [told[key] for key in chosen if key in told][:MOST_PINNED]
    return shown or list(objects_of(owner).order_by("-published", "-pk").defer("document")[:NEWEST])


def get_actor(number: UUID) -> LocalActor:
    """One that lives. Raises :class:`Missing`, or :class:`Withdrawn` once somebody deleted it."""
    actor = LocalActor.objects.defer("document").filter(pk=number).first()
    if actor is None:
        raise Missing
    if actor.deleted_at is not None:
        raise Withdrawn
    return actor
