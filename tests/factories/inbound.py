"""People elsewhere, what they send, and a web that holds exactly the documents that a test puts there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from federation.errors import FederationError, Missing
from federation.inbox.receive import receive
from federation.models import Following, InboundActivity, LocalActor, Peer, RemoteActor, RemoteKey
from federation.net.exchange import check_required
from federation.net.fetch import Fetched
from federation.signatures.message import Message
from tests.factories.signed_requests import (
    DATE_NOW,
    KEY_ID,
    NOW,
    PrivateKey,
    by_hand_cavage,
    post,
    rsa_key,
    with_headers,
)

ANA = "https://peer.example/users/ana"
BEN = "https://peer.example/users/ben"
HUB = "https://hub.example"
INBOX = f"{HUB}/ap/inbox"
ORG = f"{HUB}/ap/actors/11111111-1111-4111-8111-111111111111"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = "https://www.w3.org/ns/activitystreams"


def pem(key: PrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def remote_actor(uri: str = ANA, *, key: PrivateKey | None = None, **fields: Any) -> RemoteActor:
    """Somebody whose profile was fetched; with ``key``, also their key."""
    origin = "/".join(uri.split("/")[:3])
    peer, _ = Peer.objects.get_or_create(origin=origin)
    values = {"kind": "Person", "inbox": f"{uri}/inbox", "fetched_at": NOW, "handle": uri.rpartition("/")[2], **fields}
    actor = RemoteActor.objects.create(uri=uri, peer=peer, **values)
    if key is not None:
        RemoteKey.objects.create(key_id=f"{uri}#main-key", actor=actor, public=pem(key), fetched_at=NOW)
    return actor


def ana() -> RemoteActor:
    return remote_actor(ANA, key=rsa_key())


def local_actor(uri: str = ORG, *, kind: str = LocalActor.Kind.ORGANISATION, **fields: Any) -> LocalActor:
    values = {"key": f"{kind}:{uri}", "handle": "solidar", "created": NOW, "updated": NOW, **fields}
    return LocalActor.objects.create(uri=uri, kind=kind, **values)


def followed(remote: RemoteActor, actor: LocalActor | None = None, state: str = "accepted") -> Following:
    actor = actor or local_actor()
    uri = f"{HUB}/ap/activities/{remote.pk}"
    return Following.objects.create(actor=actor, remote=remote, follow_uri=uri, state=state)


def said(kind: str, object: Any, *, actor: str = ANA, number: int = 1, **fields: Any) -> dict[str, Any]:  # noqa: A002
    """An activity with an id on its actor's host."""
    uri = f"{'/'.join(actor.split('/')[:3])}/activities/{number}"
    return {"@context": CONTEXT, "id": uri, "type": kind, "actor": actor, "object": object, **fields}


def note(uri: str = "https://peer.example/notes/1", *, owner: str = ANA, **fields: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": "Note",
        "attributedTo": owner,
        "content": "<p>Hello</p>",
        "to": [PUBLIC],
        "published": "2026-11-21T11:00:00Z",
        **fields,
    }


def signed_post(
    document: dict[str, Any], *, key_id: str = KEY_ID, url: str = INBOX, date: str = DATE_NOW, **how: Any
) -> Message:
    """A POST that Ana signed by hand, or whoever ``key_id`` names; ``how`` is for ``by_hand_cavage``."""
    message = by_hand_cavage(with_headers(post(url, json.dumps(document).encode()), date=date), **how)
    headers = {**message.headers, "signature": message.headers["signature"].replace(KEY_ID, key_id)}
    return Message(message.method, message.url, headers, message.body)


def take_in(message: Message, now: datetime = NOW) -> int:
    return receive(message, content_type="application/activity+json", recipient=None, now=now)


def stored(document: dict[str, Any], *, signer: str = ANA, now: datetime = NOW) -> InboundActivity:
    """As ``receive`` leaves it for the worker."""
    number = InboundActivity.objects.count()
    return InboundActivity.objects.create(
        identity=document.get("id") or f"sha256:{number}",
        signer=signer,
        kind=document["type"],
        document=document,
        received_at=now,
        next_attempt=now,
    )


@dataclass
class Web:
    """What can be fetched: a document, or the error that fetching raises. Everything else is 404."""

    pages: dict[str, dict[str, Any] | FederationError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str, signer: object, **_: object) -> Fetched:
        check_required()  # as the client that stands behind the real doors
        self.asked.append(url)
        found = self.pages.get(url, Missing(url))
        if isinstance(found, FederationError):
            raise found
        return Fetched(found, url)

    def add_actor(self, uri: str = ANA, *, key: PrivateKey | None = None, **fields: Any) -> None:
        document = {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "preferredUsername": uri.rpartition("/")[2],
            "inbox": f"{uri}/inbox",
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem(key or rsa_key())},
        }
        self.pages[uri] = document | fields


def install_web(monkeypatch: pytest.MonkeyPatch) -> Web:
    """Every door through which the inbox and the actors fetch leads to the web returned."""
    web = Web()
    doors: list[str] = [
        "federation.actors.remote.fetch_document",
        "federation.actors.remote_keys.fetch_key_document",
        "federation.inbox.objects.fetch_document",
    ]
    for door in doors:
        monkeypatch.setattr(door, web.fetch)
    without_signing(monkeypatch)
    return web


def without_signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the instance actor's RSA key takes longer than a test."""
    nobody: Callable[..., tuple[None, None]] = lambda *_: (None, None)  # noqa: E731
    for room in ("federation.actors.remote", "federation.actors.remote_keys", "federation.inbox.objects"):
        monkeypatch.setattr(f"{room}.fetch_signers", nobody)
