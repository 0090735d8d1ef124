"""Finds the place on a reader's own server where they follow or answer something of ours. They wrote a server or their
whole address; their server says the rest, by WebFinger and, where that says nothing, NodeInfo. Somebody else's answer
decides where a reader is sent, so only an address on the server that they named, or on the one that it names as the
account's own, is taken. Called by the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from federation.contract import Gesture
from federation.errors import BadAnswer, BadInput, Gone, Missing, NetworkError, Refused
from federation.vocab.intents import (
    actor_address,
    find_intents,
    nodeinfo_address,
    software_name,
    usual_intent,
)

from .client import Client
from .fetch import Fetched, check_status, read_document
from .guard import check_url
from .location import read_location
from .webfinger import fetch_account, fetch_descriptor, parse_handle, scheme_for

_MAX_BYTES = 64 * 1024
# Marks that no key writes and that come along when a handle is copied.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PROFILE_PATH = re.compile(r"/(?:@|users/|profile/|u/)([^/@]+)(?:@[^/]*)?/?")


class NoServer(BadAnswer):
    """Something answers there, but not as a server of the fediverse does."""

    sentence = "There is no server of the fediverse at this address."


@dataclass(frozen=True, slots=True)
class Home:
    """What a reader wrote: their server, as ``host`` or ``host:port``, and their name there, if they gave it."""

    host: str
    name: str = ""


def read_home(typed: str) -> Home:
    """From ``mastodon.example``, ``https://mastodon.example/``, ``https://mastodon.example/@me``,
    ``@me@mastodon.example`` and the like. Raises :class:`BadInput`."""
    text = _UNSEEN.sub("", typed).strip()
    if len(text) > 300:
        raise BadInput("too long for the address of a server")
    if "://" in text:
        text = _from_address(text)
    text = unquote(text).removeprefix("@").rstrip("/")
    is_account = "@" in text
    name, host = parse_handle(text if is_account else f"somebody@{text}")
    return Home(host, name if is_account else "")


def fetch_way(home: Home, gesture: Gesture, values: dict[str, str], client: Client) -> str:
    """An absolute address, safe to send somebody to: https (or what the settings allow on this machine), on their own
    server. Raises :class:`BadInput` for a server that nobody may be sent to, and the
    :class:`~federation.errors.NetworkError` family: :class:`Missing` or :class:`Gone` if there is no such account,
    :class:`NoServer` if there is no such server."""
    _check_host(home, client)
    found = _find_descriptor(home, client)
    server, own = home.host, {home.host}
    if found is not None:
        # Their name may be on another host than their server, which its WebFinger answers for or leads to.
        server = _authority(actor_address(found.document)) or server
        own |= {server, _authority(found.url)}
        for address in find_intents(found.document, gesture, values):
            way = _find_safe(address, own, client)
            if way is not None:
                return way
    software = _find_software(client, server)
    if software is None and found is None:
        raise NoServer(f"neither WebFinger nor NodeInfo at {server[:200]!r}")
    usual = _find_safe(f"{scheme_for(client, server)}://{server}{usual_intent(software or '', values)}", own, client)
    if usual is None:
        raise BadAnswer(f"no way on {server[:200]!r} that can be used")
    return usual


def _check_host(home: Home, client: Client) -> None:
    try:
        check_url(f"{scheme_for(client, home.host)}://{home.host}/", client.policy)
    except Refused as error:
        raise BadInput(error.detail, sentence=error.sentence) from error


def _from_address(text: str) -> str:
    """The part of a web address that says whose it is: “me@host” of a profile's, else the host."""
    try:
        parts = urlsplit(text)
        host = parts.netloc
    except ValueError as error:
        raise BadInput(f"not an address: {text[:200]!r}") from error
    if parts.scheme.lower() not in ("https", "http") or "@" in host:
        raise BadInput(f"not an address of a server: {text[:200]!r}")
    profile = _PROFILE_PATH.fullmatch(parts.path)
    return f"{profile.group(1)}@{host}" if profile else host


def _find_descriptor(home: Home, client: Client) -> Fetched | None:
    """What the server says of the account, or else of itself (FEP-d556), of which few say where to act. None where it
    says nothing; raises :class:`Missing` or :class:`Gone` for an account that it does not know."""
    root = f"{scheme_for(client, home.host)}://{home.host}/"
    try:
        if home.name:
            return fetch_account(client, home.name, home.host)
        return fetch_descriptor(client, f"{root}.well-known/webfinger?resource={quote(root, safe='')}")
    except (Missing, Gone):
        if home.name:
            raise
        return None
    except BadAnswer:
        return None


def _find_software(client: Client, server: str) -> str | None:
    """Its name in NodeInfo; None if it has no NodeInfo, empty if that names none. A server that cannot be reached at
    all is an error: nobody is sent to one."""
    try:
        index = _fetch_json(client, f"{scheme_for(client, server)}://{server}/.well-known/nodeinfo")
    except BadAnswer:
        return None
    if not isinstance(index.get("links"), list):
        return None
    try:
        return software_name(_fetch_json(client, nodeinfo_address(index)))
    except NetworkError:
        return ""


def _fetch_json(client: Client, url: str) -> dict[str, object]:
    answer = client.get(url, accept="application/json", limit=_MAX_BYTES)
    check_status(answer)
    return read_document(answer, _MAX_BYTES)


def _find_safe(address: str, own: set[str], client: Client) -> str | None:
    """The address as it is put on the wire, if it may be used; the fragment is dropped."""
    try:
        location = check_url(address, client.policy)
    except Refused:
        return None
    return location.url if location.authority in own else None


def _authority(url: str) -> str:
    try:
        return read_location(url).authority if url else ""
    except Refused:
        return ""
