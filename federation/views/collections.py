"""The collections of an actor. The outbox can be read through; who follows and who is followed is a number only, for
the safety of readers (CO-03). Counts and items are of what the public may see now, never of what was told once."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from federation.actors.document import addresses_of
from federation.conf import source
from federation.models import Activity, Following, LocalActor
from federation.vocab.build import build_create, to_bytes
from federation.vocab.collections import build_collection, build_featured, build_featured_tags, build_page
from federation.vocab.kinds import Kind

from .answers import Missing, document_answer, page_redirect, public_read, wish_of
from .current import is_waiting, object_now
from .negotiation import Choice
from .paging import FIRST, read_page
from .visible import featured_objects, get_actor, is_out


@public_read
def outbox(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Without ``?page=`` the collection itself, with it a page."""
    owner = get_actor(number)
    place = request.GET.get("page")
    if place is not None:
        return _answer(request, owner, _page(owner, place))
    uri = addresses_of(owner).outbox
    return _answer(request, owner, build_collection(uri, _said(owner).count(), f"{uri}?page={FIRST}"))


@public_read
def followers(request: HttpRequest, number: UUID) -> HttpResponseBase:
    owner = get_actor(number)
    return _answer(request, owner, build_collection(addresses_of(owner).followers, owner.followers.count(), None))


@public_read
def following(request: HttpRequest, number: UUID) -> HttpResponseBase:
    owner = get_actor(number)
    total = owner.following.filter(state=Following.State.ACCEPTED).count()
    return _answer(request, owner, build_collection(addresses_of(owner).following, total, None))


@public_read
def featured(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """What an actor wants to be seen first, before anybody follows it (CO-05): what somebody chose, or the newest."""
    owner = get_actor(number)
    shown = featured_objects(owner, source().pinned(owner.key))
    return _answer(request, owner, build_featured(addresses_of(owner).featured, [told.uri for told in shown]))


@public_read
def tags(request: HttpRequest, number: UUID) -> HttpResponseBase:
    owner = get_actor(number)
    return _answer(request, owner, build_featured_tags(addresses_of(owner).tags, []))


def _page(owner: LocalActor, place: str) -> dict[str, Any]:
    """Twenty announcements, each with its publication as it is now, and boosts of earlier ones."""
    page = read_page(
        _said(owner).select_related("object__actor").annotate(waits=is_waiting("object__key")), owner, place
    )
    uri = addresses_of(owner).outbox
    return build_page(
        f"{uri}?page={place}",
        uri,
        [item for row in page.rows if (item := _item(row, owner))],
        f"{uri}?page={page.next}" if page.next else None,
        f"{uri}?page={page.prev}" if page.prev else None,
    )


def _said(owner: LocalActor) -> QuerySet[Activity]:
    """What the public may see now: one announcement for each publication, and the boosts that stand."""
    later = Activity.objects.filter(object=OuterRef("object"), created__gt=OuterRef("created"))
    taken_back = Exists(later.filter(kind__in=(Kind.ANNOUNCE, Kind.UNDO)))
    shown = Q(kind=Kind.CREATE) | (Q(kind=Kind.ANNOUNCE) & ~taken_back)
    return Activity.objects.filter(shown, is_out("object__"), actor=owner)


def _item(said: Activity, owner: LocalActor) -> dict[str, Any] | None:
    """None for what was hidden a moment ago."""
    if said.kind == Kind.ANNOUNCE:
        found: dict[str, Any] = json.loads(bytes(said.body))
        return found
    document = _document(said)
    return build_create(said.uri, owner.uri, document) if document else None


def _document(said: Any) -> dict[str, Any] | None:
    with suppress(Missing):
        found: dict[str, Any] = json.loads(object_now(said.object).body if said.waits else bytes(said.object.document))
        return found
    return None


def _answer(request: HttpRequest, owner: LocalActor, document: dict[str, Any]) -> HttpResponseBase:
    wish = wish_of(request)
    return (
        page_redirect(owner.url) if wish.choice is Choice.PAGE else document_answer(request, to_bytes(document), wish)
    )
