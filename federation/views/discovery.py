"""What servers ask before they know us: WebFinger, host-meta and NodeInfo. Only facts that are true at this moment, and
the same answer for the same person whatever way they were asked for."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from federation.actors.local import SITE, find_by_handle, find_by_key, find_by_uri, get_instance_actor
from federation.conf import federation_settings, source
from federation.errors import BadInput, FederationError
from federation.models import LocalActor
from federation.vocab.build import to_bytes
from federation.vocab.discovery import (
    NODEINFO_VERSIONS,
    build_host_meta,
    build_nodeinfo,
    build_nodeinfo_index,
    build_webfinger,
)
from federation.vocab.html import plain_text
from federation.vocab.terms import ACTIVITY_JSON, AS, JRD, NODEINFO_SCHEMA, XRD

from .answers import Missing, Withdrawn, public_read, refusal
from .resource import Account, Address, read_resource
from .visible import visible_objects

# WF-04: at most three days, and three minutes for "no". A new handle that stays "not found" for longer is the classic
# complaint.
_FIXED = "public, max-age=3600"
_NOT_FOUND = "public, max-age=60"
# These have a picture or a number in them, and either may have to go at once.
_ASK_AGAIN = "no-cache"


@public_read
def webfinger(request: HttpRequest) -> HttpResponseBase:
    try:
        actor = _find(request.GET.get("resource", ""))
    except FederationError as error:
        response = refusal(request, error)
        response["Cache-Control"] = _NOT_FOUND
        return response
    return _answer(to_bytes(_describe(actor)), JRD, _ASK_AGAIN)


@public_read
def host_meta(request: HttpRequest) -> HttpResponseBase:
    return _answer(build_host_meta(federation_settings().ORIGIN).encode(), f"{XRD}; charset=utf-8", _FIXED)


@public_read
def nodeinfo_index(request: HttpRequest) -> HttpResponseBase:
    document = build_nodeinfo_index(federation_settings().ORIGIN, get_instance_actor().uri)
    return _answer(to_bytes(document), "application/json", _FIXED)


@public_read
def nodeinfo(request: HttpRequest, number: str) -> HttpResponseBase:
    """Users are the organisations that can be followed: nobody else has an account that speaks."""
    if number not in NODEINFO_VERSIONS:
        raise Missing
    site = source().publisher(SITE)
    document = build_nodeinfo(
        number,
        software_version=_own_version(),
        name=site.name if site else federation_settings().host,
        description=plain_text(site.summary) if site else "",
        users=LocalActor.objects.filter(kind=LocalActor.Kind.ORGANISATION, deleted_at=None).count(),
        posts=visible_objects().count(),
    )
    media_type = f'application/json; profile="{NODEINFO_SCHEMA}{number}#"'
    return _answer(to_bytes(document), media_type, _ASK_AGAIN)


def _find(resource: str) -> LocalActor:
    """Raises BadInput for no resource, Missing and Withdrawn."""
    if not resource:
        raise BadInput(sentence="Name a resource: ?resource=acct:name@host")
    settings = federation_settings()
    wanted = read_resource(resource, settings.ORIGIN, settings.host)
    if wanted is None:
        raise Missing
    actor = _find_account(wanted) if isinstance(wanted, Account) else _find_address(wanted)
    if actor is None:
        raise Missing
    if actor.deleted_at is not None:
        raise Withdrawn
    return actor


def _find_account(wanted: Account) -> LocalActor | None:
    found = find_by_handle(wanted.name)
    if found is None and wanted.name == (federation_settings().host.partition(":")[0]).lower():
        return get_instance_actor()
    return found


def _find_address(wanted: Address) -> LocalActor | None:
    """An actor's id, the address of its page, or the root, which stands for the instance itself (FEP-d556)."""
    if wanted.is_root:
        return get_instance_actor()
    found = find_by_uri(wanted.url)
    if found is not None:
        return found
    key = source().url_is_publication(wanted.url)
    return find_by_key(key) if key is not None else None


def _describe(actor: LocalActor) -> dict[str, Any]:
    settings = federation_settings()
    publisher = source().publisher(actor.key)
    avatar = publisher.avatar if publisher else None
    document = build_webfinger(actor.handle, settings.host, actor.uri, actor.url, [], avatar)
    if actor.kind == LocalActor.Kind.INSTANCE:
        document["links"].append({"rel": f"{AS}Service", "type": ACTIVITY_JSON, "href": actor.uri})
    return document


def _answer(body: bytes, media_type: str, caching: str) -> HttpResponse:
    return HttpResponse(body, content_type=media_type, headers={"Cache-Control": caching})


def _own_version() -> str:
    try:
        return version("commonwire")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
