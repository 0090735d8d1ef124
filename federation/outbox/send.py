"""Says something: stores an activity as the bytes that everybody gets, with one delivery per distinct inbox, in one
transaction, and wakes the pump. It never opens a connection. ``reconcile`` sends what happened to publications; the
inbox and the admin send answers and follows to one person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from federation.actors.keystore import proof_key_for
from federation.actors.remote import ensure_peer
from federation.conf import federation_settings
from federation.models import Activity, Delivery, LocalActor, PublishedObject, RemoteActor
from federation.queue import DELIVER, nudge
from federation.signatures.proofs import add_proof
from federation.vocab.build import to_bytes
from federation.vocab.kinds import Kind

from .audience import Audience, fan_out
from .supersede import supersede

__all__ = ["Audience", "Kind", "object_uri", "pair_lane", "send", "send_to_one"]

Build = Callable[[str], dict[str, Any]]


def send(  # noqa: PLR0913 -- what the ledger keeps of an activity
    actor: LocalActor,
    build: Build,
    *,
    kind: Kind,
    lane: str,
    audience: Audience,
    now: datetime,
    object: PublishedObject | None = None,  # noqa: A002 -- the word of the model
    first: bool = False,
    public: bool = True,
    only: Sequence[str] | None = None,
) -> Activity:
    """To many. ``build`` makes the document for the id that it is given; a public one gets an integrity proof. Of two
    activities in one ``lane``, no inbox gets the later one first. ``first`` goes before other lanes; ``only`` leaves
    out all servers but these (origins)."""
    with transaction.atomic():
        activity = _store(actor, build, kind=kind, lane=lane, now=now, public=public, about=object)
        if fan_out(activity, audience, first=first, only=only):
            supersede(activity)
            nudge(DELIVER)
    return activity


def send_to_one(  # noqa: PLR0913
    actor: LocalActor, build: Build, remote: RemoteActor, *, kind: Kind, lane: str, now: datetime
) -> Activity:
    """To the personal inbox of one person, before other lanes, for nobody else to read: Follow, Accept, Reject, Undo.
    ``lane`` names the pair of actors (:func:`pair_lane`). A blocked server is sent nothing; the activity is kept."""
    with transaction.atomic():
        activity = _store(actor, build, kind=kind, lane=lane, now=now, public=False, about=None)
        peer = ensure_peer(remote.inbox)
        if not peer.blocked and peer.origin != federation_settings().ORIGIN:
            Delivery.objects.create(
                activity=activity,
                peer=peer,
                inbox=remote.inbox,
                lane=lane,
                first=True,
                created=now,
                next_attempt=now,
            )
            nudge(DELIVER)
    return activity


def pair_lane(actor: LocalActor, remote: RemoteActor) -> str:
    """The lane of everything between two actors, so that an Undo never overtakes its Follow. Ids may be long, the
    database's index entries may not: the local half is the row's id."""
    return f"pair:{actor.pk}:{remote.pk}"


def object_uri(number: uuid.UUID) -> str:
    """The full id of a new object. Stored as it is, never made again from the number."""
    return f"{federation_settings().ORIGIN}/ap/objects/{number}"


def _store(  # noqa: PLR0913
    actor: LocalActor,
    build: Build,
    *,
    kind: Kind,
    lane: str,
    now: datetime,
    public: bool,
    about: PublishedObject | None,
) -> Activity:
    number = uuid.uuid4()
    uri = f"{federation_settings().ORIGIN}/ap/activities/{number}"
    document = build(uri)
    if public:
        # What goes to one person is never relayed, so its signature in transit is proof enough.
        document = add_proof(document, *proof_key_for(actor), now)
    return Activity.objects.create(
        id=number,
        uri=uri,
        actor=actor,
        kind=kind,
        object=about,
        lane=lane,
        public=public,
        body=to_bytes(document),
        created=now,
    )
