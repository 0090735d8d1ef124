"""A reader's server that follows organisations, and what it was sent, in words that a test can list."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from cms.models import OrganisationPage
from federation.actors.local import find_by_key
from federation.models import PublishedObject, Wake
from federation.outbox import reconcile
from tests.factories.delivery import Clock, Sink, follow_from, run


@dataclass
class Reader:
    """``names`` are words for ids: an organisation's own word, and a page's word with a number for each time that it
    began, as in ``Create page 2``."""

    server: Sink
    organisations: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    read: int = 0

    def afresh(self) -> Reader:
        """Another who has read and knows the same. What the server was sent since is gone, and it answers well."""
        del self.server.seen[self.read :]
        self.server.answers[:], self.server.at = [202], {}
        return replace(self, organisations={**self.organisations}, pages={**self.pages}, names={**self.names})

    def follows(self, word: str, organisation: OrganisationPage) -> None:
        settle()
        actor = find_by_key(organisation.publisher_key)
        assert actor is not None
        follow_from(actor, self.server, word)
        self.names[actor.uri] = word

    def knows(self, word: str, page: Any) -> None:
        self.pages[f"page:{page.pk}"] = word

    def hears(self) -> list[str]:
        """What has come since the last time: verb, what about, and by whom if it is a beginning or an end."""
        settle()
        run(Clock(timezone.now()))
        new = self.server.seen[self.read :]
        self.read = len(self.server.seen)
        return [self._in_words(json.loads(request.body)) for request in new]

    def _in_words(self, activity: dict[str, Any]) -> str:
        about = activity["object"]
        target = about if isinstance(about, str) else about["id"]
        verb, who = activity["type"], self.names[activity["actor"]]
        by = f" by {who}" if verb in ("Create", "Delete") else ""
        return f"{verb} {self._name(target)}{by}"

    def _name(self, uri: str) -> str:
        if uri not in self.names:
            word = self.pages.get(PublishedObject.objects.get(uri=uri).key, "a stranger")
            times = sum(1 for name in self.names.values() if name.startswith(f"{word} "))
            self.names[uri] = f"{word} {times + 1}"
        return self.names[uri]


def settle() -> None:
    """As workers do, until nothing is left."""
    while reconcile.drain(timezone.now()):
        pass
    assert not Wake.objects.exists()
