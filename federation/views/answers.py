"""The forms of our answers: a document, a redirect to the page, or a plain "no". Every public address uses them, so
that a cache between us and a peer never mixes people's pages with documents, nobody gets a cookie, and odd input
never ends in a 500: a peer that meets one rests for minutes (AC-15)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import page_not_found

from federation.errors import BadInput, FederationError, TryLater

from .negotiation import Choice, Wish, choose

READ = ("GET", "HEAD", "OPTIONS")
_RETRY_SECONDS = "30"
View = Callable[..., HttpResponseBase]


class Missing(FederationError):
    """Nothing here that the public may see, now."""

    status = 404
    sentence = "There is nothing at this address."


class Withdrawn(FederationError):
    """Never to return. Only for what somebody deleted or withdrew: peers forget whatever answers this (AC-13)."""

    status = 410
    sentence = "This has been withdrawn."


class NotAcceptable(BadInput):
    status = 406
    sentence = "This address has application/activity+json and text/html."


class WrongMethod(BadInput):
    status = 405
    sentence = "This address cannot be used with this method."


def wish_of(request: HttpRequest) -> Wish:
    """What the request asks for; raises :class:`NotAcceptable`."""
    wish = choose(request.headers.get("Accept"))
    if wish.choice is Choice.NEITHER:
        raise NotAcceptable
    return wish


def public_read(view: View) -> View:
    """For addresses that anybody may read, from anywhere: GET, HEAD and OPTIONS, and federation's errors as answers."""

    read = guarded(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "OPTIONS":
            response: HttpResponseBase = options(READ)
        elif request.method not in READ:
            response = not_allowed(request, READ)
        else:
            response = read(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


def guarded(view: View) -> View:
    """Turns what goes wrong on purpose into an answer, and an absent database into "try later"."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except FederationError as error:
            return refusal(request, error)
        except (OperationalError, InterfaceError) as error:
            return refusal(request, TryLater(str(error)))

    return answer


def options(methods: tuple[str, ...]) -> HttpResponse:
    """For browsers that ask before a script of another site may read this."""
    allowed = ", ".join(methods)
    headers = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, "Access-Control-Allow-Headers": "Accept"}
    return HttpResponse(status=204, headers=headers)


def not_allowed(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    response = refusal(request, WrongMethod())
    response["Allow"] = ", ".join(methods)
    return response


def document_answer(
    request: HttpRequest, body: bytes, wish: Wish, *, etag: str | None = None, status: int = 200
) -> HttpResponseBase:
    """A document in the form asked for. To be asked again each time, at the cost of a 304: what is withdrawn must not
    live on in a cache. ``etag`` has no quotation marks; one form of a document never passes for the other."""
    mark = f'"{etag or sha256(body).hexdigest()}-{"ld" if wish.media_type.startswith("application/ld") else "as"}"'
    response = HttpResponse(body, content_type=wish.media_type, status=status)
    response["ETag"] = mark
    return get_conditional_response(request, etag=mark, response=private(response)) or response


def page_redirect(url: str) -> HttpResponse:
    """To the page for people. ``no-store``: a cache must not send servers there as well."""
    response = HttpResponse(status=303, headers={"Location": url, "Cache-Control": "no-store"})
    patch_vary_headers(response, ["Accept"])
    return response


def refusal(request: HttpRequest, error: FederationError) -> HttpResponse:
    """A sentence and nothing that an attacker could use: HTML for a browser, else a problem document (RFC 9457)."""
    if choose(request.headers.get("Accept")).choice is Choice.PAGE:
        return private(_page(request, error))
    problem = {"type": "about:blank", "title": error.sentence, "status": error.status}
    response = HttpResponse(json.dumps(problem), content_type="application/problem+json", status=error.status)
    if error.status == TryLater.status:
        response["Retry-After"] = _RETRY_SECONDS
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """For one asker at a time, and only if we still say the same."""
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept"])
    return response


def _page(request: HttpRequest, error: FederationError) -> HttpResponse:
    if error.status == Missing.status:
        return page_not_found(request, Http404())
    return HttpResponse(
        format_html(
            '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title><p>{}</p></html>',
            get_language() or "en",
            error.status,
            _(error.sentence),
        ),
        status=error.status,
    )
