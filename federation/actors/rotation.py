"""When an actor's keys change, and what its document shows then. Whom to tell, and who is still spoken to with the
former key, is for ``outbox.rotation``, which calls this inside its transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from federation.errors import FederationError
from federation.models import ActorKey, KeyHolder, LocalActor

from .document import rebuild_keys
from .keystore import ED25519, RSA, create_keys, end_keys, retire_keys
from .local import ActorDeleted

# How long a former key lives at most: a server that was away for less still hears of the new one in a way that it
# believes, and a document's proof can be checked that long.
FORMER_KEYS_LIVE = timedelta(days=30)
# And the RSA key at least: GoToSocial answers 202 before it has read what it took, so a server that accepted the new
# key may still refuse it for a while.
FORMER_KEYS_STAY = timedelta(days=1)


class RotationUnderWay(FederationError):
    """The former keys have not ended yet. One rotation at a time: no server has to know three keys."""

    status = 409
    sentence = "The keys of this profile were changed less than 30 days ago."


def rotate_keys(actor: LocalActor, now: datetime) -> ActorKey:
    """New keys for the actor, shown in its document from now on. Returns the former RSA key, which can still sign.
    Raises :class:`RotationUnderWay` and :class:`ActorDeleted`."""
    with transaction.atomic():
        _lock(actor)
        if former_keys(actor).exists():
            raise RotationUnderWay(actor.uri, sentence=_(RotationUnderWay.sentence))
        former = actor.keys.get(algorithm=RSA, retired_at=None)
        retire_keys(actor, now)
        create_keys(actor)
        _show_keys(actor, now)
    return former


def revoke_keys(actor: LocalActor, now: datetime) -> None:
    """All keys that the actor ever had end at once, and new ones take their place. Raises :class:`ActorDeleted`."""
    with transaction.atomic():
        _lock(actor)
        ActorKey.objects.filter(actor=actor, retired_at=None).update(retired_at=now)
        end_keys(ActorKey.objects.filter(actor=actor), now)
        KeyHolder.objects.filter(key__actor=actor).delete()
        create_keys(actor)
        _show_keys(actor, now)


def end_former_signers(now: datetime) -> int:
    """RSA keys that nobody needs any more, a day after their rotation or later; and after thirty days all. How many."""
    former = ActorKey.objects.filter(algorithm=RSA, retired_at__isnull=False)
    unneeded = former.filter(holders=None, retired_at__lte=now - FORMER_KEYS_STAY)
    ended = end_keys(unneeded, now) + end_keys(former.filter(retired_at__lte=now - FORMER_KEYS_LIVE), now)
    KeyHolder.objects.filter(key__ended_at__isnull=False).delete()
    return ended


def end_former_proof_keys(actor: LocalActor, now: datetime) -> None:
    """Takes those of the actor that are thirty days old out of its document."""
    with transaction.atomic():
        LocalActor.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if end_keys(due_proof_keys(now).filter(actor=actor), now):
            actor.refresh_from_db()
            if actor.deleted_at is None:
                _show_keys(actor, now)


def former_keys(actor: LocalActor) -> QuerySet[ActorKey]:
    return ActorKey.objects.filter(actor=actor, retired_at__isnull=False, ended_at=None)


def due_proof_keys(now: datetime) -> QuerySet[ActorKey]:
    """Former proof keys whose time is over."""
    return ActorKey.objects.filter(algorithm=ED25519, ended_at=None, retired_at__lte=now - FORMER_KEYS_LIVE)


def _lock(actor: LocalActor) -> None:
    """What is published meanwhile refers to the actor's row, and need not wait."""
    LocalActor.objects.select_for_update(no_key=True).get(pk=actor.pk)
    actor.refresh_from_db()
    if actor.deleted_at is not None:
        raise ActorDeleted(actor.uri)


def _show_keys(actor: LocalActor, now: datetime) -> None:
    """``updated`` grows, or peers would ignore the change."""
    actor.updated = max(now.replace(microsecond=0), actor.updated + timedelta(seconds=1))
    actor.document, actor.etag = rebuild_keys(actor)
    actor.save(update_fields=["document", "etag", "updated"])
