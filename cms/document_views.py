"""Hands out documents under addresses that never change. Wagtail's hooks are asked first, so that the password or login
of a private collection works; then the file goes out with headers that keep it inert on our origin."""

from __future__ import annotations

import logging
import uuid

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.documents.models import document_served
from wagtail.permissions import policy_registry

from cms.documents import may_show_inline
from cms.models import CustomDocument

logger = logging.getLogger(__name__)


@require_safe
def serve(request: HttpRequest, number: uuid.UUID) -> HttpResponseBase:
    """The document's current file, whatever it is called by now."""
    document = get_object_or_404(CustomDocument, uuid=number)
    for check in hooks.get_hooks("before_serve_document"):
        answer = check(document, request)
        if isinstance(answer, HttpResponse):
            return answer
    document_served.send(sender=CustomDocument, instance=document, request=request)
    return _answer(request, document)


@require_safe
def serve_named(request: HttpRequest, number: uuid.UUID, filename: str) -> HttpResponseBase:
    """The same with a file name for people who read addresses. A name that is out of date leads to the stable one; it
    never decides about the type."""
    document = get_object_or_404(CustomDocument, uuid=number)
    if filename != document.filename:
        return redirect(document.url)
    return serve(request, number)


@require_safe
def serve_by_pk(request: HttpRequest, pk: str, filename: str) -> HttpResponseBase:
    """Wagtail's own address of a document, which nothing here hands out. It can be counted through, and what a draft
    uses is protected by nothing but its address; so it leads on only those who may choose the document anyway."""
    choosable = policy_registry.get_by_type(CustomDocument).instances_user_has_any_permission_for(
        request.user, ["choose"]
    )
    # Eighteen digits fit into the column's type; more would make the database raise.
    document = get_object_or_404(choosable, pk=int(pk[:18]))
    if filename != document.filename:
        raise Http404
    response = redirect(document.url)
    add_never_cache_headers(response)  # the answer depends on who asks
    return response


def _open(document: CustomDocument) -> FieldFile:
    try:
        file: FieldFile = document.file.open("rb")
    except (FileNotFoundError, ValueError) as error:  # Django raises a ValueError where no file is named at all
        logger.warning("The file of document %s is missing", document.pk)
        raise Http404 from error
    return file


def _answer(request: HttpRequest, document: CustomDocument) -> HttpResponseBase:
    etag = quote_etag(document.sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    inline = may_show_inline(document.content_type)
    response = FileResponse(
        _open(document),
        as_attachment=not inline,
        filename=document.filename,
        content_type=document.content_type,
    )
    # A browser must neither guess another type nor run anything in it. ``sandbox`` would also switch off Chromium's PDF
    # viewer, so what opens inline gets a policy that allows no loading at all.
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'" if inline else "sandbox; default-src 'none'"
    response["ETag"] = etag
    # Ask again each time: the collection may have become private since, or the file was replaced.
    response["Cache-Control"] = "no-cache"
    return response
