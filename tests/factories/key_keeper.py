"""A server that keeps keys as GoToSocial does, and verifies by hand, with nothing of federation's own code.

It knows a key by its id and keeps it with the account, for good. A message signed with a key id that it knows is
checked with the key that it has, and with no other. For an id that it does not know it asks the actor; if it knows that
actor with another key already, it refuses. Only an Update that it could verify changes what it knows; it answers 202
before it reads one, which ``slow`` makes visible.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from federation.models import LocalActor
from tests.factories import loopback
from tests.factories.delivery import Sink

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class KeyKeeper(Sink):
    """``pages`` are our actors as they can be fetched. ``taken`` are the activities that it accepted with the key id
    that signed each; ``refused`` the key ids that it refused."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__()
        self.slow = slow
        self.down = False
        self.pages: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, tuple[str, str]] = {}
        self.taken: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self.unread: list[dict[str, Any]] = []

    def see(self, *actors: LocalActor) -> None:
        for actor in actors:
            actor.refresh_from_db()
            self.pages[actor.uri] = json.loads(bytes(actor.document))

    def meet(self, actor: LocalActor) -> None:
        """Knows the account as it is now."""
        self.see(actor)
        key = self.pages[actor.uri]["publicKey"]
        self.accounts[actor.uri] = (key["id"], key["publicKeyPem"])

    def read(self) -> None:
        """Gets round to what it answered with 202."""
        for update in self.unread:
            key = update["object"]["publicKey"]
            self.accounts[update["actor"]] = (key["id"], key["publicKeyPem"])
        self.unread.clear()

    def reply(self, seen: loopback.Seen) -> bytes:
        if self.down:
            return loopback.answer(503)
        given = dict(_PARAMETER.findall(seen.headers.get("signature", "")))
        key_id = given.get("keyId", "")
        if not self._is_verified(seen, given):
            self.refused.append(key_id)
            return loopback.answer(401, b"authentication not passed")
        activity = json.loads(seen.body)
        self.taken.append((activity["type"], key_id.partition("#")[2]))
        if activity["type"] == "Update" and activity["object"]["id"] == activity["actor"]:
            self.unread.append(activity)
            if not self.slow:
                self.read()
        return loopback.answer(202)

    def _is_verified(self, seen: loopback.Seen, given: dict[str, str]) -> bool:
        if "keyId" not in given:  # it knows only the older scheme
            return False
        kept = next((pem for known, pem in self.accounts.values() if known == given["keyId"]), None)
        if kept is not None:
            return _fits(kept, seen, given)
        page = self.pages[given["keyId"].partition("#")[0]]
        fetched = page["publicKey"]["publicKeyPem"]
        if not _fits(fetched, seen, given):
            return False
        known_as = self.accounts.setdefault(page["id"], (page["publicKey"]["id"], fetched))
        return known_as[1] == fetched


def _fits(pem: str, seen: loopback.Seen, given: dict[str, str]) -> bool:
    values = {**seen.headers, "(request-target)": f"{seen.method.lower()} {seen.target}"}
    text = "\n".join(f"{name}: {values[name]}" for name in given["headers"].split())
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(seen.body).digest()).decode()
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(base64.b64decode(given["signature"]), text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return seen.headers["digest"] == digest and "digest" in given["headers"]


@contextmanager
def key_keeper(*known: LocalActor, slow: bool = False) -> Iterator[KeyKeeper]:
    """It has met ``known`` already."""
    made = KeyKeeper(slow=slow)
    with loopback.Peer(made.reply) as made.peer:
        for actor in known:
            made.meet(actor)
        yield made
