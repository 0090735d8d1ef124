"""The collections of an actor. The outbox can be read through; who follows and who is followed is a number only, for
the safety of readers (CO-03). Counts and items are of what the public may see now, never of what was told once."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase

from federation.actors.document import addresses_of
from federation.models import Activity, Following, LocalActor, PublishedObject
from federation.vocab.build import build_create, to_bytes
from federation.vocab.collections import build_collection, build_featured, build_featured_tags, build_page
from federation.vocab.kinds import Kind

from .answers import Missing, document_answer, page_redirect, public_read, wish_of
from .negotiation import Choice
from .visible import as_now, get_actor, may_have_changed, visible_objects

PAGE_SIZE = 20
PINNED = 5
_FIRST = "first"


@public_read
def outbox(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Without ``?page=`` the collection itself, with it a page."""
    owner = get_actor(number)
    place = request.GET.get("page")
    if place is not None:
        return _answer(request, owner, _page(owner, place))
    uri = addresses_of(owner).outbox
    return _answer(request, owner, build_collection(uri, _visible(owner).count(), f"{uri}?page={_FIRST}"))


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
    """The newest publications, which Mastodon shows on a profile before anybody follows it (CO-05)."""
    owner = get_actor(number)
    newest = _newest_first(_visible(owner)).values_list("uri", flat=True)[:PINNED]
    return _answer(request, owner, build_featured(addresses_of(owner).featured, list(newest)))


@public_read
def tags(request: HttpRequest, number: UUID) -> HttpResponseBase:
    owner = get_actor(number)
    return _answer(request, owner, build_featured_tags(addresses_of(owner).tags, []))


def _page(owner: LocalActor, place: str) -> dict[str, Any]:
    """Twenty announcements, newest first, each with its publication as it is now. A page starts after the last item of
    the one before, not at a number, so that nothing is seen twice or missed when something is published meanwhile."""
    first = Activity.objects.filter(object=OuterRef("pk"), kind=Kind.CREATE).order_by("created").values("uri")[:1]
    rows = _newest_first(_visible(owner)).select_related("actor")
    rows = rows.annotate(announcement=Subquery(first), stale=may_have_changed())
    if place != _FIRST:
        published, number = _read_cursor(owner, place)
        rows = rows.filter(Q(published__lt=published) | Q(published=published, pk__lt=number))
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    uri = addresses_of(owner).outbox
    return build_page(
        f"{uri}?page={place}",
        uri,
        [build_create(row.announcement, owner.uri, document) for row in shown if (document := _document(row))],
        f"{uri}?page={_write_cursor(owner, shown[-1])}" if len(found) > PAGE_SIZE else None,
        None,
    )


def _document(row: Any) -> dict[str, Any] | None:
    """None for one that went out of sight in this moment."""
    try:
        return json.loads(as_now(row).document if row.stale else bytes(row.document))
    except Missing:
        return None


def _visible(owner: LocalActor) -> QuerySet[PublishedObject]:
    return visible_objects().filter(actor=owner)


def _newest_first(objects: QuerySet[PublishedObject]) -> QuerySet[PublishedObject]:
    """The number breaks ties: what is told in the same second has the same date."""
    return objects.order_by("-published", "-pk")


def _write_cursor(owner: LocalActor, last: PublishedObject) -> str:
    """Signed, so that nobody can make us read from arbitrary places; all characters stand in an address as they are."""
    return _signer(owner).sign_object([last.published.isoformat(), str(last.pk)])


def _read_cursor(owner: LocalActor, place: str) -> tuple[datetime, UUID]:
    try:
        published, number = _signer(owner).unsign_object(place)
    except BadSignature as error:
        raise Missing from error
    return datetime.fromisoformat(published), UUID(number)


def _signer(owner: LocalActor) -> Signer:
    return Signer(salt=f"federation.outbox:{owner.pk}", sep="~")


def _answer(request: HttpRequest, owner: LocalActor, document: dict[str, Any]) -> HttpResponseBase:
    wish = wish_of(request)
    return (
        page_redirect(owner.url) if wish.choice is Choice.PAGE else document_answer(request, to_bytes(document), wish)
    )
