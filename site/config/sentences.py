"""Whoever is refused reads why. Django, and the views that use its decorators, refuse a method or a condition with an
answer that has no body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_SENTENCES = {
    405: "This address cannot be used in this way.",
    412: "What is here is not what the request expects.",
}
_ANY = "The request cannot be answered."


class Sentences:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code >= 400 and isinstance(response, HttpResponse) and not response.content:
            response["Content-Type"] = "text/plain; charset=utf-8"
            response.content = f"{_SENTENCES.get(response.status_code, _ANY)}\n".encode()
        return response
