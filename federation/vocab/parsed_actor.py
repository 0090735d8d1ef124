"""Reads actors' documents. It assumes that the document was fetched from where its id says, or came signed by that
actor: this file only refuses what contradicts itself. ``actors`` and ``inbox`` call it, through ``parse``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.errors import BadInput

from .contexts import check_context
from .html import clean_inbound, plain_text
from .media import parse_image_address
from .normal import kinds, normal_form
from .parsed_keys import ParsedKey, parse_keys
from .terms import ACTOR_TYPES, USER_NAME
from .values import first_string, identity, items, reference, references, same_site, text, web_address, web_addresses

# What Mastodon keeps (DO-05): longer values are cut, a longer user name is refused.
MAX_NAME = 2048
MAX_SUMMARY = 20_000
MAX_ALIASES = 256


@dataclass(frozen=True, slots=True)
class ParsedActor:
    """An actor of another server. ``kind`` is the type's short name; ``name`` is plain text, to be escaped;
    ``summary_html`` is clean; ``webfinger`` is ``user@host`` as claimed, to be checked before it is believed."""

    uri: str
    kind: str
    handle: str
    name: str
    summary_html: str
    url: str
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    featured: str | None
    icon_url: str | None
    public_keys: tuple[ParsedKey, ...]
    also_known_as: tuple[str, ...]
    moved_to: str | None
    suspended: bool
    webfinger: str | None
    discoverable: bool
    manually_approves: bool


def parse_actor(document: dict[str, Any]) -> ParsedActor:
    """The actor, or :class:`~federation.errors.BadInput` for a document without id, inbox or a known type, or with an
    inbox of another site (a victim's, AU-07). A shared inbox or a collection of another site is left out instead."""
    check_context(document)
    node = normal_form(document)
    uri = identity(node)
    if uri is None:
        raise BadInput("the actor has no id", sentence="The actor has no id.")
    kind = next((kind for kind in kinds(node) if kind in ACTOR_TYPES), None)
    if kind is None:
        raise BadInput(f"{uri} is no actor", sentence="The document is no actor.")
    inbox = web_address(node.get("inbox"), uri)
    if inbox is None:
        raise BadInput(f"{uri} has no inbox", sentence="The actor has no inbox.")
    if not same_site(inbox, uri):
        raise BadInput(f"{uri} has an inbox elsewhere", sentence="The actor's inbox is on another host.")
    endpoints = node.get("endpoints")
    shared_inbox = endpoints.get("sharedInbox") if isinstance(endpoints, dict) else node.get("sharedInbox")
    webfinger = _webfinger(node)
    return ParsedActor(
        uri=uri,
        kind=kind,
        handle=_handle(node, webfinger),
        name=plain_text(text(node, "name"))[:MAX_NAME],
        summary_html=clean_inbound(text(node, "summary")[:MAX_SUMMARY]),
        url=_own(node.get("url"), uri) or uri,
        inbox=inbox,
        shared_inbox=_own(shared_inbox, uri),
        outbox=_own(node.get("outbox"), uri),
        followers=_own(node.get("followers"), uri),
        featured=_own(node.get("featured"), uri),
        icon_url=parse_image_address(node.get("icon"), uri),
        public_keys=parse_keys(node, uri),
        also_known_as=tuple(web_addresses(references(node.get("alsoKnownAs"))[:MAX_ALIASES])),
        moved_to=web_address(node.get("movedTo"), uri),
        suspended=node.get("suspended") is True,
        webfinger=webfinger,
        discoverable=node.get("discoverable") is True,
        manually_approves=node.get("manuallyApprovesFollowers") is True,
    )


def _own(value: Any, uri: str) -> str | None:
    """The first address in ``value`` that lies on the actor's own site."""
    found = (web_address(item, uri) for item in items(value))
    return next((address for address in found if address is not None and same_site(address, uri)), None)


def _handle(node: dict[str, Any], webfinger: str | None) -> str:
    """The user name; empty if there is none, as with some servers' own actors, or none that could stand in an address:
    an ``@`` or a mark that turns the writing round would show it as somebody else's."""
    handle = (first_string(node.get("preferredUsername")) or "").strip()
    if len(handle) > MAX_NAME:
        raise BadInput("the user name is too long", sentence="The actor's user name is too long.")
    if not handle and webfinger is not None:
        return webfinger.partition("@")[0]
    return handle if USER_NAME.fullmatch(handle) else ""


def _webfinger(node: dict[str, Any]) -> str | None:
    """FEP-2c59: exactly one ``@`` with something on both sides."""
    given = (reference(node.get("webfinger")) or "").removeprefix("acct:").removeprefix("@")
    user, sign, host = given.partition("@")
    usable = bool(USER_NAME.fullmatch(user) and sign and host) and len(given) <= MAX_NAME
    return given if usable and not any(c in "@/" or c.isspace() or not c.isprintable() for c in host) else None
