"""Pages of an outbox, newest first. A page starts at an item, not at a number, so that nothing is seen twice or missed
when something is published or withdrawn meanwhile. The place is signed, so that nobody can make us read from arbitrary
ones, and holds for one actor only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet

from federation.models import Activity, LocalActor

from .answers import Missing

FIRST = "first"
PAGE_SIZE = 20
_OLDER, _NEWER = "older", "newer"


@dataclass(frozen=True, slots=True)
class Page:
    """``rows`` from the newest to the oldest; ``next`` leads to older ones, ``prev`` to newer ones."""

    rows: list[Any]
    next: str | None
    prev: str | None


def read_page(rows: QuerySet[Activity], owner: LocalActor, place: str) -> Page:
    """``place`` is :data:`FIRST` or what an earlier page named. Raises :class:`Missing` for any other."""
    start, direction = (None, _OLDER) if place == FIRST else _read(owner, place)
    if direction == _NEWER:
        found = list(_beyond(rows, start, _NEWER).order_by("created", "pk")[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE][::-1]
        more = {_NEWER: len(found) > PAGE_SIZE, _OLDER: bool(shown)}
    else:
        # The number breaks ties: what is told in the same moment has the same date.
        found = list(_beyond(rows, start, _OLDER).order_by("-created", "-pk")[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE]
        more = {_NEWER: bool(start and shown), _OLDER: len(found) > PAGE_SIZE}
    return Page(
        shown,
        _write(owner, shown[-1], _OLDER) if more[_OLDER] else None,
        _write(owner, shown[0], _NEWER) if more[_NEWER] else None,
    )


def _beyond(rows: QuerySet[Activity], start: tuple[datetime, UUID] | None, direction: str) -> QuerySet[Activity]:
    if start is None:
        return rows
    created, number = start
    if direction == _OLDER:
        return rows.filter(Q(created__lt=created) | Q(created=created, pk__lt=number))
    return rows.filter(Q(created__gt=created) | Q(created=created, pk__gt=number))


def _write(owner: LocalActor, item: Activity, direction: str) -> str:
    """All its characters stand in an address as they are."""
    return _signer(owner).sign_object([item.created.isoformat(), str(item.pk), direction])


def _read(owner: LocalActor, place: str) -> tuple[tuple[datetime, UUID], str]:
    try:
        created, number, direction = _signer(owner).unsign_object(place)
    except (BadSignature, ValueError) as error:  # a place that an older version of this program named has two parts
        raise Missing from error
    return (datetime.fromisoformat(created), UUID(number)), direction


def _signer(owner: LocalActor) -> Signer:
    return Signer(salt=f"federation.outbox:{owner.pk}", sep="~")
