"""Answers readers from memory, before anything else is asked. It stands behind the middleware that decides which proxy
headers are true, since scheme and host are part of the key, and in front of all others, whose headers are kept with the
page.

What may come from here is what is the same for everybody: a GET or HEAD without a session, of a page that Wagtail
served with 200 to nobody in particular. Everything else is the default and passes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotModified
from wagtail.models import Page

from .listener import listener
from .store import Answer, Store

LONGEST = 60  # seconds, for whatever nobody thought of
_LIST_PART = re.compile(r"page=[1-9][0-9]{0,2}\Z")
_MARK = "cms_page_for_everybody"
# Headers that tell answers apart which are one here: sessions and documents never come from the cache.
_HARMLESS_VARY = {"cookie", "accept"}


def mark_as_public(request: HttpRequest) -> None:
    """The page of this request is the same for everybody. Only the hook around a page's own ``serve`` says so."""
    setattr(request, _MARK, True)


@lru_cache(maxsize=1)
def store_of(limit: int) -> Store:
    """One for the process, however often the middleware is made: Wagtail makes it anew for each preview."""
    return Store(limit)


class PageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.PAGE_CACHE_BYTES:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.store = store_of(settings.PAGE_CACHE_BYTES)
        self.own_cookies = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self._change(request)
        key = self._key(request)
        epoch = listener.epoch if key is not None else None
        if key is None or epoch is None:
            return self.get_response(request)
        found = self.store.find(key, epoch, time.time())
        if found is not None:
            return _answer(request, found)
        now = time.time()
        response = self.get_response(request)
        if request.method == "GET" and isinstance(response, HttpResponse) and is_for_everybody(request, response):
            self._keep(key, epoch, now, response)
        return response

    def _change(self, request: HttpRequest) -> HttpResponseBase:
        """Whoever changed something sees it in the next answer, and so does everybody else here."""
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            listener.catch_up()
        return response

    def _key(self, request: HttpRequest) -> Hashable | None:
        """None for a request whose answer may depend on who asks, or that asks for a document: which Accept headers do
        so, only federation knows, but they all name a kind of JSON."""
        meta = request.META
        query = meta.get("QUERY_STRING", "")
        cookies = meta.get("HTTP_COOKIE", "")
        if (
            (query and not _LIST_PART.match(query))
            or any(name in cookies for name in self.own_cookies)
            or "HTTP_AUTHORIZATION" in meta
            or "json" in meta.get("HTTP_ACCEPT", "").lower()
            or getattr(request, "is_dummy", False)
        ):
            return None
        try:
            return (request.scheme, request.get_host(), request.path, query)
        except DisallowedHost:
            return None

    def _keep(self, key: Hashable, epoch: int, now: float, response: HttpResponse) -> None:
        try:
            until = min(now + LONGEST, _ends.after(epoch, now))
        except DatabaseError:  # the page was made all the same
            return
        response.headers.setdefault("ETag", f'"{sha256(response.content).hexdigest()[:32]}"')
        headers = dict(response.items())
        self.store.put(key, Answer(response.content, headers, headers["ETag"], epoch, now, until))


def is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether everybody without a session gets this very answer. The page's own hook has said so, and nothing since
    says otherwise."""
    caching = {part.partition("=")[0].strip().lower() for part in _listed(response, "Cache-Control")}
    vary = {part.lower() for part in _listed(response, "Vary")}
    return (
        getattr(request, _MARK, False)
        and response.status_code == 200
        and response.get("Content-Type", "").startswith("text/html")
        and not response.cookies
        and not response.has_header("Set-Cookie")
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        and not caching & {"private", "no-store"}
        and vary <= _HARMLESS_VARY
    )


def _listed(response: HttpResponse, header: str) -> list[str]:
    return [part.strip() for part in response.get(header, "").split(",") if part.strip()]


def _answer(request: HttpRequest, found: Answer) -> HttpResponse:
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known is not None and (known.strip() == "*" or found.etag in known):
        without_body = {name: found.headers[name] for name in found.headers.keys() - {"Content-Length", "Content-Type"}}
        return HttpResponseNotModified(headers=without_body)
    return HttpResponse(found.body if request.method == "GET" else b"", headers=found.headers)


class _Ends:
    """When the next live page expires: nothing announces that, the clock alone does it. One query per epoch."""

    def __init__(self) -> None:
        self.known = (-1, 0.0)  # an epoch and its moment, always written together

    def after(self, epoch: int, now: float) -> float:
        """Seconds since 1970 by this machine's clock, infinity for never. Raises DatabaseError."""
        of, moment = self.known
        if of != epoch or moment <= now:
            moment = _next_end(now)
            self.known = (epoch, moment)
        return moment


def _next_end(now: float) -> float:
    live = Page.objects.filter(live=True, expire_at__gt=Now()).annotate(clock=Now())
    found = live.order_by("expire_at").values_list("expire_at", "clock").first()
    if found is None:
        return float("inf")
    end, clock = (moment.timestamp() for moment in found)
    # By whichever clock comes first, this machine's or the database's.
    return float(end - max(0.0, clock - now))


_ends = _Ends()


def state() -> str:
    """For whoever watches the server: “on”, “off” by the settings, or “waiting” while changes cannot be heard."""
    if not settings.PAGE_CACHE_BYTES:
        return "off"
    return "waiting" if listener.epoch is None else "on"
