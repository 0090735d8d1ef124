"""What somebody may send who wants to harm: it ends as a refusal that is stored, and holds up nobody else."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from federation.errors import NotAuthenticated, TryLater
from federation.inbox import authenticate
from federation.inbox.dispatch import drain
from federation.models import Delivery, InboundActivity, RemoteActor, RemoteKey, RemoteObject
from federation.signatures.keys import public_multibase
from federation.signatures.message import Message
from federation.signatures.proofs import add_proof
from tests.factories.inbound import (
    ANA,
    BEN,
    INBOX,
    ORG,
    Web,
    ana,
    followed,
    install_web,
    local_actor,
    note,
    pem,
    remote_actor,
    said,
    signed_post,
    stored,
    take_in,
)
from tests.factories.signed_requests import NOW, ed25519_key

pytestmark = pytest.mark.django_db
CARL = "https://third.example/users/carl"
THIRD = "https://third.example/notes/9"


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


def long_address() -> str:
    """Two thousand letters of three bytes each, at random: an index cannot make them small."""
    letters = random.Random(1)
    return "https://peer.example/" + "".join(chr(letters.randrange(0x4E00, 0x9000)) for _ in range(2000))


def handled(document: dict[str, Any], signer: str = ANA) -> InboundActivity:
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


def test_an_object_with_an_id_too_long_for_an_index_is_refused() -> None:
    followed(ana())
    assert handled(said("Create", note(long_address()))).state == "failed"
    assert not RemoteObject.objects.exists()


def test_a_follower_with_an_inbox_too_long_for_an_index_is_refused(web: Web) -> None:
    local_actor()
    web.add_actor(BEN, inbox=long_address())
    assert handled(said("Follow", ORG, actor=BEN), signer=BEN).state == "failed"
    assert not Delivery.objects.exists()


def test_a_key_with_an_id_too_long_for_an_index_is_not_kept(web: Web) -> None:
    known = ana()
    web.add_actor(ANA)
    page = web.pages[ANA]
    assert isinstance(page, dict)
    page["publicKey"]["id"] = long_address()
    assert handled(said("Update", ANA)).state == "done"
    assert not known.keys.exists()


def test_what_no_index_holds_does_not_stop_those_who_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last defence: should an address slip through, its row fails and the next is handled."""
    monkeypatch.setattr("federation.vocab.values.MAX_ADDRESS", 100_000)
    monkeypatch.setattr("federation.net.location.MAX_LENGTH", 100_000)
    followed(ana())
    first = stored(said("Create", note(long_address())))
    assert handled(said("Create", note(), number=2)).state == "done"
    first.refresh_from_db()
    assert first.state == "failed"


@pytest.mark.parametrize("name", ["a" * 5000, "ж" * 1500])
def test_the_name_of_a_key_may_not_be_endless(name: str) -> None:
    proof = {"type": "DataIntegrityProof", "verificationMethod": f"acct:{name}@peer.example"}
    body = json.dumps(said("Create", note()) | {"proof": proof}).encode()
    with pytest.raises(NotAuthenticated):
        take_in(Message("POST", INBOX, {}, body))


def test_slow_servers_cannot_hold_every_thread(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.add_actor()
    message = signed_post(said("Create", note()))
    busy = BoundedSemaphore(1)
    busy.acquire()
    monkeypatch.setattr(authenticate, "_fetching", busy)
    with pytest.raises(TryLater):
        take_in(message)
    assert web.asked == []
    busy.release()
    assert take_in(message) == 202
    assert busy.acquire(blocking=False), "a fetch that ended makes room"


def test_a_known_key_is_not_refused_while_others_are_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day it is time to look again; two slow strangers must not lock out everybody whose day is over."""
    ana()
    RemoteKey.objects.update(fetched_at=NOW - timedelta(days=2))
    busy = BoundedSemaphore(1)
    busy.acquire()
    monkeypatch.setattr(authenticate, "_fetching", busy)
    assert take_in(signed_post(said("Create", note()))) == 202


def test_a_neighbour_who_lists_somebodys_key_first_does_not_lock_them_out(web: Web) -> None:
    """Ben's own document names Ana's key as his, and Ana was never heard of here."""
    remote_actor(BEN)
    RemoteKey.objects.create(
        key_id=f"{ANA}#main-key",
        actor=RemoteActor.objects.get(uri=BEN),
        public=pem(rsa.generate_private_key(65537, 2048)),
        fetched_at=NOW,
    )
    web.add_actor()
    assert take_in(signed_post(said("Create", note()))) == 202
    assert RemoteKey.objects.get(key_id=f"{ANA}#main-key").actor.uri == ANA
    assert web.asked.count(ANA) == 1


def test_a_proof_cannot_bring_back_what_its_actor_sent_before(web: Web) -> None:
    """Somebody who got hold of an old Follow sends it again after its Undo."""
    key = ed25519_key()
    multikey = {
        "id": f"{ANA}#ed25519-key",
        "type": "Multikey",
        "controller": ANA,
        "publicKeyMultibase": public_multibase(key.public_key()),
    }
    web.add_actor(assertionMethod=[multikey])
    follow = add_proof(said("Follow", ORG), f"{ANA}#ed25519-key", key, NOW)
    assert take_in(signed_post(follow)) == 202
    unsigned = Message("POST", INBOX, {}, json.dumps(follow).encode())
    assert take_in(unsigned) == 202
    assert InboundActivity.objects.count() == 1


def test_who_never_boosted_something_cannot_take_it_away() -> None:
    RemoteObject.objects.create(uri=THIRD, actor=remote_actor(CARL), kind="Note", title="Kept", received_at=NOW)
    remote_actor(BEN)
    undo = said("Undo", {"type": "Announce", "actor": BEN, "object": THIRD}, actor=BEN)
    assert handled(undo, signer=BEN).state == "ignored"
    assert RemoteObject.objects.get().title == "Kept"


def test_what_was_here_before_a_boost_outlives_it() -> None:
    followed(ana())
    earlier = NOW.replace(year=NOW.year - 1)
    RemoteObject.objects.create(uri=THIRD, actor=remote_actor(CARL), kind="Note", title="Kept", received_at=earlier)
    boost = said("Announce", THIRD)
    handled(boost)
    handled(said("Undo", boost, number=2))
    assert RemoteObject.objects.get().title == "Kept"


def test_a_boost_by_others_counts_when_it_carried_its_object_along(web: Web) -> None:
    followed(ana())
    followed(remote_actor(BEN), local_actor(f"{ORG[:-1]}2", kind="site"))
    web.add_actor(CARL)
    web.pages[THIRD] = note(THIRD, owner=CARL)
    boost = said("Announce", THIRD)
    handled(boost)
    handled(said("Announce", note(THIRD, owner=CARL), actor=BEN, number=2), signer=BEN)
    handled(said("Undo", boost, number=3))
    assert RemoteObject.objects.get().withdrawn_at is None
