"""Only who has logged in may send much. A thread of the web server waits until a body has come; the proxies in front
hand on what anonymous people send once it is whole, and for that it must fit into their memory (docs/how-to/deploy)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

MOST_BYTES = 2 * 1024 * 1024


class AnonymousUploads:
    """Stands behind what finds the user, and before anything that reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        stated = request.META.get("CONTENT_LENGTH") or ""
        if stated.isdecimal() and int(stated[:18]) > MOST_BYTES and not request.user.is_authenticated:
            return HttpResponse("This is too much. Log in first.\n", "text/plain; charset=utf-8", 413)
        return self.get_response(request)
