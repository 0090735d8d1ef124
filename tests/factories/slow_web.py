"""A real server that lets everybody wait until a test lets it answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import pytest

from federation.inbox import dispatch
from tests.factories.inbound import note, without_signing
from tests.factories.loopback import Peer, Seen, answer, client_for

LONGEST = 60.0


@dataclass
class SlowWeb:
    """``asked`` is set by the first request. Nothing is answered before ``answers`` is set."""

    asked: Event = field(default_factory=Event)
    answers: Event = field(default_factory=Event)
    root: str = ""

    @property
    def actor(self) -> str:
        return f"{self.root}/users/ana"

    @property
    def stranger(self) -> str:
        return f"{self.root}/users/ben"

    @property
    def note(self) -> str:
        return f"{self.root}/notes/1"

    def reply(self, seen: Seen) -> bytes:
        self.asked.set()
        self.answers.wait(LONGEST)
        uri = f"{self.root}{seen.target}"
        person = {"id": uri, "type": "Person", "preferredUsername": uri.rpartition("/")[2], "inbox": f"{uri}/inbox"}
        document = note(uri, owner=self.actor) if "/notes/" in uri else person
        return answer(body=json.dumps(document).encode(), content_type="application/activity+json")


@contextmanager
def slow_web(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowWeb]:
    """For the handlers of this process, with the real client."""
    web = SlowWeb()
    without_signing(monkeypatch)
    monkeypatch.setattr(dispatch, "client", lambda seconds: client_for(altogether=seconds))
    with Peer(web.reply) as peer:
        web.root = peer.url("")
        try:
            yield web
        finally:
            web.answers.set()
