"""Tells a supervisor or load balancer whether this process can serve: it answers and reaches its database. How it is
with cached pages stands beside it, and is no reason to send readers elsewhere: without them, only the speed is gone."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.page_cache.middleware import state


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 with ``{"database": "ok", "page_cache": …}``, or 503; the latter is “on”, “off” or “waiting”."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok", "page_cache": state()})
