"""Which servers will not believe a key that came without notice, and for how long: what an operator has to know after
an emergency. It goes by what is known of how servers keep keys:

- Mastodon, Fedify, Commonwire and others fetch a key anew at the first signature that does not fit. Those that do not
  keep one for a day at most.
- GoToSocial keeps a key with the account, for good. It ignores a changed key unless the one it has signed the message
  or its administrator has let our keys expire; after that it looks at an account again every six hours at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Max

from federation.models import Delivery, KeyHolder, LocalActor, RemoteActor, RemoteKey

KEPT = timedelta(hours=24)
# GoToSocial's keys have an address of their own, below the account's.
_GOTOSOCIAL_KEY = "/main-key"


class Memory(StrEnum):
    """How a server keeps the key that it knows: ``FOR_GOOD``, until its administrator acts; for ``A_DAY`` at most; or
    it was ``NOT_LATELY`` sent anything, so that it will fetch the key anew."""

    FOR_GOOD = "for good"
    A_DAY = "a day"
    NOT_LATELY = "not lately"


@dataclass(frozen=True, slots=True)
class Server:
    """``heard`` is when it last accepted something of the actor's. ``until`` is when it believes the new key at the
    latest, None where nobody knows."""

    origin: str
    memory: Memory
    until: datetime | None


def judge(origin: str, heard: datetime | None, *, keeps_keys: bool, now: datetime) -> Server:
    if keeps_keys:
        return Server(origin, Memory.FOR_GOOD, None)
    if heard is None or heard + KEPT <= now:
        return Server(origin, Memory.NOT_LATELY, now)
    return Server(origin, Memory.A_DAY, heard + KEPT)


def list_servers(actor: LocalActor, now: datetime) -> list[Server]:
    """Every server that may know a key of the actor: of its followers, of whom it follows, and all that accepted
    something of the actor's or hold a former key. By name."""
    accepted = Delivery.objects.filter(activity__actor=actor, state=Delivery.State.ACCEPTED)
    heard: dict[str, datetime | None] = dict(accepted.values_list("peer").annotate(last=Max("done_at")))
    known = set(heard) | set(actor.followers.values_list("remote__peer", flat=True))
    known |= set(actor.following.values_list("remote__peer", flat=True))
    if actor.kind == LocalActor.Kind.INSTANCE:  # it signs every fetch
        known |= set(RemoteActor.objects.values_list("peer", flat=True))
    known |= set(KeyHolder.objects.filter(key__actor=actor).values_list("peer", flat=True))
    keys = RemoteKey.objects.filter(key_id__endswith=_GOTOSOCIAL_KEY, actor__peer__in=known)
    keepers = set(keys.values_list("actor__peer", flat=True).distinct())
    return [judge(origin, heard.get(origin), keeps_keys=origin in keepers, now=now) for origin in sorted(known)]
