"""What would happen if a page were published as it is now, before anybody does it. The same table decides that sends
(``decide``), so that nothing is promised that does not happen. An editor waits for the answer, so what
takes long to count is counted before. Called by the desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count

from federation.actors.local import find_by_key
from federation.answers import Change, Consequence
from federation.contract import Publication
from federation.models import Follower, LedgerEntry, LocalActor, Reach

from .decide import Step, decide, held_back, observed
from .quiet import told_by
from .traffic import traffic

# Up to here the servers of followers are counted in a few milliseconds. Above, a job counts them every ten minutes.
COUNTED_AT_ONCE = 20_000

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
    if followers > COUNTED_AT_ONCE and actor.servers is not None:
        return followers, actor.servers
    return followers, _servers(actor.pk)


def count_servers() -> None:
    """Of those who have many followers. A job calls it."""
    many = LocalActor.objects.annotate(many=Count("followers")).filter(many__gt=COUNTED_AT_ONCE)
    for number in many.values_list("pk", flat=True):
        LocalActor.objects.filter(pk=number).update(servers=_servers(number))


def _servers(actor: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SERVERS, [actor])
        return int(cursor.fetchone()[0])


def _reached(entry: LedgerEntry) -> int:
    if entry.current_id is None:
        return 0
    return Reach.objects.filter(object=entry.current_id).values("peer").distinct().count()
