"""What readers see when there is no page, or when none can be made. Each is written to be read, and the more is broken,
the less it needs: the plain ones ask neither the database nor the list of static files."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

PAUSE = 120  # seconds after which it is worth asking again


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    try:
        return defaults.page_not_found(request, exception)
    except ValueError:  # static files were not collected, or are those of another version
        return HttpResponse(render_to_string("404_plain.html"), status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Called while the error is being handled. Without its database this site is not broken but away, which search
    engines and caches understand."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return defaults.server_error(request)
    headers = {"Retry-After": str(PAUSE), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
