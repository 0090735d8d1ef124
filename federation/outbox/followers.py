"""Who becomes a follower of ours, and who stays one: let in at once, or after somebody here approved them. Each is told
with their whole Follow, by which their server knows what is meant (IN-04). The inbox, the admin and a job call it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower

from federation.conf import source
from federation.contract import Admission
from federation.models import Follower, FollowRequest, LocalActor, RemoteActor
from federation.queue import REQUESTS, nudge
from federation.vocab.build import build_accept, build_reject
from federation.vocab.kinds import Kind

from .send import pair_lane, send_to_one
from .speaking import Voice, voice

_DECISIONS = FollowRequest.Decision
_AT_ONCE = 100


def lets_in(admission: Admission, hosts: set[str]) -> bool:
    """Whether nobody has to approve somebody who lives on these ``hosts``."""
    return not admission.by_hand or not admission.welcome.isdisjoint(hosts)


def hosts_of(remote: RemoteActor) -> set[str]:
    """The host that proved who they are, and that of their handle, which their own server confirmed."""
    return {urlsplit(remote.uri).hostname or "", remote.handle.rpartition("@")[2].partition(":")[0].lower()} - {""}


def hold(remote: RemoteActor) -> None:
    """Until the transaction ends, nobody else lets this person in, refuses them or forgets them: an Undo that comes
    while somebody approves would otherwise leave a follower behind."""
    RemoteActor.objects.select_for_update(no_key=True).filter(pk=remote.pk).first()


def receive(actor: LocalActor, remote: RemoteActor, follow_uri: str, follow: dict[str, Any], now: datetime) -> bool:
    """Somebody asks to follow. Whether they follow now; else they wait. Who follows already is answered anew, whatever
    is asked of others: they would not ask if our answer had reached them."""
    hold(remote)
    known = Follower.objects.filter(actor=actor, remote=remote).exists()
    if not known and not lets_in(source().admission(actor.key), hosts_of(remote)):
        asked = {"follow_uri": follow_uri, "follow": follow}
        FollowRequest.objects.update_or_create(actor=actor, remote=remote, defaults=asked)
        return False
    _let_in(actor, remote, follow_uri, follow, now)
    return True


def refuse(actor: LocalActor, remote: RemoteActor, follow: dict[str, Any], now: datetime) -> None:
    """Tells them no. It keeps nothing and takes nothing away."""
    _answer(actor, remote, Kind.REJECT, follow, now)


def forget(remote_uri: str, **about: Any) -> bool:
    """They follow no longer, and do not ask to: ``about`` says whom, in lookups of both tables. Whether they did."""
    remote = RemoteActor.objects.filter(uri=remote_uri).first()
    if remote is None:
        return False
    hold(remote)
    gone = [model.objects.filter(remote=remote, **about).delete()[0] for model in (Follower, FollowRequest)]
    return any(gone)


def decide(requests: QuerySet[FollowRequest], decision: FollowRequest.Decision) -> int:
    """Notes what a person decided, for any number of them in one statement; a worker tells them. How many."""
    count = requests.filter(decision=_DECISIONS.NONE).update(decision=decision)
    nudge(REQUESTS)
    return count


@transaction.atomic
def remove(followers: QuerySet[Follower]) -> int:
    """From now on they follow no longer; a worker tells them. How many."""
    remotes = RemoteActor.objects.filter(pk__in=followers.values("remote")).order_by("pk")
    list(remotes.select_for_update(no_key=True).values_list("pk"))  # as :func:`hold`, in an order that all keep
    gone = list(followers)
    refused = [
        FollowRequest(
            actor_id=each.actor_id,
            remote_id=each.remote_id,
            follow_uri=each.follow_uri,
            follow=each.follow,
            decision=_DECISIONS.REFUSED,
        )
        for each in gone
    ]
    FollowRequest.objects.bulk_create(
        refused,
        update_conflicts=True,
        unique_fields=["actor", "remote"],
        update_fields=["follow_uri", "follow", "decision"],
    )
    Follower.objects.filter(pk__in=[each.pk for each in gone]).delete()
    nudge(REQUESTS)
    return len(gone)


def answer_requests(now: datetime, *, seconds: float) -> bool:
    """Lets in and refuses, for up to ``seconds``, those about whom somebody decided and those whom nobody has to
    approve any more; forgets those who are blocked or gone. Whether there is more to do."""
    if voice() is Voice.FOREIGN:
        return False
    ends, last = time.monotonic() + seconds, 0
    while numbers := list(_due().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        for number in numbers:
            if time.monotonic() > ends:
                return True
            _settle(number, now)
        last = numbers[-1]
    return False


def waiting_requests() -> QuerySet[FollowRequest]:
    """Those about whom somebody has to decide."""
    return FollowRequest.objects.filter(decision=_DECISIONS.NONE).exclude(_unwelcome())


@transaction.atomic
def _settle(number: int, now: datetime) -> None:
    found = FollowRequest.objects.select_related("remote").filter(pk=number).first()
    if found is None:
        return
    hold(found.remote)
    request = FollowRequest.objects.select_related("actor", "remote__peer").filter(pk=number).first()
    if request is None:  # taken back meanwhile
        return
    actor, remote = request.actor, request.remote
    if remote.blocked or remote.peer.blocked or remote.gone_at or actor.deleted_at:
        request.delete()
    elif request.decision == _DECISIONS.REFUSED:
        request.delete()
        refuse(actor, remote, _whole(request), now)
    elif request.decision == _DECISIONS.APPROVED or lets_in(source().admission(actor.key), hosts_of(remote)):
        _let_in(actor, remote, request.follow_uri, _whole(request), now)


def _let_in(actor: LocalActor, remote: RemoteActor, follow_uri: str, follow: dict[str, Any], now: datetime) -> None:
    FollowRequest.objects.filter(actor=actor, remote=remote).delete()
    said = {"follow_uri": follow_uri, "follow": follow}
    Follower.objects.update_or_create(actor=actor, remote=remote, defaults=said)
    _answer(actor, remote, Kind.ACCEPT, follow, now)


def _answer(actor: LocalActor, remote: RemoteActor, kind: Kind, follow: dict[str, Any], now: datetime) -> None:
    """With the whole Follow and its own id, whatever that is: the asker finds the request by it."""
    build = build_accept if kind is Kind.ACCEPT else build_reject
    send_to_one(
        actor,
        lambda uri: build(uri, actor.uri, follow, remote.uri),
        remote,
        kind=kind,
        lane=pair_lane(actor, remote),
        now=now,
    )


def _whole(request: FollowRequest) -> dict[str, Any]:
    """Their Follow as it came; of the oldest rows only its id was kept."""
    rest = {"id": request.follow_uri, "type": "Follow", "actor": request.remote.uri, "object": request.actor.uri}
    whole: dict[str, Any] = request.follow or rest
    return whole


def _due() -> QuerySet[FollowRequest]:
    requests = FollowRequest.objects.annotate(
        their_host=_part(_part(F("remote__peer"), "/", 3), ":", 1),
        handle_host=Lower(_part(_part(F("remote__handle"), "@", 2), ":", 1)),
    )
    due = ~Q(decision=_DECISIONS.NONE) | _unwelcome()
    waiting = FollowRequest.objects.filter(decision=_DECISIONS.NONE).order_by()
    for actor, key in waiting.values_list("actor", "actor__key").distinct():
        admission = source().admission(key)
        welcome = list(admission.welcome)
        let_in = Q(their_host__in=welcome) | Q(handle_host__in=welcome) if admission.by_hand else Q()
        due |= Q(actor=actor) & let_in
    return requests.filter(due)


def _unwelcome() -> Q:
    blocked = Q(remote__blocked=True) | Q(remote__peer__blocked=True)
    return blocked | Q(remote__gone_at__isnull=False) | Q(actor__deleted_at__isnull=False)


def _part(text: Any, separator: str, number: int) -> Func:
    return Func(text, Value(separator), Value(number), function="split_part", output_field=TextField())
