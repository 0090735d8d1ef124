"""The least that a view could do."""

from __future__ import annotations

import json
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from federation.models import InboundActivity, PublishedObject, Wake

_PAGE = b"<!doctype html>" + b"<p>Words</p>" * 1000


def bare(request: HttpRequest) -> HttpResponse:
    return _sized(HttpResponse(_PAGE))


def one_query(request: HttpRequest, number: UUID) -> HttpResponse:
    document = PublishedObject.objects.filter(pk=number).values_list("document", flat=True)[0]
    return _sized(HttpResponse(bytes(document), content_type="application/activity+json"))


@csrf_exempt
def two_inserts(request: HttpRequest, name: str) -> HttpResponse:
    now, document = timezone.now(), json.loads(request.body)
    with transaction.atomic():
        InboundActivity.objects.create(
            identity=name, signer="floor", kind="Create", document=document, received_at=now, next_attempt=now
        )
        Wake.objects.create(key=name)
    return _sized(HttpResponse(status=202))


def _sized(response: HttpResponse) -> HttpResponse:
    """Else the server sends it in chunks, which costs more."""
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [
    path("bare/", bare),
    path("object/<uuid:number>", one_query),
    path("inserts/<str:name>", two_inserts),
]
