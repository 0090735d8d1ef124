"""A server that rests after failures is tried again as soon as it has said something itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from federation.models import InboundActivity, Peer
from federation.outbox import heard
from federation.signatures.keys import public_multibase
from federation.signatures.message import Message
from federation.signatures.proofs import add_proof
from tests.factories.inbound import ANA, INBOX, ORG, install_web, remote_actor, said, signed_post, take_in
from tests.factories.signed_requests import NOW, ed25519_key, rsa_key

pytestmark = pytest.mark.django_db
HELD_UNTIL = NOW + timedelta(hours=8)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    install_web(monkeypatch)
    names: list[str] = []
    monkeypatch.setattr(heard, "nudge", names.append)
    return names


@pytest.fixture(autouse=True)
def peer(nudged: list[str]) -> Peer:
    made = remote_actor(ANA, key=rsa_key()).peer
    _hold(made)
    return made


def _hold(peer: Peer, holds: int = 7) -> None:
    Peer.objects.filter(pk=peer.pk).update(held_until=HELD_UNTIL, holds=holds, failing_since=NOW)


def _hear(number: int = 1, now: datetime = NOW) -> None:
    assert take_in(signed_post(said("Like", ORG, number=number)), now) == 202


def test_a_message_cuts_a_long_rest_short_and_asks_for_a_pump(peer: Peer, nudged: list[str]) -> None:
    _hear()
    peer.refresh_from_db()
    assert (peer.held_until, nudged) == (None, ["federation.deliver"])


def test_only_a_2xx_closes_the_breaker(peer: Peer) -> None:
    _hear()
    peer.refresh_from_db()
    assert (peer.holds, peer.failing_since) == (7, NOW)


def test_other_servers_go_on_resting() -> None:
    other = Peer.objects.create(origin="https://other.example", held_until=HELD_UNTIL, holds=7)
    _hear()
    other.refresh_from_db()
    assert other.held_until == HELD_UNTIL


def test_who_talks_without_listening_is_probed_every_five_minutes_at_most(peer: Peer, nudged: list[str]) -> None:
    _hear()
    _hold(peer)
    _hear(2, NOW + 4 * MINUTE)
    assert len(nudged) == 1
    _hear(3, NOW + 6 * MINUTE)
    assert len(nudged) == 2


def test_a_short_rest_lasts_as_long_as_the_server_asked_for(peer: Peer, nudged: list[str]) -> None:
    _hold(peer, holds=1)
    _hear()
    peer.refresh_from_db()
    assert (peer.held_until, nudged) == (HELD_UNTIL, [])


def test_the_same_message_again_wakes_nobody(peer: Peer) -> None:
    _hear()
    _hold(peer)
    _hear(now=NOW + 6 * MINUTE)
    peer.refresh_from_db()
    assert peer.held_until == HELD_UNTIL


def test_what_somebody_else_passed_on_does_not_show_that_the_server_is_up(monkeypatch, peer: Peer) -> None:
    web = install_web(monkeypatch)
    key_id = f"{ANA}#ed25519-key"
    key = ed25519_key()
    method = {
        "id": key_id,
        "type": "Multikey",
        "controller": ANA,
        "publicKeyMultibase": public_multibase(key.public_key()),
    }
    web.add_actor(assertionMethod=[method])
    body = json.dumps(add_proof(said("Like", ORG), key_id, key, NOW)).encode()
    later = NOW + 6 * MINUTE
    assert take_in(Message("POST", INBOX, {}, body), later) == 202
    assert InboundActivity.objects.count() == 1
    peer.refresh_from_db()
    assert peer.held_until == HELD_UNTIL
