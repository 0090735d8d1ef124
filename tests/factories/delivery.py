"""A pump run against peers on loopback, by a clock that a test holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from federation.models import Delivery, LocalActor, Peer
from federation.outbox.deliver import deliver
from tests.factories import loopback
from tests.factories.loopback import client_for
from tests.factories.outbox import NOW, follow


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Sink:
    """A server that answers as told. ``answers`` are statuses, the last for ever; per path in ``at``."""

    def __init__(self, *answers: int, **headers: str) -> None:
        self.answers = list(answers) or [202]
        self.at: dict[str, int] = {}
        self.headers = headers
        self.peer: loopback.Peer

    def reply(self, seen: loopback.Seen) -> bytes:
        status = self.at.get(seen.target) or (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        return loopback.answer(status, b"because" if status >= 300 else b"", **self.headers)

    @property
    def seen(self) -> list[loopback.Seen]:
        return self.peer.seen

    def url(self, target: str = "/inbox") -> str:
        return self.peer.url(target)

    @property
    def row(self) -> Peer:
        return Peer.objects.get(pk=self.peer.url(""))


@contextmanager
def sink(*answers: int, **headers: str) -> Iterator[Sink]:
    made = Sink(*answers, **headers)
    with loopback.Peer(made.reply) as made.peer:
        yield made


def follow_from(actor: LocalActor, server: Sink, name: str = "fan", *, shared: bool = True) -> str:
    """A follower on that server; returns the inbox that hears."""
    uri = server.url(f"/users/{name}")
    inbox = server.url() if shared else f"{uri}/inbox"
    follow(actor, uri, inbox=f"{uri}/inbox", shared_inbox=inbox if shared else "")
    Peer.objects.filter(pk=server.peer.url("")).update(shares_inbox=shared)
    return inbox


def run(clock: Clock, **changes: float) -> bool:
    return deliver(now=clock, make_client=lambda: client_for(**changes), seconds=20)


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))
