"""Changes an actor's keys without losing a listener. Servers such as GoToSocial believe a new key only if they are told
of it in a message that the key they know has signed; so each is sent to with the former key until it took that message,
or shows that it knows the new one, for thirty days at most. Operators call it, and a job that ends what is over.

Which servers still hold a former key stands in :class:`~federation.models.KeyHolder`; ``lease`` reads it, ``outcomes``
keeps it true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from federation.actors.rotation import (
    FORMER_KEYS_LIVE,
    due_proof_keys,
    end_former_proof_keys,
    end_former_signers,
    revoke_keys,
    rotate_keys,
)
from federation.errors import FederationError
from federation.models import ActorKey, Delivery, KeyHolder, LocalActor
from federation.vocab.kinds import Kind

from .audience import Audience
from .publishers import send_profile
from .reseal import reseal
from .speaking import Voice, voice

# Deliveries are given up after a week; a server that comes back later is told all the same.
REMIND_EVERY = timedelta(days=1)
# Keys that ended so lately are looked after once more: something may have been signed while they ended.
_LATELY = timedelta(days=2)
_EVERYONE = Audience.FOLLOWERS | Audience.MET


class NotNow(FederationError):
    """Nothing goes out at present, and the thirty days would pass without anybody being told."""

    status = 409


@dataclass(frozen=True, slots=True)
class Progress:
    """A rotation under way. ``holders`` servers have not taken the new key; ``ends`` is when the former one does at the
    latest."""

    handle: str
    holders: int
    since: datetime
    ends: datetime


def begin(actor: LocalActor, now: datetime) -> Progress:
    """Rotates the actor's keys and tells everybody who may know the former. Raises :class:`NotNow`, and as
    :func:`federation.actors.rotation.rotate_keys` does."""
    if actor.paused or voice() is not Voice.SPEAKS:
        sentence = _("Nothing is sent at present. Resume first: servers have 30 days to hear of the new key.")
        raise NotNow(actor.uri, sentence=sentence)
    with transaction.atomic():
        former = rotate_keys(actor, now)
        told = send_profile(actor, _EVERYONE, now)
        peers = Delivery.objects.filter(activity=told).values_list("peer", flat=True).distinct()
        holders = KeyHolder.objects.bulk_create([KeyHolder(key=former, peer_id=peer) for peer in peers])
    return Progress(actor.handle, len(holders), now, now + FORMER_KEYS_LIVE)


def revoke(actor: LocalActor, now: datetime) -> None:
    """Ends all keys of the actor this moment. Everybody is told, signed with the new one; whether they believe it is
    theirs to decide. Raises :class:`NotNow` where the site runs under another address than its profiles."""
    if voice() is Voice.FOREIGN:
        raise NotNow(actor.uri, sentence=_("This site runs under another address than its profiles."))
    with transaction.atomic():
        revoke_keys(actor, now)
        # What was taken already would bring a key that is no good any more; the new announcement says all it said.
        waiting = Delivery.objects.filter(activity__actor=actor, activity__kind=Kind.UPDATE, lane=actor.uri)
        waiting.filter(state=Delivery.State.WAITING).update(
            state=Delivery.State.DROPPED, done_at=now, error="the keys were revoked"
        )
        send_profile(actor, _EVERYONE, now)
    reseal(actor, now)


def under_way() -> list[Progress]:
    """Rotations whose former key still signs, those with most servers left first."""
    former = ActorKey.objects.filter(algorithm=ActorKey.Algorithm.RSA, retired_at__isnull=False, ended_at=None)
    rows = former.annotate(n=Count("holders")).order_by("-n").values_list("actor__handle", "n", "retired_at")
    return [Progress(handle, n, since, since + FORMER_KEYS_LIVE) for handle, n, since in rows if since is not None]


def tend(now: datetime) -> None:
    """Once an hour: ends former keys whose time is over, and reminds servers that have not taken the new one."""
    end_former_signers(now)
    recent = ActorKey.objects.filter(ended_at__gt=now - _LATELY, algorithm=ActorKey.Algorithm.ED25519)
    for actor in LocalActor.objects.filter(Q(keys__in=due_proof_keys(now)) | Q(keys__in=recent)).distinct():
        reseal(actor, now)  # before the key goes, so that there is never a proof that cannot be checked
        end_former_proof_keys(actor, now)
    remind(now)


def remind(now: datetime) -> int:
    """Tells the new key once more where nothing that tells it is under way, once a day. How many servers."""
    if voice() is not Voice.SPEAKS:
        return 0
    about_us = Delivery.objects.filter(
        peer=OuterRef("peer"), lane=OuterRef("key__actor__uri"), activity__kind=Kind.UPDATE
    )
    quiet = KeyHolder.objects.filter(~Exists(about_us.filter(state=Delivery.State.WAITING))).filter(
        ~Exists(about_us.filter(created__gt=now - REMIND_EVERY))
    )
    due = quiet.filter(key__ended_at=None, key__actor__paused=False, key__actor__deleted_at=None)
    servers: dict[LocalActor, list[str]] = {}
    for holder in due.select_related("key__actor").order_by(F("key__actor"), "peer"):
        servers.setdefault(holder.key.actor, []).append(holder.peer_id)
    for actor, origins in servers.items():
        send_profile(actor, _EVERYONE, now, only=origins)
    return sum(map(len, servers.values()))
