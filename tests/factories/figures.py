"""An organisation that has published, and whose servers answered as told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cms.models import OrganisationPage
from federation.actors.local import ensure_publisher
from federation.conf import source
from federation.models import (
    Activity,
    DayFigures,
    Delivery,
    Follower,
    LocalActor,
    MonthFigures,
    Peer,
    PublishedObject,
    RemoteActor,
)
from federation.outbox.figures import count_followers, count_months, count_pages
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


def fill_three_months(actor: LocalActor, told: PublishedObject) -> None:
    """Followers who came and went, servers that answered in every way, and months that were counted."""
    now = timezone.now()
    for name in range(9):
        make_follower(actor, f"server{name % 7}.example", f"reader{name}")
    DayFigures.objects.bulk_create(
        [
            DayFigures(actor=actor, day=timezone.localdate(now) - timedelta(days=age), servers=7, counted=now,
                       followers=max(0, 9 - age // 12 + age % 2))
            for age in range(90, 0, -1)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    for age in (1, 2):
        month = (timezone.localdate(now).replace(day=1) - timedelta(days=28 * age)).replace(day=1)
        MonthFigures.objects.get_or_create(
            actor=actor, month=month,
            defaults={"published": 4 - age, "followers": 8 - 2 * age, "servers": 40, "refused": age, "counted": now},
        )  # fmt: skip
    make_peer("tired.example", failing_since=now - timedelta(days=3), holds=5, held_until=now + timedelta(hours=6),
              hold_reason="503: we move house, back on Monday")  # fmt: skip
    make_follower(actor, "tired.example", "zoe")
    send(told, "tired.example", "waiting", attempts=0, created=now - timedelta(days=3))
    send(told, "strict.example", "refused", status=422, error="Validation failed: Text character limit exceeded")
    send(told, "gone.example", "expired", error="The other server's name could not be looked up.")
    for name in range(23):
        send(told, f"server{name}.example", "accepted")
    count_followers(now)
    count_pages(timezone.now() + timedelta(seconds=1), seconds=60)
    count_months(now)
