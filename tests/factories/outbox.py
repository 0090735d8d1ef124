"""A site whose one organisation is followed, and words to say what was sent to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from federation.actors.local import ensure_publisher
from federation.models import Activity, Delivery, Follower, LedgerEntry, LocalActor, Wake
from federation.outbox import reconcile
from federation.outbox.publishers import tell_profile
from tests.factories.fake_source import FakeSource
from tests.factories.inbound import remote_actor
from tests.factories.publications import make_publication, make_publisher

ORG = "organisation:6f1c"
KEY = "page:7"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def organisation(key: str = ORG, handle: str = "partner") -> LocalActor:
    FakeSource.publishers[key] = make_publisher(key=key, handle=handle)
    return ensure_publisher(FakeSource.publishers[key], NOW)[0]


def describe(key: str = ORG, now: datetime = NOW, **fields: Any) -> None:
    """As a change of the profile on the site."""
    FakeSource.publishers[key] = replace(FakeSource.publishers[key], **fields)
    tell_profile(key, now)


def follow(actor: LocalActor, uri: str, **fields: Any) -> Follower:
    return Follower.objects.create(actor=actor, remote=remote_actor(uri, **fields), follow_uri=f"{uri}/follow")


def publish(now: datetime = NOW, **fields: Any) -> None:
    """As a change on the site: the publication is now like this."""
    publication = make_publication(**{"key": KEY, "publisher": ORG} | fields)
    FakeSource.publications[publication.key] = publication
    FakeSource.hidden.discard(publication.key)
    wake(publication.key, now)


def hide(key: str = KEY, now: datetime = NOW) -> None:
    FakeSource.hidden.add(key)
    wake(key, now)


def wake(key: str, now: datetime = NOW) -> None:
    Wake.objects.create(key=key)
    while reconcile.drain(now):
        pass


def said() -> list[str]:
    """Kinds of all activities, in the order in which they were said."""
    return list(Activity.objects.order_by("created", "kind").values_list("kind", flat=True))


def body(kind: str) -> dict[str, Any]:
    """The only activity of this kind."""
    return json.loads(bytes(Activity.objects.get(kind=kind).body))


def entry(key: str = KEY) -> LedgerEntry:
    return LedgerEntry.objects.get(pk=key)


def waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state="waiting").order_by("id")


def waiting_kinds(inbox: str | None = None) -> list[str]:
    rows = waiting() if inbox is None else waiting().filter(inbox=inbox)
    return list(rows.values_list("activity__kind", flat=True))
