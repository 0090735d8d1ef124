"""From a handle that people write (``@name@host``) to the address of an actor (RFC 7033). The host of the handle need
not be the host of the actor, so the answer is believed only if the canonical handle leads to the same actor (WF-02);
that the actor in turn owns that handle is for the caller to check. Called by ``actors`` and ``exchange``."""

from __future__ import annotations

from urllib.parse import quote, unquote

import idna

from federation.errors import BadAnswer, BadInput, Missing, Refused
from federation.vocab.terms import USER_NAME

from .client import Client, borrowed
from .fetch import Fetched, check_status, read_document
from .guard import check_url, is_known_host
from .host_meta import find_template
from .location import read_location
from .media_types import is_activity_type, is_one_of

_ACCEPT = "application/jrd+json, application/json"
_JRD = frozenset({"application/jrd+json", "application/json"})
_ACCEPT_META = "application/xrd+xml, application/xml;q=0.9"
_META = frozenset({"application/xrd+xml", "application/xml", "text/xml"})
_MAX_BYTES = 256 * 1024

_BEYOND_HOST = frozenset("/?#")
_SENTENCE = "This is not an address like @name@example.org."


def parse_handle(text: str) -> tuple[str, str]:
    """Name and host of ``@name@host``, ``name@host`` or ``acct:name@host``, also with ``%40``. The host is lower-case
    ASCII (``xn--``), with a port if it was given. Raises :class:`BadInput` with a sentence for whoever typed it."""
    rest = unquote(text.strip())
    if rest.lower().startswith("acct:"):
        rest = rest[5:]
    name, at, host = rest.removeprefix("@").rpartition("@")
    if not at or not USER_NAME.fullmatch(name) or not _BEYOND_HOST.isdisjoint(host):
        raise BadInput(f"not a handle: {text[:200]!r}", sentence=_SENTENCE)
    try:
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
        location = read_location(f"https://{host}/")
    except (Refused, idna.IDNAError) as error:
        raise BadInput(f"not a handle: {text[:200]!r}", sentence=_SENTENCE) from error
    return name, location.authority


def fetch_actor_address(handle: str, *, client: Client | None = None) -> str:
    """The ``id`` of the actor that ``handle`` names. Raises :class:`BadInput` for the handle, :class:`Missing`,
    :class:`BadAnswer` and the rest of the :class:`NetworkError` family for the answers."""
    name, host = parse_handle(handle)
    with borrowed(client) as own:
        found = fetch_account(own, name, host).document
        actor = _read_self_link(found, own)
        canonical = _read_subject(found)
        if _fold(canonical) == _fold((name, host)):
            return actor
        # One more step, never two: the subject must answer for itself, and mean the same actor.
        again = fetch_account(own, *canonical).document
        if _fold(_read_subject(again)) != _fold(canonical) or _read_self_link(again, own) != actor:
            raise BadAnswer(f"@{name}@{host} does not loop back: {canonical[0]}@{canonical[1]}")
        return actor


def fetch_account(client: Client, name: str, host: str) -> Fetched:
    """What the server ``host`` says of one account, unchecked. Raises :class:`Missing` if it knows none."""
    resource = quote(f"acct:{name}@{host}", safe="")
    root = f"{scheme_for(client, host)}://{host}/.well-known"
    try:
        return fetch_descriptor(client, f"{root}/webfinger?resource={resource}")
    except Missing:
        # A site may keep WebFinger on another host and say so in host-meta; Mastodon looks there after a 404 (WF-07).
        template = _fetch_template(client, f"{root}/host-meta")
    return fetch_descriptor(client, template.replace("{uri}", resource))


def fetch_descriptor(client: Client, url: str) -> Fetched:
    """A WebFinger answer (JRD, RFC 7033 §4.4). Raises the :class:`NetworkError` family."""
    answer = client.get(url, accept=_ACCEPT, limit=_MAX_BYTES)
    check_status(answer)
    if not is_one_of(answer.headers.get("content-type", ""), _JRD):
        raise BadAnswer(f"not a WebFinger answer: {answer.url[:200]!r}")
    return Fetched(read_document(answer, _MAX_BYTES), answer.url)


def scheme_for(client: Client, host: str) -> str:
    """https; plain http is tried only on hosts that the operator listed, on an instance that has no TLS itself."""
    known = client.policy.allow_http and is_known_host(read_location(f"http://{host}/"), client.policy)
    return "http" if known else "https"


def _fetch_template(client: Client, url: str) -> str:
    answer = client.get(url, accept=_ACCEPT_META, limit=_MAX_BYTES)
    check_status(answer)
    if not is_one_of(answer.headers.get("content-type", ""), _META):
        raise BadAnswer(f"not a host-meta document: {answer.url[:200]!r}")
    template = find_template(answer.body)
    if template is None:
        raise Missing(f"no WebFinger named in {answer.url[:200]!r}")
    return template


def _read_self_link(document: dict[str, object], client: Client) -> str:
    """The actor's address: ``rel="self"`` with exactly an ActivityStreams type (WF-01); other such links are pages."""
    links = document.get("links")
    for link in links if isinstance(links, list) else []:
        if not isinstance(link, dict) or link.get("rel") != "self":
            continue
        address, media_type = link.get("href"), link.get("type")
        if isinstance(address, str) and isinstance(media_type, str) and is_activity_type(media_type):
            check_url(address, client.policy)
            return address
    raise BadAnswer("the WebFinger answer names no actor")


def _read_subject(document: dict[str, object]) -> tuple[str, str]:
    subject = document.get("subject")
    try:
        return parse_handle(subject if isinstance(subject, str) else "")
    except BadInput as error:
        raise BadAnswer("the WebFinger answer has no acct: subject") from error


def _fold(handle: tuple[str, str]) -> tuple[str, str]:
    return handle[0].lower(), handle[1]
