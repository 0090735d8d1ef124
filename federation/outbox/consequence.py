"""What would happen if a page were published as it is now, before anybody does it. The same table decides that sends
(``decide``), so that nothing is promised that does not happen. An editor waits for the answer: its queries do not grow
with the followers, or are remembered where they do. Called by the desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from federation.actors.local import find_by_key
from federation.answers import Change, Consequence
from federation.contract import Publication
from federation.models import Follower, LedgerEntry, Reach

from .decide import Step, decide, held_back, observed
from .quiet import told_by
from .traffic import traffic

# Up to here the servers of followers are counted in a few milliseconds; above, the number is an hour old at most.
COUNTED_AT_ONCE = 20_000
_REMEMBERED = 3600

_SERVERS = """
    SELECT count(*) FROM (
        SELECT r.peer_id FROM federation_follower f JOIN federation_remoteactor r ON r.id = f.remote_id
         WHERE f.actor_id = %s GROUP BY r.peer_id) AS servers"""

_CHANGES = {
    (): Change.NOTHING,
    (Step.CREATE,): Change.CREATE,
    (Step.UPDATE,): Change.UPDATE,
    (Step.DELETE,): Change.WITHDRAW,
    (Step.DELETE, Step.CREATE): Change.REPLACE,
}


def consequence(key: str, publication: Publication | None, now: datetime) -> Consequence:
    """``publication`` is what the public would read then; None if it would not be public, or not be shared."""
    entry = LedgerEntry.objects.filter(pk=key).first() or LedgerEntry(key=key)
    steps = decide(told_by(entry), observed(publication))
    publisher = publication.publisher if publication is not None else entry.publisher
    followers, servers = audience_of(publisher)
    return Consequence(
        change=_CHANGES[steps],
        followers=followers,
        servers=servers,
        reached=_reached(entry),
        waits_for_approval=bool(held_back(steps, traffic(entry, publisher, now))),
        never_shared=entry.state == LedgerEntry.State.NEVER,
    )


def audience_of(publisher: str) -> tuple[int, int]:
    """How many follow, and on how many servers."""
    actor = find_by_key(publisher) if publisher else None
    if actor is None:
        return 0, 0
    followers = Follower.objects.filter(actor=actor).count()
    if followers <= COUNTED_AT_ONCE:
        return followers, _servers(actor.pk)
    name = f"federation.servers:{actor.pk}"
    servers = cache.get(name)
    if servers is None:
        servers = _servers(actor.pk)
        cache.set(name, servers, _REMEMBERED)
    return followers, servers


def _servers(actor: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SERVERS, [actor])
        return int(cursor.fetchone()[0])


def _reached(entry: LedgerEntry) -> int:
    if entry.current_id is None:
        return 0
    return Reach.objects.filter(object=entry.current_id).values("peer").distinct().count()
