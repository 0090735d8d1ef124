"""Asks after those whose inboxes say that they are not there (OU-08: after 404 or 410 on an inbox, the actor is fetched
anew, once). Only an actor's own document tells what became of them: firewalls and broken deployments answer anything.
Called every hour by a job, never by the pump: it waits for other servers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from federation.actors.farewell import end_follows, forget_actor
from federation.actors.remote import fetch_actor
from federation.errors import BadAnswer, Blocked, Gone, Missing, NetworkError, Unavailable
from federation.models import Delivery, Follower, RemoteActor
from federation.net.client import Client

from .absence import in_a_row, is_lost
from .retry import LIFETIME
from .speaking import Voice, voice

MOST_AT_ONCE = 100
# A new publication ends in a new refusal; its reason need not be asked more often than this.
AGAIN = timedelta(days=1)
_GONE, _MISSING = 410, 404
_log = logging.getLogger(__name__)


def look_after(now: Callable[[], datetime], *, seconds: float, client: Client | None = None) -> int:
    """Fetches them for up to ``seconds``; how many were asked for. Who is gone is forgotten together with their
    follows; who is missing for a week is let go; whose inbox has moved hears the next activity there; all others are
    left as they are. Nobody is asked while this instance may not speak."""
    if voice() is not Voice.SPEAKS:
        return 0
    ends = time.monotonic() + seconds
    asked = 0
    silent: set[str] = set()
    for actor in lost_followers(now())[:MOST_AT_ONCE]:
        if time.monotonic() > ends:
            break
        if actor.peer_id in silent:
            continue
        asked += 1
        if not _ask(actor, now(), client):
            silent.add(actor.peer_id)
    return asked


def lost_followers(now: datetime) -> QuerySet[RemoteActor]:
    """Followers with an inbox that was refused with 410, or has answered 404 for seven days, since they were last
    fetched or asked after."""
    lost = Delivery.objects.filter(
        Q(state=Delivery.State.REFUSED, status=_GONE)
        | Q(state=Delivery.State.EXPIRED, status=_MISSING)
        | Q(state=Delivery.State.WAITING, status=_MISSING, attempted_at__gte=F("first_attempt") + LIFETIME),
        status__in=(_MISSING, _GONE),  # says it in the index's words
        attempted_at__gt=OuterRef("fetched_at"),
    )
    unasked = Q(asked_at=None) | Q(asked_at__lt=now - AGAIN)
    return (
        RemoteActor.objects.filter(unasked, blocked=False, peer__blocked=False)
        .filter(Exists(Follower.objects.filter(remote=OuterRef("pk"))))
        .filter(Exists(lost.filter(inbox=OuterRef("inbox"))) | Exists(lost.filter(inbox=OuterRef("shared_inbox"))))
        .order_by(F("asked_at").asc(nulls_first=True), "pk")
    )


def _ask(actor: RemoteActor, now: datetime, client: Client | None) -> bool:
    """False if the whole server is in trouble, so that nobody else there is asked after today."""
    rows = RemoteActor.objects.filter(pk=actor.pk)
    rows.update(asked_at=now)
    try:
        fetch_actor(actor.uri, now, client=client)
    except Gone:
        with transaction.atomic():
            forget_actor(rows.select_for_update().get(), now)
    except Missing:
        _note_missing(actor, now)
    except NetworkError as error:
        if isinstance(error, BadAnswer | Unavailable):  # whatever it says, it is not 404
            rows.update(missing_since=None, missing_count=0)
        if error.holds and error.temporary:
            RemoteActor.objects.filter(peer_id=actor.peer_id).update(asked_at=now)
            return False
    except Blocked:
        pass  # by somebody, a moment ago
    return True


@transaction.atomic
def _note_missing(asked: RemoteActor, now: datetime) -> None:
    """``asked`` is the row as it was before; whoever was fetched in the meantime is not missing."""
    actor = RemoteActor.objects.select_for_update().get(pk=asked.pk)
    if actor.fetched_at != asked.fetched_at:
        return
    actor.missing_count = in_a_row(asked.missing_count, asked.asked_at, now)
    if actor.missing_count == 1 or actor.missing_since is None:
        actor.missing_since = now
    if is_lost(actor.missing_count, actor.missing_since, now):
        end_follows(RemoteActor.objects.filter(pk=actor.pk))
        actor.missing_since, actor.missing_count = None, 0
        _log.info("a follower on %s let go: not found for a week", asked.peer_id)
    actor.save(update_fields=["missing_since", "missing_count"])
