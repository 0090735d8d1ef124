"""What a page for people says about its document: a ``Link`` header, a ``<link>``, whom to credit. Mastodon follows
them when somebody pastes the page's address into its search (WF-11). One query per page at most, and none where nobody
asks; the edge that knows Wagtail calls this with keys and headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Value
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path

from federation.conf import federation_settings
from federation.models import LocalActor
from federation.vocab.terms import ACTIVITY_JSON

from .answers import page_redirect
from .negotiation import wants_document_only
from .visible import visible_objects

_KEY, _URL, _FOUND = "federation_page_key", "federation_page_url", "federation_page_links"


@dataclass(frozen=True, slots=True)
class PageLinks:
    """``alternate`` is the document's address, ``handle`` is ``@name@host`` of the publisher; ``creator`` is the same
    on a publication's page, and ``author`` is there the address of the publisher's document. All empty for a page that
    nobody was told of."""

    alternate: str = ""
    handle: str = ""
    creator: str = ""
    author: str = ""


def find_links(key: str, url: str) -> PageLinks:
    """For the page with this publication key and absolute address: a publication that is out, or a publisher's own
    page."""
    is_publication = Value(True, output_field=BooleanField())
    is_publisher = Value(False, output_field=BooleanField())
    publications = visible_objects(few=True).filter(key=key, actor__deleted_at=None)
    publishers = LocalActor.objects.filter(url=url, deleted_at=None).exclude(kind=LocalActor.Kind.INSTANCE)
    rows = publications.order_by().values_list("uri", "actor__handle", "actor__uri", is_publication)
    both = rows.union(publishers.order_by().values_list("uri", "handle", Value(""), is_publisher), all=True)
    for uri, name, author, publication in both[:1]:
        handle = f"@{name}@{federation_settings().host}"
        return PageLinks(uri, handle, handle, author) if publication else PageLinks(uri, handle)
    return PageLinks()


def remember_page(request: HttpRequest, key: str, url: str = "") -> None:
    """Tells the functions below which page the request is for. Previews and other addresses have none. ``url`` is the
    page's absolute address, where that is not the one that was asked for."""
    setattr(request, _KEY, key)
    setattr(request, _URL, url)


def links_of(request: HttpRequest) -> PageLinks:
    """Asked for at most once per request."""
    found: PageLinks | None = getattr(request, _FOUND, None)
    if found is None:
        key = getattr(request, _KEY, None)
        url = getattr(request, _URL, "") or federation_settings().ORIGIN + escape_uri_path(request.path)
        found = find_links(key, url) if key is not None else PageLinks()
        setattr(request, _FOUND, found)
    return found


def find_redirect(request: HttpRequest) -> HttpResponse | None:
    """To the document, for a server that asks the page for nothing else and cannot read a link. Never for a browser;
    a cache that ignores ``no-store`` could hide this answer from servers, but never hand a document to people."""
    if request.method not in ("GET", "HEAD") or not wants_document_only(request.headers.get("Accept")):
        return None
    alternate = links_of(request).alternate
    return page_redirect(alternate) if alternate else None


def add_link_header(request: HttpRequest, response: HttpResponse) -> None:
    """Ours comes first: Mastodon reads only the first one."""
    if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
        return
    alternate = links_of(request).alternate
    if alternate:
        patch_vary_headers(response, ["Accept"])  # a server that takes no HTML is sent on instead
        ours = f'<{alternate}>; rel="alternate"; type="{ACTIVITY_JSON}"'
        response["Link"] = f"{ours}, {response['Link']}" if response.has_header("Link") else ours


def head_links(request: HttpRequest) -> dict[str, Any]:
    """A context processor. The values are functions, which templates call: a template that shows none costs nothing."""
    return {
        "federation_alternate": lambda: links_of(request).alternate,
        "federation_author": lambda: links_of(request).author,
        "federation_creator": lambda: links_of(request).creator,
        "federation_handle": lambda: links_of(request).handle,
    }
