"""What others publish, from their words to our rows. A document is believed from its author, signed, or from its own
host, fetched; whatever an activity merely carries along is only a name to ask for (AU-03). The handlers call it: what
begins with ``fetch`` in their first part, all else in their second."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from federation.actors.farewell import withdraw
from federation.actors.remote import Profile, fetch_profile, fetch_signers, find_actor, is_ours, store_actor
from federation.errors import BadInput
from federation.models import Following, RemoteActor, RemoteObject
from federation.net.client import Client
from federation.net.fetch import fetch_document
from federation.net.location import same_origin
from federation.vocab.parse import ParsedActivity, ParsedObject, parse_object
from federation.vocab.terms import ACTIVITY_TYPES, ACTOR_TYPES

from .brought import Brought
from .outcome import Outcome, done, ignored

_TOMBSTONE = "Tombstone"
_NOT_PUBLIC = "not public"
_NOT_PUBLISHED = ACTIVITY_TYPES | ACTOR_TYPES | {_TOMBSTONE}
_LONGEST_KIND = 32
_LONGEST_LANGUAGE = 35


def is_followed(actor: str) -> bool:
    """Whether somebody here follows the actor, with their server's consent (IN-06)."""
    return Following.objects.filter(remote__uri=actor, state=Following.State.ACCEPTED).exists()


def fetch_unknown(uri: str, client: Client) -> Profile | None:
    """Who it is; None if that is known here already."""
    return None if find_actor(uri) else fetch_profile(uri, client=client)


def get_actor(uri: str, brought: Brought, now: datetime) -> RemoteActor:
    """As known here, or else as fetched. Raises TryLater if neither."""
    return find_actor(uri) or store_actor(brought.get_profile(uri), now)


def fetch_said(activity: ParsedActivity, client: Client) -> ParsedObject:
    """What the activity is about: as embedded, if it lies on the actor's host and says that it is the actor's; else as
    its own host tells it. Raises BadInput and what the network can raise."""
    uri = activity.object_uri
    if uri is None:
        raise BadInput("it does not say what it is about")
    if activity.object is not None and same_origin(uri, activity.actor):
        found = parse_object(activity.object)
        if found.uri == uri and found.owner == activity.actor:
            return found
    return fetch_object(uri, client)


def fetch_object(uri: str, client: Client) -> ParsedObject:
    """From its own host. What is ours is never asked for over the network (SV-09)."""
    if is_ours(uri):
        raise BadInput(f"{uri[:200]!r} is an address of ours")
    signer, other = fetch_signers(uri)
    return parse_object(fetch_document(uri, signer, other=other, client=client).document)


def find_objection(found: ParsedObject) -> str:
    """Why such a thing is never stored; empty if it may be."""
    if found.kind in _NOT_PUBLISHED:
        return f"not a publication: {found.kind}"
    if found.owner is None:
        return "nobody is named as the author"
    return "" if found.is_public else _NOT_PUBLIC


def keep(found: ParsedObject, brought: Brought, now: datetime, *, shared_by: RemoteActor | None = None) -> Outcome:
    """Stores or refreshes an object under its author. What was withdrawn stays withdrawn (IN-09), unless it was just
    fetched from its own host because of a boost (``shared_by``). Private objects are not stored, and one that became
    private is withdrawn."""
    objection = find_objection(found)
    if found.owner is None or objection not in ("", _NOT_PUBLIC):
        return ignored(objection)
    row = RemoteObject.objects.select_for_update(of=("self",)).select_related("actor").filter(uri=found.uri).first()
    if row is not None and row.actor.uri != found.owner:
        if row.kind != _TOMBSTONE:
            return ignored("it belongs to somebody else")
        row.delete()  # withdrawn in advance by a neighbour, who had no right to
        row = None
    if objection:
        if row is not None:
            withdraw(row, now)
        return ignored(objection)
    if row is not None:
        return _refresh(row, found, now, shared_by)
    values = {
        **_fields(found, now),
        "actor": get_actor(found.owner, brought, now),
        "received_at": now,
        "shared_by": shared_by,
        "only_shared": shared_by is not None,
    }
    RemoteObject.objects.get_or_create(uri=found.uri, defaults=values)  # two may boost it at the same moment
    return done()


def _refresh(row: RemoteObject, found: ParsedObject, now: datetime, shared_by: RemoteActor | None) -> Outcome:
    if row.withdrawn_at is not None and shared_by is None:
        return ignored("withdrawn before")
    if row.updated is not None and (found.updated or found.published or row.updated) < row.updated:
        return ignored("older than what is stored")
    for name, value in _fields(found, now).items():
        setattr(row, name, value)
    if shared_by is not None:
        row.shared_by, row.only_shared = shared_by, row.only_shared or row.withdrawn_at is not None
    elif is_followed(row.actor.uri):
        row.only_shared = False  # its author told somebody here, who follows them
    row.withdrawn_at = None
    row.save()
    return done()


def remember_withdrawn(uri: str, author: RemoteActor, now: datetime) -> None:
    """A Delete that came before its Create."""
    values = {"actor": author, "kind": _TOMBSTONE, "received_at": now, "withdrawn_at": now}
    RemoteObject.objects.get_or_create(uri=uri, defaults=values)


def _fields(found: ParsedObject, now: datetime) -> dict[str, Any]:
    """A date that lies ahead would keep the item on top of every list, and every correction out."""
    return {
        "kind": found.kind[:_LONGEST_KIND],
        "title": found.name,
        "summary": found.summary,
        "content": found.content_html,
        "url": found.url,
        "language": (found.language or "")[:_LONGEST_LANGUAGE],
        "published": min(found.published, now) if found.published else None,
        "updated": min(found.updated, now) if found.updated else None,
    }
