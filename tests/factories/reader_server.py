"""The server on which a reader has an account, as far as somebody asks it from outside: WebFinger, NodeInfo, and the
page where its people confirm what they want to do. In the ways in which known servers answer."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.factories.instances import Authority
from tests.factories.loopback import Peer, Seen, answer

SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
FEP = "https://w3id.org/fep/3b86/"
JRD = "application/jrd+json; charset=utf-8"


def mastodon_now(origin: str) -> list[dict[str, str]]:
    """Mastodon 4.6 and later: the two intents that it has, and the template that it always had."""
    return [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": f"{origin}/@me"},
        {"rel": "self", "type": "application/activity+json", "href": f"{origin}/users/me"},
        {"rel": SUBSCRIBE, "template": f"{origin}/authorize_interaction?uri={{uri}}"},
        {"rel": f"{FEP}Create", "template": f"{origin}/share?text={{content}}"},
        {"rel": f"{FEP}Object", "template": f"{origin}/authorize_interaction?uri={{object}}"},
    ]


def mastodon_before(origin: str) -> list[dict[str, str]]:
    """Mastodon until 4.5."""
    return mastodon_now(origin)[:3]


def emissary(origin: str) -> list[dict[str, str]]:
    """One intent for each gesture, with places to come back to (FEP-3b86 §3.4)."""
    names = ("Follow", "Like", "Announce")
    links = [
        {"rel": FEP + n, "template": f"{origin}/i/{n}?o={{object}}&ok={{on-success}}&no={{on-cancel}}"} for n in names
    ]
    create = {"rel": f"{FEP}Create", "template": f"{origin}/i/Create?text={{content}}&to={{inReplyTo}}&as={{type}}"}
    return [{"rel": "self", "type": "application/activity+json", "href": f"{origin}/@me"}, *links, create]


def misskey(origin: str) -> list[dict[str, str]]:
    return [
        {"rel": "self", "type": "application/activity+json", "href": f"{origin}/users/9a"},
        {"rel": SUBSCRIBE, "template": f"{origin}/authorize-follow?acct={{uri}}"},
    ]


class ReaderServer:
    """``links`` are those of the account “me”, the only one; ``site_links`` are those of the server itself, which has
    no WebFinger answer where they are None. Without ``software`` it has no NodeInfo."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.peer = Peer(self.reply, context)
        self.links: list[dict[str, Any]] = mastodon_now(self.origin)
        self.site_links: list[dict[str, Any]] | None = None
        self.software: str | None = "mastodon"

    @property
    def host(self) -> str:
        return f"localhost:{self.peer.port}"

    @property
    def origin(self) -> str:
        return f"{'https' if self.peer.context else 'http'}://{self.host}"

    @property
    def asked(self) -> list[str]:
        return [seen.target for seen in self.peer.seen]

    def reply(self, seen: Seen) -> bytes:
        parts = urlsplit(seen.target)
        if parts.path == "/.well-known/webfinger":
            return self._webfinger(parse_qs(parts.query)["resource"][0])
        if parts.path == "/.well-known/nodeinfo" and self.software is not None:
            return _json(
                {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": f"{self.origin}/ni"}]}
            )
        if parts.path == "/ni":
            return _json({"version": "2.0", "software": {"name": self.software, "version": "1"}})
        if parts.path in ("/authorize_interaction", "/authorize-follow"):
            return answer(
                200, b"<!doctype html><title>My server</title><h1>Is this what you want?</h1>", Content_Type="text/html"
            )
        return answer(404)

    def _webfinger(self, resource: str) -> bytes:
        if resource == f"acct:me@{self.host}":
            return _json({"subject": resource, "links": self.links}, JRD)
        if resource == f"{self.origin}/" and self.site_links is not None:
            return _json({"subject": resource, "links": self.site_links}, JRD)
        return answer(404)


@contextmanager
def reader_server(authority: Authority | None) -> Iterator[ReaderServer]:
    """On localhost, with a certificate that the tests trust; without an authority, in plain HTTP."""
    context = None
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
    server = ReaderServer(context)
    with server.peer:
        yield server


def _json(document: dict[str, Any], media_type: str = "application/json") -> bytes:
    return answer(200, json.dumps(document).encode(), Content_Type=media_type)
