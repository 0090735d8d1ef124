"""The nightly audit: is anything out that should not be? It withdraws that, makes old bytes anew in silence, and
reports whatever else it finds. It never sends news: what was never told may be so on purpose. Called by a job and by
``manage.py sweep``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from federation.actors.local import find_by_key
from federation.conf import source
from federation.models import LedgerEntry, LocalActor, Peer

from . import ledger
from .decide import fingerprint
from .publishers import remake_profile, retire, tell_profile
from .reconcile import reconcile
from .speaking import Voice, voice

_NEWS = timedelta(days=30)


@dataclass(slots=True)
class Findings:
    """Keys. ``untold``: public and shared, but the world was never told. ``differs``: out, but looks otherwise now.
    ``waiting``: for a person, because too much was sent within an hour. ``let_go``: no keys, but servers, with how many
    followers there were let go within a month."""

    withdrawn: list[str] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    let_go: list[str] = field(default_factory=list)
    foreign: bool = False


def sweep(now: datetime) -> Findings:
    """Looks at everything once. Does nothing while the site runs under another address than its profiles."""
    found = Findings()
    if voice() is Voice.FOREIGN:
        found.foreign = True
        return found
    public = set(source().public_keys())
    for key in _keys(LedgerEntry.State.LIVE):
        if key in public:
            _look_at(key, now, found)
        elif source().publication(key) is None and reconcile(key, now):
            found.withdrawn.append(key)
    known = set(_keys(LedgerEntry.State.LIVE))
    found.waiting = sorted(LedgerEntry.objects.filter(waiting_since__isnull=False).values_list("pk", flat=True))
    found.untold = sorted(public - known - set(found.waiting))
    _look_at_publishers(now, found)
    given_up = Peer.objects.filter(let_go_at__gt=now - _NEWS).order_by("-let_go_at", "pk")
    found.let_go = [f"{peer} {peer.followers_let_go}" for peer in given_up]
    return found


def _look_at(key: str, now: datetime, found: Findings) -> None:
    with transaction.atomic():
        entry = LedgerEntry.objects.select_for_update().get(pk=key)
        publication = source().publication(key)
        if publication is None or entry.state != LedgerEntry.State.LIVE:
            return
        if publication.publisher != entry.publisher or fingerprint(publication) != entry.fingerprint:
            found.differs.append(key)
        elif ledger.refresh(entry, publication, now):
            found.rebuilt.append(key)


def _look_at_publishers(now: datetime, found: Findings) -> None:
    for key in source().publisher_keys():
        actor = find_by_key(key)
        if actor is None:
            tell_profile(key, now)  # so that it can be followed
        else:
            remake_profile(actor, now)
    actors = LocalActor.objects.filter(kind=LocalActor.Kind.ORGANISATION, deleted_at=None)
    for key in actors.values_list("key", flat=True):
        with transaction.atomic():
            if retire(key, now):
                found.retired.append(key)


def _keys(state: LedgerEntry.State) -> Iterator[str]:
    yield from list(LedgerEntry.objects.filter(state=state).order_by("pk").values_list("pk", flat=True))
