"""The addresses of publications and of what was said about them: stored bytes, after one query that decides whether the
public may see them now. Nothing is built here that the ledger has as bytes."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Q, Value, When
from django.http import HttpRequest, HttpResponseBase

from federation.actors.document import addresses_of
from federation.models import Activity, PublishedObject
from federation.outbox.boost import find_boost
from federation.vocab.activities import embedded
from federation.vocab.build import build_create, build_update_actor, to_bytes
from federation.vocab.kinds import Kind

from .answers import Missing, Withdrawn, document_answer, page_redirect, public_read, wish_of
from .current import actor_now, actors_now, is_waiting, object_now
from .negotiation import Choice
from .readers import note_reader
from .visible import is_out

_ANY = UUID(int=0)  # stands for the one that is asked for


@public_read
def published_object(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """410 with a tombstone once withdrawn; 404 as soon as the page is hidden, before anybody has been told."""
    wish = wish_of(request)
    document, etag, url, withdrawn_at, visible, waits = _get_row(number)
    if withdrawn_at is not None:
        if wish.choice is Choice.PAGE:
            raise Withdrawn
        return document_answer(request, bytes(document), wish, etag=etag, status=410)
    if not visible:
        raise Missing
    if wish.choice is Choice.PAGE:
        return page_redirect(url)
    note_reader(request, number)
    if waits:
        document, etag, _stored = object_now(PublishedObject.objects.select_related("actor").get(pk=number))
    return document_answer(request, bytes(document), wish, etag=etag)


@public_read
def activity(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """What was said to everybody, as long as it holds: no text that was corrected or hidden since can be read here. The
    first announcement of a changed publication shows it as it is now, then without a proof."""
    wish = wish_of(request)
    found = _get_activity(number)
    if wish.choice is Choice.PAGE:
        if found.kind == Kind.DELETE:
            raise Missing  # the page that it spoke of may be private now; its address is nobody's business
        return page_redirect(found.object.url if found.object else found.actor.url)
    if found.kind == Kind.DELETE:
        return document_answer(request, bytes(found.body), wish)
    if found.object is not None:
        note_reader(request, found.object.pk)
    return document_answer(request, _as_it_is_now(found), wish)


def _get_row(number: UUID) -> tuple[bytes, str, str, datetime | None, bool, bool]:
    """Raises :class:`Missing`."""
    text, parameters = _row_question(is_out(few=True))
    with connection.cursor() as cursor:
        cursor.execute(text, [number if value == _ANY else value for value in parameters])
        row = cursor.fetchone()
    if row is None:
        raise Missing
    document, *others = row
    return (bytes(document), *others)


@lru_cache(maxsize=8)
def _row_question(condition: Q) -> tuple[str, tuple[Any, ...]]:
    """Put together once for each condition: Django takes longer for it than the database to answer."""
    rows = PublishedObject.objects.filter(pk=_ANY).annotate(is_out=_truth(condition), waits=is_waiting())
    columns = rows.values_list("document", "etag", "url", "withdrawn_at", "is_out", "waits")
    text, parameters = columns.query.sql_with_params()
    return text, parameters


def _as_it_is_now(found: Activity) -> bytes:
    """Raises :class:`Missing` for a change that another has followed."""
    if found.object is None:
        return _profile_now(found)
    if found.kind in (Kind.ANNOUNCE, Kind.UNDO):  # an address and no text: it holds until it is taken back
        if found.kind == Kind.ANNOUNCE and find_boost(found.object) != found:
            raise Missing
        return bytes(found.body)
    current = object_now(found.object) if found.waits else None  # type: ignore[attr-defined]  # annotated below
    if (current is None or current.stored) and not _is_superseded(found):
        return bytes(found.body)
    if found.kind != Kind.CREATE:
        raise Missing
    document = json.loads(current.body if current else bytes(found.object.document))
    return to_bytes(build_create(found.uri, found.actor.uri, document))


def _profile_now(found: Activity) -> bytes:
    """The last change tells the profile as it is now, never what it once was."""
    body = bytes(found.body)
    if found.kind != Kind.UPDATE:
        return body
    if _is_superseded(found):
        raise Missing
    current = json.loads(actor_now(actors_now().get(pk=found.actor_id)).body)
    update = build_update_actor(found.uri, found.actor.uri, current, addresses_of(found.actor).followers)
    return body if embedded(json.loads(body)) == embedded(update) else to_bytes(update)


def _get_activity(number: UUID) -> Activity:
    """Raises :class:`Missing`."""
    about_nothing = Q(object=None, actor__deleted_at=None) | Q(object=None, kind=Kind.DELETE)
    withdrawal = Q(kind=Kind.DELETE, object__withdrawn_at__isnull=False)
    rows = Activity.objects.filter(about_nothing | withdrawal | is_out("object__", few=True), pk=number, public=True)
    found = rows.annotate(waits=is_waiting("object__key")).select_related("object__actor", "actor").first()
    if found is None:
        raise Missing
    return found


def _is_superseded(found: Activity) -> bool:
    """By a later change of the same: the publication, or the profile."""
    later = Activity.objects.filter(object=found.object_id, actor=found.actor_id, created__gt=found.created)
    return later.filter(lane=found.lane, public=True, kind__in=(Kind.UPDATE, Kind.DELETE)).exists()


def _truth(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
