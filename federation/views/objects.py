"""The addresses of publications and of what was said about them: stored bytes, after one query that decides whether the
public may see them now. Nothing is built here that the ledger has as bytes."""

from __future__ import annotations

import json
from uuid import UUID

from django.db.models import BooleanField, Case, Q, Value, When
from django.http import HttpRequest, HttpResponseBase

from federation.models import Activity, PublishedObject
from federation.vocab.build import build_create, to_bytes
from federation.vocab.kinds import Kind

from .answers import Missing, Withdrawn, document_answer, page_redirect, public_read, wish_of
from .negotiation import Choice
from .readers import note_reader
from .visible import as_now, is_out, may_have_changed


@public_read
def published_object(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """410 with a tombstone once withdrawn; 404 as soon as the page is hidden, before anybody has been told."""
    wish = wish_of(request)
    rows = PublishedObject.objects.filter(pk=number).annotate(is_out=_truth(is_out()), stale=may_have_changed())
    row = rows.values_list("document", "etag", "url", "withdrawn_at", "is_out", "stale").first()
    if row is None:
        raise Missing
    document, etag, url, withdrawn_at, visible, stale = row
    if withdrawn_at is not None:
        if wish.choice is Choice.PAGE:
            raise Withdrawn
        return document_answer(request, bytes(document), wish, etag=etag, status=410)
    if not visible:
        raise Missing
    if wish.choice is Choice.PAGE:
        return page_redirect(url)
    note_reader(request, number)
    if stale:
        made = as_now(PublishedObject.objects.select_related("actor").get(pk=number))
        document, etag = made.document, made.etag
    return document_answer(request, bytes(document), wish, etag=etag)


@public_read
def activity(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """What was said to everybody, as long as it holds: no text that was corrected or hidden since can be read here. The
    first announcement of a changed publication shows it as it is now, then without a proof."""
    wish = wish_of(request)
    found, stale = _get_activity(number)
    if wish.choice is Choice.PAGE:
        if found.kind == Kind.DELETE:
            raise Missing  # the page that it spoke of may be private now; its address is nobody's business
        return page_redirect(found.object.url if found.object else found.actor.url)
    superseded = stale or _is_superseded(found)
    if superseded and found.kind != Kind.CREATE:
        raise Missing
    if found.object_id is not None and found.kind != Kind.DELETE:
        note_reader(request, found.object_id)
    if found.object is None or not superseded:
        return document_answer(request, bytes(found.body), wish)
    current = json.loads(as_now(found.object).document if stale else bytes(found.object.document))
    return document_answer(request, to_bytes(build_create(found.uri, found.actor.uri, current)), wish)


def _get_activity(number: UUID) -> tuple[Activity, bool]:
    """With whether its publication may have changed since. Raises :class:`Missing`."""
    about_nothing = Q(object=None, actor__deleted_at=None) | Q(object=None, kind=Kind.DELETE)
    withdrawal = Q(kind=Kind.DELETE, object__withdrawn_at__isnull=False)
    rows = Activity.objects.filter(about_nothing | withdrawal | is_out("object__"), pk=number, public=True)
    current = Q(object__isnull=False, object__withdrawn_at=None) & Q(may_have_changed("object__"))
    found = rows.annotate(stale=_truth(current)).select_related("object__actor", "actor").first()
    if found is None:
        raise Missing
    return found, found.stale


def _is_superseded(found: Activity) -> bool:
    """By a later one about the same: the publication, or the profile."""
    later = Activity.objects.filter(object=found.object_id, actor=found.actor_id, created__gt=found.created)
    return later.filter(lane=found.lane, public=True).exists()


def _truth(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
