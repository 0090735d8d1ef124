"""Looks whether the pages that a profile names link back to it, as Mastodon does before it shows a check mark (AC-09).
The profile's lines say where to look; a job looks, never an editor's request."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from datetime import datetime

from federation.actors.remote import is_ours
from federation.contract import LinkBack
from federation.errors import BadAnswer, Gone, Missing, NetworkError, NotPublic, Refused, ServerFailed, Unauthorised
from federation.models import LocalActor, ProfileLink
from federation.net.client import Client
from federation.net.client import client as new_client
from federation.net.fetch import check_status
from federation.queue import LINKS, nudge
from federation.vocab.rel_me import links_back, named_links

from .speaking import Voice, voice

MOST_AT_ONCE = 20
PAGE_SECONDS = 10.0
MAX_BYTES = 1024 * 1024  # what Mastodon reads
_LONGEST = 512
_STATES = ProfileLink.State
# The first that fits; errors are kinds of one another.
_MEANINGS: list[tuple[type[NetworkError], ProfileLink.State]] = [
    (Missing, _STATES.MISSING),
    (Gone, _STATES.MISSING),
    (NotPublic, _STATES.UNREACHABLE),
    (Refused, _STATES.UNSAFE),
    (ServerFailed, _STATES.UNREACHABLE),
    (Unauthorised, _STATES.UNREACHABLE),
    (BadAnswer, _STATES.UNREADABLE),
    (NetworkError, _STATES.UNREACHABLE),
]


def note_links(actor: LocalActor, now: datetime) -> None:
    """Keeps a row for each address in the profile as it is now, and has those looked at that are new, or that have to
    link to another page than before. In the same transaction as the profile."""
    named = _named(actor)
    actor.links.exclude(address__in=named).delete()
    actor.links.exclude(page=actor.url).update(page=actor.url, due=now, state=_STATES.UNKNOWN)
    known = set(actor.links.values_list("address", flat=True))
    new = [ProfileLink(actor=actor, address=each, page=actor.url, due=now) for each in named if each not in known]
    ProfileLink.objects.bulk_create(new, ignore_conflicts=True)
    if actor.links.filter(due__isnull=False).exists():
        nudge(LINKS)


def look_again(actor: LocalActor, now: datetime) -> None:
    """Has all addresses of the profile looked at soon."""
    note_links(actor, now)
    if actor.links.update(due=now):
        nudge(LINKS)


def list_links(actor: LocalActor) -> tuple[LinkBack, ...]:
    """The addresses in the profile, in its order, as they were found when last looked at."""
    rows = {row.address: row for row in actor.links.filter(page=actor.url)}
    found = []
    for address in _named(actor):
        row = rows.get(address, ProfileLink(address=address))
        confirmed = row.state == _STATES.CONFIRMED
        found.append(LinkBack(address, confirmed, str(_STATES(row.state).label), row.checked_at, row.due is not None))
    return tuple(found)


def look(now: datetime, *, seconds: float, client: Client | None = None) -> int:
    """Looks at those that are due, for up to ``seconds``; how many. Nobody is asked while this instance may not
    speak."""
    if voice() is not Voice.SPEAKS:
        return 0
    ends = time.monotonic() + seconds
    looked = 0
    with nullcontext(client) if client else new_client(total=PAGE_SECONDS) as own:
        for link in ProfileLink.objects.filter(due__lte=now).order_by("due", "pk")[:MOST_AT_ONCE]:
            if time.monotonic() > ends:
                break
            state = _judge(link, own)
            # Not if the profile's page moved meanwhile: then it has to be looked at for another.
            rows = ProfileLink.objects.filter(pk=link.pk, page=link.page)
            rows.update(state=state, checked_at=now, due=None)
            looked += 1
    return looked


def _judge(link: ProfileLink, client: Client) -> ProfileLink.State:
    try:
        if is_ours(link.address):
            return _STATES.OURS
        answer = client.get(link.address, accept="text/html", limit=MAX_BYTES)
        check_status(answer)
    except NetworkError as error:
        return next(state for kind, state in _MEANINGS if isinstance(error, kind))
    html = answer.body.decode("utf-8", errors="replace")
    return _STATES.CONFIRMED if links_back(html, link.page) else _STATES.SILENT


def _named(actor: LocalActor) -> list[str]:
    """Of a profile that is hidden, too; of a deleted one there is nothing to be named."""
    return [address for address in named_links(json.loads(bytes(actor.document))) if len(address) <= _LONGEST]
