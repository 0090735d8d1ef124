"""An organisation that has published, and whose servers answered as told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cms.models import OrganisationPage
from federation.actors.local import ensure_publisher
from federation.conf import source
from federation.models import Activity, Delivery, Follower, LocalActor, Peer, PublishedObject, RemoteActor
from tests.factories.told import tell

HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script>'


def actor_of(organisation: OrganisationPage) -> LocalActor:
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    return ensure_publisher(publisher, timezone.now())[0]


def make_peer(host: str, **fields: Any) -> Peer:
    return Peer.objects.get_or_create(origin=f"https://{host}", defaults=fields)[0]


def make_follower(actor: LocalActor, host: str, name: str = "ana", **fields: Any) -> Follower:
    uri = f"https://{host}/users/{name}"
    remote, _new = RemoteActor.objects.get_or_create(
        uri=uri,
        defaults={
            "peer": make_peer(host), "kind": "Person", "handle": f"{name}@{host}", "inbox": f"{uri}/inbox",
            "fetched_at": timezone.now(), **fields,
        },
    )  # fmt: skip
    return Follower.objects.create(actor=actor, remote=remote)


def shared(actor: LocalActor, key: str, at: datetime | None = None, **given: Any) -> PublishedObject:
    """A page of the organisation that the world was told of."""
    return tell(actor, key, at or timezone.now() - timedelta(hours=2), **given)


def send(told: PublishedObject, host: str, state: str, *, inbox: str = "inbox", **fields: Any) -> Delivery:
    """What was said last of the page, on its way to that server."""
    said = told.activities.order_by("-created").first()
    assert said is not None
    return sent(said, host, state, inbox=inbox, **fields)


def sent(said: Activity, host: str, state: str, *, inbox: str = "inbox", **fields: Any) -> Delivery:
    made = {"created": said.created, "next_attempt": said.created, "attempts": 1, "lane": "lane"} | fields
    if state != "waiting":
        made.setdefault("done_at", said.created)
    return Delivery.objects.create(
        activity=said, peer=make_peer(host), inbox=f"https://{host}/{inbox}", state=state, **made
    )
