"""The address of an actor: its document for servers, its page for people. It answers 200 from first use until somebody
deletes the actor on purpose, and then 410 (AC-13); a hidden page changes nothing here."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from federation.conf import federation_settings
from federation.models import LocalActor

from .answers import Missing, Withdrawn, document_answer, page_redirect, public_read, wish_of
from .negotiation import Choice


@public_read
def actor(request: HttpRequest, number: UUID) -> HttpResponseBase:
    wish = wish_of(request)
    row = LocalActor.objects.filter(pk=number).values_list("document", "etag", "url", "deleted_at").first()
    if row is None:
        raise Missing
    document, etag, url, deleted_at = row
    if wish.choice is Choice.PAGE:
        if deleted_at is not None:
            raise Withdrawn
        return page_redirect(url or f"{federation_settings().ORIGIN}/")
    return document_answer(request, bytes(document), wish, etag=etag, status=200 if deleted_at is None else 410)


@public_read
def nothing(request: HttpRequest) -> HttpResponseBase:
    """Addresses that peers try and that we do not have. A plain 404, where the site would redirect to one with a slash:
    GoToSocial, which asks for /api/v1/instance first, fails the whole contact on anything else (WF-10)."""
    raise Missing
