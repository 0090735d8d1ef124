"""Somebody whom one of ours follows boosts something. It is fetched from its own host, whatever came along (IN-12), and
kept under its author (IN-13)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from federation.actors.remote import is_ours
from federation.errors import TryLater
from federation.inbox.brought import NOTHING, Brought
from federation.inbox.objects import fetch_object, fetch_unknown, find_objection, get_actor, is_followed, keep
from federation.inbox.outcome import Outcome, done, ignored
from federation.inbox.screen import is_welcome
from federation.models import InboundActivity, RemoteObject
from federation.net.client import Client
from federation.vocab.parse import ParsedActivity, ParsedObject


def fetch(activity: ParsedActivity, client: Client) -> Brought:
    uri = activity.object_uri
    if uri is None or _objection(activity, uri) or _known(uri).exists():
        return NOTHING
    found = fetch_object(uri, client)
    if find_objection(found) or found.owner is None or not is_welcome(found.owner):
        return Brought(found)
    return Brought(found, fetch_unknown(found.owner, client))


def handle(activity: ParsedActivity, brought: Brought, now: datetime) -> Outcome:
    uri = activity.object_uri
    if uri is None:
        return ignored("it does not say what is boosted")
    if objection := _objection(activity, uri):
        return ignored(objection)
    booster = get_actor(activity.actor, brought, now)
    known = _known(uri)
    if known.exists():
        known.filter(shared_by=None).exclude(actor=booster).update(shared_by=booster)
        return done("boosted; it is here already")
    found = brought.get_said()
    if found.owner is not None and not is_welcome(found.owner):
        return ignored("blocked")
    if _has_changed(found, now):
        raise TryLater("its author changed it while it was fetched")
    # Who boosts a post of their own tells it anew: it is not here for the boost's sake, and stays when that ends.
    return keep(found, brought, now, shared_by=None if found.owner == booster.uri else booster)


def _objection(activity: ParsedActivity, uri: str) -> str:
    """Why not, as far as is known before it is fetched; empty if nothing speaks against it."""
    if is_ours(uri):
        return "not handled yet: Announce of something of ours"
    if not is_followed(activity.actor):
        return "nobody here follows the one who boosts"
    return "" if is_welcome(uri) else "blocked"


def _known(uri: str) -> QuerySet[RemoteObject]:
    return RemoteObject.objects.filter(uri=uri, withdrawn_at=None)


def _has_changed(found: ParsedObject, since: datetime) -> bool:
    """Whether its author told us of its end or of a change since we began to ask. Another worker may have handled that
    by now, when nothing was here that could be withdrawn; what we hold would outlive it."""
    told = InboundActivity.objects.filter(received_at__gt=since, signer=found.owner, kind__in=("Delete", "Update"))
    return told.filter(Q(document__object=found.uri) | Q(document__object__id=found.uri)).exists()
