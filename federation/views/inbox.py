"""Where others' activities arrive. It hands ``inbox.receive`` the request exactly as it came over the wire and turns
what that says into an answer; it reads no more than the limit and decides nothing itself."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import quote, unquote
from uuid import UUID

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from federation.conf import federation_settings
from federation.errors import BadInput, TooLarge
from federation.inbox.receive import receive
from federation.models import LocalActor
from federation.signatures.message import Message

from .answers import guarded, not_allowed, options
from .visible import get_actor

_METHODS = ("POST", "OPTIONS")
# What stands in a path as it is (RFC 3986 §3.3).
_PATH = "/!$&'()*+,;=:@~-._"
# nginx drops an answer that comes before it has sent all of a body, and says 502. So many times the limit are read and
# thrown away; both shipped proxies hand on no such body before it is whole.
_DRAINED = 2
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f]")


@csrf_exempt  # a signature stands in for it
def shared_inbox(request: HttpRequest) -> HttpResponseBase:
    return _take(request, None)


@csrf_exempt
def actor_inbox(request: HttpRequest, number: UUID) -> HttpResponseBase:
    return _take(request, number)


@guarded
def _take(request: HttpRequest, number: UUID | None) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return options(_METHODS)
    if request.method != "POST":
        return not_allowed(request, _METHODS)
    body = read_body(request, federation_settings().MAX_INBOX_BYTES)
    recipient: LocalActor | None = get_actor(number) if number is not None else None
    headers = {name.lower(): value for name, value in request.headers.items()}
    message = Message("POST", wire_url(request), headers, body)
    content_type = request.headers.get("Content-Type", "")
    status = receive(message, content_type=content_type, recipient=recipient, now=timezone.now())
    return HttpResponse(status=status)


def read_body(request: HttpRequest, limit: int) -> bytes:
    """At most ``limit`` bytes, whatever the sender says about its length. Raises :class:`TooLarge`, and
    :class:`BadInput` if the sender went away."""
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated[:18]) > limit:
        if int(stated[:18]) <= limit * _DRAINED:
            request.read()
        raise TooLarge(f"{stated[:18]} bytes announced")
    # Django gives an empty body where no length is stated; the server below knows where a chunked one ends.
    is_chunked = not stated and "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = cast("WSGIRequest", request).environ["wsgi.input"] if is_chunked else request
    try:
        body: bytes = stream.read(limit + 1)
    except (UnreadablePostError, OSError) as error:
        raise BadInput(str(error)) from error
    if len(body) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return body


def wire_url(request: HttpRequest) -> str:
    """The address that was signed: our own origin, never what a proxy's headers claim, with the path and query as they
    stood in the request line. A path rebuilt after decoding is why "all signatures fail" behind a proxy (SV-17), so it
    is rebuilt only where neither the server tells the original (granian does not) nor the proxy in front of it."""
    raw = request.META.get("REQUEST_URI") or request.META.get("RAW_URI") or _forwarded(request)
    if "://" in raw and not raw.startswith("/"):  # the absolute form, RFC 9112 §3.2.2
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    target = raw if raw.startswith("/") else _rebuilt(request)
    if _UNWRITABLE.search(target):
        raise BadInput("a request line that nobody can have signed")
    return federation_settings().ORIGIN + target.partition("#")[0]


def _forwarded(request: HttpRequest) -> str:
    """What the proxy wrote down. It counts only as another spelling of the path and query that came, so nobody who can
    write this header, past a proxy that does not set it, has a signature looked at for another address."""
    told = request.META.get("HTTP_X_FORWARDED_URI", "")
    path, _, query = told.partition("?")
    same = unquote(path) == request.path and query == request.META.get("QUERY_STRING", "")
    return told if same else ""


def _rebuilt(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return quote(request.path, safe=_PATH) + (f"?{query}" if query else "")
