"""The address of an actor: its document for servers, its page for people. It answers 200 from first use until somebody
deletes the actor on purpose, and then 410 (AC-13); a hidden page changes nothing here."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from federation.conf import federation_settings

from .answers import Missing, Withdrawn, document_answer, page_redirect, public_read, wish_of
from .current import actor_now, actors_now
from .negotiation import Choice


@public_read
def actor(request: HttpRequest, number: UUID) -> HttpResponseBase:
    wish = wish_of(request)
    found = actors_now().filter(pk=number).first()
    if found is None:
        raise Missing
    if wish.choice is Choice.PAGE:
        if found.deleted_at is not None:
            raise Withdrawn
        return page_redirect(found.url or f"{federation_settings().ORIGIN}/")
    if found.deleted_at is not None:
        return document_answer(request, bytes(found.document), wish, etag=found.etag, status=410)
    current = actor_now(found)
    return document_answer(request, current.body, wish, etag=current.etag)


@public_read
def nothing(request: HttpRequest) -> HttpResponseBase:
    """Addresses that peers try and that we do not have. A plain 404, where the site would redirect to one with a slash:
    GoToSocial, which asks for /api/v1/instance first, fails the whole contact on anything else (WF-10)."""
    raise Missing
