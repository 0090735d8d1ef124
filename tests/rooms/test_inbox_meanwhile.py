"""What changes here while another server is asked is seen before anything is done with its answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from federation.errors import TimedOut
from federation.inbox import lease
from federation.inbox.dispatch import drain
from federation.models import Following, InboundActivity, Peer, RemoteActor, RemoteObject
from federation.net.fetch import Fetched
from tests.factories.inbound import ANA, BEN, Web, ana, followed, install_web, local_actor, note, said, stored
from tests.factories.signed_requests import NOW

pytestmark = pytest.mark.django_db
NOTE = "https://peer.example/notes/1"
CARL = "https://third.example/users/carl"
THIRD = "https://third.example/notes/9"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    made = install_web(monkeypatch)
    made.add_actor(CARL)
    made.pages[NOTE] = note()
    made.pages[THIRD] = note(THIRD, owner=CARL)
    return made


def meanwhile(monkeypatch: pytest.MonkeyPatch, web: Web, happens: Callable[[], object]) -> None:
    """It happens after an object was read at its own server and before the handler has the answer."""

    def fetch(url: str, signer: object, **more: Any) -> Fetched:
        found = web.fetch(url, signer, **more)
        happens()
        return found

    monkeypatch.setattr("federation.inbox.objects.fetch_document", fetch)


def handled(document: dict[str, Any], signer: str = ANA) -> InboundActivity:
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(("kind", "uri"), [("Announce", THIRD), ("Create", NOTE), ("Update", NOTE)])
def test_who_is_no_longer_followed_by_then_is_not_kept(
    kind: str, uri: str, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if only the first part looks whether they are followed."""
    followed(ana())
    meanwhile(monkeypatch, web, Following.objects.all().delete)
    assert handled(said(kind, uri)).state == "ignored"
    assert not RemoteObject.objects.exists()


@pytest.mark.parametrize(("kind", "uri"), [("Announce", THIRD), ("Create", NOTE), ("Update", NOTE)])
def test_who_is_blocked_by_then_is_not_kept(kind: str, uri: str, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if only the first part looks who is blocked."""
    followed(ana())
    meanwhile(monkeypatch, web, lambda: RemoteActor.objects.update(blocked=True))
    assert handled(said(kind, uri)).reason == "blocked"
    assert not RemoteObject.objects.exists()


def test_a_boost_from_a_server_that_is_blocked_by_then_is_not_kept(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    followed(ana())
    meanwhile(
        monkeypatch,
        web,
        lambda: Peer.objects.update_or_create(origin="https://third.example", defaults={"blocked": True}),
    )
    assert handled(said("Announce", THIRD)).reason == "blocked"
    assert not RemoteObject.objects.exists()


@pytest.mark.parametrize("kind", ["Delete", "Update"])
def test_what_its_author_withdraws_meanwhile_is_asked_for_again(
    kind: str, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The author's word comes first, when there is nothing yet to withdraw. Fails without ``_has_changed`` (tried)."""
    followed(ana())

    def says() -> None:
        stored(said(kind, THIRD, actor=CARL, number=5), signer=CARL, now=NOW + SECOND)
        drain(NOW + SECOND, limit=1)

    meanwhile(monkeypatch, web, says)
    assert handled(said("Announce", THIRD)).state == "waiting"
    assert not RemoteObject.objects.exists()


def test_who_is_followed_only_by_then_is_asked_for_again(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first part saw no need to ask."""
    remote = ana()
    row = stored(said("Create", NOTE))
    actor = local_actor()
    monkeypatch.setattr(lease, "is_held", _after(lambda: followed(remote, actor), lease.is_held))
    drain(NOW)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("waiting", "something changed here meanwhile")


def _after(happens: Callable[[], object], then: Callable[..., bool]) -> Callable[..., bool]:
    def both(*what: Any) -> bool:
        happens()
        return then(*what)

    return both


def test_a_boost_that_rests_does_not_come_after_its_undo(web: Web) -> None:
    """Fails without ``_forget_waiting`` (tried)."""
    followed(ana())
    web.pages[THIRD] = TimedOut("silence")
    boost = said("Announce", THIRD)
    assert handled(boost).state == "waiting"
    web.pages[THIRD] = note(THIRD, owner=CARL)
    assert handled(said("Undo", boost, number=2)).reason == "taken back before it was handled"
    drain(NOW + timedelta(hours=1))
    assert not RemoteObject.objects.exists()


def test_a_boost_that_rests_is_taken_back_by_nobody_else(web: Web) -> None:
    followed(ana())
    web.pages[THIRD] = TimedOut("silence")
    boost = said("Announce", THIRD)
    row = handled(boost)
    handled(said("Undo", boost | {"actor": BEN}, actor=BEN, number=2), signer=BEN)
    row.refresh_from_db()
    assert row.state == "waiting"
