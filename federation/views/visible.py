"""Which of the things that we told the world may be seen at this moment. One condition in one query, asked each time:
hiding a page hides its object at once, whatever the workers have or have not done yet. All views read through it."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from federation.conf import source
from federation.errors import FederationError, TryLater
from federation.models import LocalActor, PublishedObject, Wake
from federation.outbox import ledger
from federation.outbox.ledger import Bytes

from .answers import Missing, Withdrawn

_log = logging.getLogger(__name__)


def is_out(prefix: str = "") -> Q:
    """The public may see the object's page now, and this is what the ledger last told. ``prefix`` leads to the object
    from another table."""
    condition = source().public_condition(F(f"{prefix}key"))
    return Q(condition) & Q(**{f"{prefix}withdrawn_at": None, f"{prefix}entry__isnull": False})


def may_have_changed(prefix: str = "") -> Exists:
    """A trigger has noted a change that no worker has looked at yet. What is stored may then say what is no longer
    public, such as the address of a picture that has just become private: ``ledger.as_now`` says what is so now."""
    return Exists(Wake.objects.filter(key=OuterRef(f"{prefix}key")))


def as_now(told: PublishedObject) -> Bytes:
    """Raises :class:`Missing` if it is public no more, and :class:`~federation.errors.TryLater` if it cannot be built:
    what is stored may not be shown then."""
    try:
        made = ledger.as_now(told, timezone.now())
    except (FederationError, DatabaseError):
        raise
    except Exception as error:
        _log.exception("%s cannot be built", told.key)
        raise TryLater(str(error)) from error
    if made is None:
        raise Missing
    return made


def visible_objects() -> QuerySet[PublishedObject]:
    return PublishedObject.objects.filter(is_out())


def get_actor(number: UUID) -> LocalActor:
    """One that lives. Raises :class:`Missing`, or :class:`Withdrawn` once somebody deleted it."""
    actor = LocalActor.objects.defer("document").filter(pk=number).first()
    if actor is None:
        raise Missing
    if actor.deleted_at is not None:
        raise Withdrawn
    return actor
