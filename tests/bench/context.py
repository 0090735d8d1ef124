"""What every row is given, and the content that rows send and read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from cms.models import NewsPage, OrganisationPage
from federation.conf import source
from federation.models import LocalActor
from federation.outbox import reconcile
from federation.outbox.publishers import find_actor_for
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, make_organisation

from .measure import Meter
from .rows import ROWS

_PARAGRAPH = (
    "<p>Forty villages agreed on how the wells are shared, who looks after them, and what is done in a dry year."
    " <b>Everybody</b> who came could speak, and the minutes are open to all.</p>"
)


@dataclass(frozen=True, slots=True)
class Bench:
    """``quick`` is for trying out: small counts, whose numbers mean nothing. ``scale`` is the part of the full counts
    that is done, for a machine that has no quarter of an hour; ``wanted`` are the names of the rows to measure."""

    rounds: int
    quick: bool
    scale: float = 1.0
    wanted: frozenset[str] = frozenset(row.name for row in ROWS)

    def count(self, full: int, quick: int, least: int = 0) -> int:
        return quick if self.quick else max(quick, least, round(full * self.scale))

    def meter(self, *trees: int, itself: bool = True) -> Meter:
        """With the database's own CPU: the ledger is part of what is measured."""
        return Meter((database_pid(), *trees), itself)


def database_pid() -> int:
    assert settings.EMBEDDED_DATABASE
    return int((settings.EMBEDDED_DATABASE.root / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def empty() -> None:
    """An instance of which nobody has heard, with no page but the front page."""
    for page in OrganisationPage.objects.all():
        page.delete()
    names = [name for name in connection.introspection.table_names() if name.startswith("federation_")]
    _truncate([*names, "procrastinate_jobs"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def forget_sent() -> None:
    """Followers stay."""
    _truncate(["federation_delivery", "federation_reach", "federation_activity", "procrastinate_jobs"])


def _truncate(names: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")


def organisation(handle: str) -> tuple[OrganisationPage, LocalActor]:
    """A page and the actor that it speaks as."""
    # Handles are never given away twice, not even here.
    page = make_organisation(f"The {handle}", handle=f"{handle}_{secrets.token_hex(4)}")
    settle()
    key = source().is_publisher(f"page:{page.pk}")
    assert key is not None
    actor = find_actor_for(key, timezone.now())
    assert actor is not None
    return page, actor


def settle() -> int:
    """Everything that waits is told; how many."""
    told = 0
    while found := reconcile.drain(timezone.now()):
        told += found
    return told


def news(organisation: OrganisationPage, **fields: Any) -> NewsPage:
    """Shared, live, and about 3 KB as an activity."""
    body = [{"type": "paragraph", "value": _PARAGRAPH} for _ in range(2)]
    return make_news(organisation, **{"share": True, "body": json.dumps(body)} | fields)


def long_news(organisation: OrganisationPage) -> NewsPage:
    """As readers see them: fourteen blocks, two of them pictures."""
    pictures = [make_image(size=(1600, 1200), collection=organisation.collection) for _ in range(2)]
    body: list[dict[str, Any]] = [{"type": "paragraph", "value": _PARAGRAPH} for _ in range(12)]
    body[4:4] = [{"type": "figure", "value": {"image": picture.pk, "caption": "People"}} for picture in pictures]
    return news(organisation, body=json.dumps(body), lead_image=pictures[0])


def follow_from(actor: LocalActor, origins: list[str]) -> None:
    """One follower on each of these servers, with a shared inbox."""
    _follow(actor, "SELECT unnest(%(origins)s::text[])", {"origins": origins})


def follow_from_many(actor: LocalActor, count: int) -> None:
    """The first ``count`` of as many made-up servers as anybody needs, so that several actors share them."""
    _follow(actor, "SELECT 'https://h' || n || '.example' FROM generate_series(1, %(count)s) n", {"count": count})


def _follow(actor: LocalActor, origins: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO federation_peer (origin, created, blocked, scheme, shares_inbox, hold_reason, holds)"
            f" SELECT origin, now(), false, '', true, '', 0 FROM ({origins}) AS o(origin) ON CONFLICT DO NOTHING",
            values,
        )
        cursor.execute(
            "INSERT INTO federation_remoteactor (uri, peer_id, kind, handle, name, summary, url, icon_url, inbox,"
            " shared_inbox, outbox, blocked, fetched_at)"
            " SELECT origin || '/users/a', origin, 'Person', 'a', '', '', '', '', origin || '/users/a/inbox',"
            f" origin || '/inbox', '', false, now() FROM ({origins}) AS o(origin) ON CONFLICT DO NOTHING",
            values,
        )
        cursor.execute(
            "INSERT INTO federation_follower (actor_id, remote_id, follow_uri, follow, created)"
            f" SELECT %(actor)s, r.id, '', '{{}}', now() FROM ({origins}) AS o(origin)"
            " JOIN federation_remoteactor r ON r.uri = o.origin || '/users/a'",
            values | {"actor": actor.pk},
        )
        cursor.execute("ANALYZE federation_peer, federation_remoteactor, federation_follower")
