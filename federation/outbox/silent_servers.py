"""Probes servers that have failed for a week, once a week each. One that answers is sent what waits there at once; the
followers at one that stays silent for ninety days are let go (OU-10). Called every hour by a job."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from federation.actors.farewell import end_follows
from federation.conf import federation_settings
from federation.models import Delivery, Follower, InboundActivity, Peer, RemoteActor
from federation.net.client import Client, borrowed
from federation.net.nodeinfo import is_there
from federation.queue import DELIVER, nudge

from .absence import EVERY, FAILING, in_a_row, is_dead, is_our_own_trouble
from .speaking import Voice, voice

MOST_AT_ONCE = 100
_THREADS = 8
_WITNESSES = 3
# The pump tries a server that rests twice a day. A probe goes in between: a refused POST tells nothing of the server.
_TRIED = timedelta(hours=6)
# As long as what came in is remembered.
_HEARD = timedelta(days=30)
_log = logging.getLogger(__name__)


def probe(now: datetime, *, seconds: float, client: Client | None = None) -> int:
    """Asks for up to ``seconds``, and half a minute for those who are being asked then; how many were asked."""
    if voice() is not Voice.SPEAKS:
        return 0
    due = list(silent_servers(now)[:MOST_AT_ONCE].values_list("pk", flat=True))
    if not due:
        return 0
    newest = Peer.objects.aggregate(newest=Max("last_success"))["newest"]
    # Where little is published, nobody may have been sent anything for a week: those who were well show how we are.
    witnesses = _witnesses() if is_our_own_trouble((), newest, now) else []
    answers = _ask([*witnesses, *due], seconds, client)
    ours = is_our_own_trouble(answers.values(), newest, now)
    for origin, answered in answers.items():
        if answered:
            _recover(origin, now)
        elif ours:
            # Nor did earlier ones fail lately, by the time that we are back.
            Peer.objects.filter(pk=origin).update(probed_at=now, probes_failed=0)
        elif origin in due:
            _note_silence(origin, now)
    return len(answers)


def silent_servers(now: datetime) -> QuerySet[Peer]:
    """Those to probe: without a success for a week, neither probed within a week nor tried within hours, and somebody
    follows from there or something waits."""
    unprobed = Q(probed_at=None) | Q(probed_at__lte=now - EVERY)
    there = Delivery.objects.filter(peer=OuterRef("pk"))
    followed = Exists(Follower.objects.filter(remote__peer=OuterRef("pk")))
    return (
        Peer.objects.filter(unprobed, blocked=False, failing_since__lte=now - FAILING)
        .filter(followed | Exists(there.filter(state=Delivery.State.WAITING)))
        .exclude(Exists(there.filter(attempted_at__gt=now - _TRIED)))
        .order_by(F("probed_at").asc(nulls_first=True), "pk")
    )


def _witnesses() -> list[str]:
    """Servers that were well when they were last sent something. We ourselves are none."""
    well = Peer.objects.filter(blocked=False, failing_since=None).exclude(pk=federation_settings().ORIGIN.lower())
    return list(well.order_by(F("last_success").desc(nulls_last=True), "pk").values_list("pk", flat=True)[:_WITNESSES])


def _ask(origins: Sequence[str], seconds: float, client: Client | None) -> dict[str, bool]:
    """Whether each is there, a few at once; those whose turn did not come are left out."""
    ends = time.monotonic() + seconds
    answers: dict[str, bool] = {}
    with borrowed(client) as own, ThreadPoolExecutor(_THREADS, thread_name_prefix="probe") as pool:
        for start in range(0, len(origins), _THREADS):
            if time.monotonic() > ends:
                break
            some = origins[start : start + _THREADS]
            answers |= zip(some, pool.map(lambda origin: is_there(origin, own), some), strict=True)
    return answers


def _recover(origin: str, now: datetime) -> None:
    """As after a success. A pump that has the server at this moment finds out by itself."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    rested = {"holds": 0, "held_until": None, "hold_reason": "", "failing_since": None, "last_success": now}
    with transaction.atomic():
        if Peer.objects.filter(free, pk=origin).update(**rested, probed_at=now, probes_failed=0):
            waiting = Delivery.objects.filter(peer=origin, state=Delivery.State.WAITING)
            waiting.filter(next_attempt__gt=now).update(next_attempt=now)
            nudge(DELIVER)


@transaction.atomic
def _note_silence(origin: str, now: datetime) -> None:
    peer = silent_servers(now).select_for_update().filter(pk=origin).first()
    if peer is None or peer.failing_since is None:
        return  # blocked, or a success, while we asked; or another worker asked too, and two probes are a week apart
    peer.probes_failed, peer.probed_at = in_a_row(peer.probes_failed, peer.probed_at, now), now
    if is_dead(peer.failing_since, peer.probes_failed, now) and not _was_heard(origin, now):
        _let_go(peer, now)
    peer.save(update_fields=["probes_failed", "probed_at", "let_go_count", "let_go_at"])


def _was_heard(origin: str, now: datetime) -> bool:
    """Not every server has NodeInfo, and one that takes nothing may still send: it is there."""
    return InboundActivity.objects.filter(signer__startswith=f"{origin}/", received_at__gt=now - _HEARD).exists()


def _let_go(peer: Peer, now: datetime) -> None:
    """Whoever lives there and hears there; an inbox elsewhere may be well."""
    address = f"{peer.origin}/"
    hears_there = Q(shared_inbox__startswith=address) | Q(shared_inbox="", inbox__startswith=address)
    count = end_follows(RemoteActor.objects.filter(hears_there, peer=peer))
    if count:
        peer.let_go_count, peer.let_go_at = count, now
        _log.warning("followers let go: %d on %s, unreachable since %s", count, peer, peer.failing_since)
