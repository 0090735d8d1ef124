"""One of ours follows somebody elsewhere, or stops. It counts as following only once their server has said yes, which
``inbox`` records. Called by the commands, and by the admin."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from federation.errors import BadInput, Blocked
from federation.models import Following, LocalActor, RemoteActor
from federation.vocab.build import build_follow, build_undo
from federation.vocab.kinds import Kind

from .send import pair_lane, send_to_one


def follow(actor: LocalActor, remote: RemoteActor, now: datetime) -> Following:
    """Asks, unless that was done and not refused: GoToSocial answers a second Follow with 500 while one is pending.
    Raises BadInput for who can neither follow nor be followed, and Blocked."""
    _check(actor, remote)
    with transaction.atomic():
        LocalActor.objects.select_for_update().get(pk=actor.pk)  # two who click at once ask once
        following = Following.objects.filter(actor=actor, remote=remote).first()
        if following is not None and following.state != Following.State.REJECTED:
            return following
        sent = send_to_one(
            actor,
            lambda uri: build_follow(uri, actor.uri, remote.uri),
            remote,
            kind=Kind.FOLLOW,
            lane=pair_lane(actor, remote),
            now=now,
        )
        asked = {"follow_uri": sent.uri, "state": Following.State.PENDING, "answered_at": None}
        return Following.objects.update_or_create(actor=actor, remote=remote, defaults=asked)[0]


def unfollow(actor: LocalActor, remote: RemoteActor, now: datetime) -> bool:
    """Takes the Follow back, also one that was not answered. False if there was none."""
    with transaction.atomic():
        following = Following.objects.select_for_update().filter(actor=actor, remote=remote).first()
        if following is None:
            return False
        asked = build_follow(following.follow_uri, actor.uri, remote.uri)
        following.delete()
        send_to_one(
            actor,
            lambda uri: build_undo(uri, actor.uri, asked),
            remote,
            kind=Kind.UNDO,
            lane=pair_lane(actor, remote),
            now=now,
        )
        return True


def _check(actor: LocalActor, remote: RemoteActor) -> None:
    if actor.kind == LocalActor.Kind.INSTANCE or actor.deleted_at is not None:
        raise BadInput(actor.uri, sentence=_("This profile cannot follow anybody."))
    if remote.gone_at is not None:
        raise BadInput(remote.uri, sentence=_("This profile no longer exists."))
    if remote.blocked or remote.peer.blocked:
        raise Blocked(remote.uri, sentence=_("This profile or its server is blocked here."))
