"""Signed POSTs against the inbox: what is taken in, what is refused, and that refusing leaves no trace."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import OperationalError, connections

from federation.errors import Blocked, Gone, NotAuthenticated, TimedOut, TryLater, WrongMediaType
from federation.inbox import receive as receiving
from federation.inbox.authenticate import Verified
from federation.inbox.receive import read_verified, receive
from federation.models import InboundActivity, KeyFailure, Peer, RemoteActor, RemoteKey
from federation.signatures.message import Message
from federation.signatures.proofs import add_proof
from federation.vocab.terms import CID_CONTEXT
from tests.factories.inbound import (
    ANA,
    BEN,
    CONTEXT,
    ORG,
    Web,
    ana,
    install_web,
    note,
    pem,
    remote_actor,
    said,
    signed_post,
    take_in,
)
from tests.factories.signed_requests import (
    NOW,
    by_hand_rfc9421,
    ed25519_key,
    post,
    rsa_key,
    with_headers,
)

pytestmark = pytest.mark.django_db
FOLLOW = said("Follow", ORG)
LATER = NOW + timedelta(minutes=6)


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def refused(message: Message, status: int = 401) -> None:
    """Refused with that status, and nothing was stored."""
    with pytest.raises((NotAuthenticated, TryLater, Blocked)) as error:
        take_in(message)
    assert error.value.status == status
    assert not InboundActivity.objects.exists()


def test_a_signed_follow_is_stored_for_a_worker() -> None:
    ana()
    assert take_in(signed_post(FOLLOW)) == 202
    row = InboundActivity.objects.get()
    assert (row.signer, row.kind, row.state, row.document["object"]) == (ANA, "Follow", "waiting", ORG)


def test_a_worker_is_woken_when_it_is_stored(django_capture_on_commit_callbacks: Any) -> None:
    ana()
    with django_capture_on_commit_callbacks() as callbacks:
        take_in(signed_post(FOLLOW))
    assert len(callbacks) == 1


def test_a_request_signed_by_rfc_9421_is_taken() -> None:
    ana()
    unsigned = signed_post(FOLLOW)
    message = by_hand_rfc9421(with_headers(unsigned, signature=None))
    assert take_in(message) == 202


def test_a_content_type_that_is_not_ours_is_refused_first() -> None:
    with pytest.raises(WrongMediaType):
        receive(post(body=b"x"), content_type="text/html", recipient=None, now=NOW)


def test_a_flipped_bit_in_the_body_is_refused() -> None:
    ana()
    message = signed_post(FOLLOW)
    body = message.body.replace(b"11111111-1111", b"11111111-1110")
    assert body != message.body
    refused(replace(message, body=body))


@pytest.mark.parametrize("header", ["date", "digest", "content-type", "signature"])
def test_a_flipped_bit_in_a_signed_header_is_refused(header: str) -> None:
    ana()
    message = signed_post(FOLLOW)
    changed = {
        "date": "Sat, 21 Nov 2026 12:00:01 GMT",
        "digest": "SHA-256=" + "A" * 43 + "=",
        "content-type": "application/activity+jsoo",
        "signature": message.headers["signature"][:-10] + "AAAAAAA=" + '"',
    }
    refused(replace(message, headers={**message.headers, header: changed[header]}))


def test_another_path_than_the_signed_one_is_refused() -> None:
    ana()
    refused(replace(signed_post(FOLLOW), url="https://hub.example/ap/inboy"))


def test_a_request_signed_for_another_host_is_refused() -> None:
    ana()
    signed_elsewhere = signed_post(FOLLOW, url="https://other.example/ap/inbox")
    refused(replace(signed_elsewhere, url="https://hub.example/ap/inbox"))


def test_an_unsigned_request_is_refused(web: Web) -> None:
    ana()
    refused(with_headers(signed_post(FOLLOW), signature=None))
    assert web.asked == []


def test_a_stale_request_is_refused(web: Web) -> None:
    ana()
    with pytest.raises(NotAuthenticated):
        take_in(signed_post(FOLLOW), NOW + timedelta(minutes=66))
    assert web.asked == []


def test_a_signature_that_leaves_out_the_digest_is_refused() -> None:
    ana()
    refused(signed_post(FOLLOW, covered=("(request-target)", "host", "date")))


def test_what_one_signs_in_anothers_name_is_refused(web: Web) -> None:
    ana()
    remote_actor(BEN, key=other_key())
    refused(signed_post(said("Follow", ORG, actor=BEN)))


def test_a_closer_look_that_finds_another_actor_than_the_signer_is_refused() -> None:
    vouched = cast("Verified", SimpleNamespace(document=FOLLOW, signer=BEN))
    with pytest.raises(NotAuthenticated):
        read_verified(vouched)


def test_a_key_on_another_host_is_not_even_fetched(web: Web) -> None:
    refused(signed_post(said("Follow", ORG, actor="https://victim.example/users/eve")))
    assert web.asked == []


def test_an_embedded_second_actor_is_refused() -> None:
    ana()
    with pytest.raises(Exception, match="exactly one actor") as error:
        take_in(signed_post(FOLLOW | {"actor": [ANA, BEN]}))
    assert error.value.status == 400
    assert not InboundActivity.objects.exists()


def test_the_key_of_a_stranger_is_fetched_once(web: Web) -> None:
    web.add_actor()
    take_in(signed_post(FOLLOW))
    take_in(signed_post(said("Like", ORG, number=2)))
    assert web.asked == [ANA]
    assert InboundActivity.objects.count() == 2


def test_a_new_key_is_found_after_the_old_one_failed(web: Web) -> None:
    actor = remote_actor(ANA, key=other_key())
    web.add_actor(ANA, key=rsa_key())
    assert take_in(signed_post(FOLLOW, created=None), LATER) == 202
    assert RemoteKey.objects.get(actor=actor).public == pem(rsa_key())


def test_a_flood_of_bad_signatures_costs_one_fetch(web: Web) -> None:
    remote_actor(ANA, key=rsa_key())
    web.add_actor()
    bad = other_key()
    for number in range(5):
        with pytest.raises(NotAuthenticated):
            take_in(signed_post(said("Like", ORG, number=number), key=bad), LATER)
    assert web.asked == [ANA]


def test_a_key_that_cannot_be_fetched_now_asks_to_come_again(web: Web) -> None:
    web.pages[ANA] = TimedOut("silence")
    refused(signed_post(FOLLOW), status=503)


def test_a_key_that_does_not_exist_is_refused(web: Web) -> None:
    refused(signed_post(FOLLOW), status=401)


@pytest.mark.parametrize("blocked", ["peer", "actor"])
def test_the_blocked_are_refused_before_any_fetch(web: Web, blocked: str) -> None:
    actor = ana()
    RemoteKey.objects.all().delete()
    if blocked == "peer":
        Peer.objects.filter(pk=actor.peer_id).update(blocked=True)
    else:
        RemoteActor.objects.update(blocked=True)
    refused(signed_post(FOLLOW), status=403)
    assert web.asked == []


def test_a_blocked_server_is_refused_although_nobody_there_is_known(web: Web) -> None:
    Peer.objects.create(origin="https://peer.example", blocked=True)
    refused(signed_post(FOLLOW), status=403)
    assert web.asked == []


def test_a_context_that_renames_the_actor_is_refused() -> None:
    ana()
    poisoned = FOLLOW | {"@context": [CONTEXT, {"actor": "as:target"}]}
    with pytest.raises(Exception, match="redefines actor") as error:
        take_in(signed_post(poisoned))
    assert error.value.status == 400
    assert not InboundActivity.objects.exists()


def test_a_thousand_farewells_of_strangers_cost_no_fetch_and_no_row(web: Web, django_assert_num_queries: Any) -> None:
    people = [f"https://peer.example/users/{number}" for number in range(1000)]
    unsigned = [post(body=(f'{{"type":"Delete","actor":"{who}","object":"{who}"}}').encode()) for who in people]
    with django_assert_num_queries(1000):  # one indexed read each: are they known?
        assert {take_in(message) for message in unsigned} == {202}
    assert web.asked == []
    assert not InboundActivity.objects.exists()
    assert not KeyFailure.objects.exists()


def test_the_farewell_of_somebody_known_is_checked_with_the_kept_key(web: Web) -> None:
    ana()
    assert take_in(signed_post(said("Delete", ANA))) == 202
    assert web.asked == []
    assert InboundActivity.objects.get().kind == "Delete"


def test_a_farewell_counts_if_the_actors_own_server_says_that_it_is_gone(web: Web) -> None:
    remote_actor(ANA, key=other_key())
    web.pages[ANA] = Gone(ANA)
    assert take_in(signed_post(said("Delete", ANA)), LATER) == 202
    assert InboundActivity.objects.get().kind == "Delete"


def test_only_a_farewell_counts_then(web: Web) -> None:
    remote_actor(ANA, key=other_key())
    web.pages[ANA] = Gone(ANA)
    with pytest.raises(NotAuthenticated):
        take_in(signed_post(said("Follow", ORG)), LATER)


def test_the_address_of_something_else_that_is_gone_proves_nothing(web: Web) -> None:
    ana()
    deleted_note = f"{ANA}/statuses/7"
    web.pages[deleted_note] = Gone(deleted_note)
    refused(signed_post(said("Delete", ANA), key_id=f"{deleted_note}#main-key", key=other_key()))


def test_a_missing_actor_is_not_a_deleted_one(web: Web) -> None:
    remote_actor(ANA, key=other_key())
    with pytest.raises(NotAuthenticated):
        take_in(signed_post(said("Delete", ANA)), LATER)
    assert RemoteActor.objects.get().gone_at is None


def test_a_farewell_is_still_checked_where_only_the_fetch_said_gone() -> None:
    actor = ana()
    RemoteActor.objects.filter(pk=actor.pk).update(gone_at=NOW)
    take_in(signed_post(said("Delete", ANA)))
    assert InboundActivity.objects.count() == 1


def proven(document: dict[str, Any], owner: str = BEN) -> dict[str, Any]:
    whole = document | {"@context": [CONTEXT, CID_CONTEXT]}
    return add_proof(whole, f"{owner}#ed25519-key", ed25519_key(), NOW)


def ben_with_proof_key() -> None:
    ben = remote_actor(BEN)
    RemoteKey.objects.create(key_id=f"{BEN}#ed25519-key", actor=ben, public=pem(ed25519_key()), fetched_at=NOW)


def test_a_proof_lets_somebody_else_bring_it() -> None:
    ana()
    ben_with_proof_key()
    assert take_in(signed_post(proven(said("Create", note(owner=BEN), actor=BEN)))) == 202
    assert InboundActivity.objects.get().signer == BEN


def test_a_proof_suffices_without_a_signature() -> None:
    ben_with_proof_key()
    message = with_headers(signed_post(proven(said("Like", ORG, actor=BEN))), signature=None)
    assert take_in(message) == 202


def test_a_document_changed_after_its_proof_is_refused() -> None:
    ana()
    ben_with_proof_key()
    refused(signed_post(proven(said("Like", ORG, actor=BEN)) | {"object": ANA}))


def test_a_proof_by_somebody_else_is_refused() -> None:
    ana()
    ben_with_proof_key()
    refused(signed_post(proven(said("Like", ORG, actor="https://peer.example/users/eve"))))


def test_a_wrong_proof_does_not_spoil_the_actors_own_signature() -> None:
    ana()
    ben_with_proof_key()
    assert take_in(signed_post(proven(said("Like", ORG)) | {"object": BEN})) == 202


def test_a_proof_whose_key_cannot_be_fetched_now_asks_to_come_again(web: Web) -> None:
    ana()
    web.pages[BEN] = TimedOut("silence")
    refused(signed_post(proven(said("Like", ORG, actor=BEN))), status=503)


def test_a_linked_data_signature_is_neither_believed_nor_kept() -> None:
    ana()
    document = FOLLOW | {"signature": {"type": "RsaSignature2017", "creator": f"{ANA}#main-key"}}
    take_in(signed_post(document))
    assert "signature" not in InboundActivity.objects.get().document


def test_a_forwarded_activity_with_a_linked_data_signature_is_refused() -> None:
    ana()
    document = said("Like", ORG, actor=BEN) | {"signature": {"type": "RsaSignature2017"}}
    refused(signed_post(document))


def test_the_same_activity_again_is_accepted_and_ignored() -> None:
    ana()
    message = signed_post(said("Like", ORG))
    assert [take_in(message), take_in(message)] == [202, 202]
    assert InboundActivity.objects.count() == 1


def test_the_same_id_with_another_content_is_ignored_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    ana()
    take_in(signed_post(said("Like", ORG)))
    with caplog.at_level(logging.WARNING):
        take_in(signed_post(said("Like", BEN)))
    assert InboundActivity.objects.get().document["object"] == ORG
    assert "another content" in caplog.text


def test_a_follow_under_a_used_id_is_taken_when_it_is_signed_anew() -> None:
    ana()
    take_in(signed_post(FOLLOW))
    later = with_headers(post(body=signed_post(FOLLOW).body), date="Sat, 21 Nov 2026 12:00:09 GMT")
    take_in(by_hand_rfc9421(later))
    assert InboundActivity.objects.count() == 2


def test_odd_types_and_lengths_never_break_the_inbox() -> None:
    ana()
    assert take_in(signed_post(said("X" * 5000, ORG))) == 202
    assert take_in(signed_post(said("Like", ORG, number=2) | {"id": f"https://peer.example/{'é' * 1900}"})) == 202


def test_a_database_that_does_not_answer_is_our_own_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    ana()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(receiving, "check_welcome", fail)
    refused(signed_post(FOLLOW), status=503)


def test_a_key_that_claims_to_be_ours_is_never_fetched(web: Web) -> None:
    actor = f"{ORG}"
    refused(signed_post(said("Follow", ORG, actor=actor), key_id=f"{actor}#main-key"))
    assert web.asked == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["Follow", "Like"])
def test_a_hundred_copies_at_the_same_time_are_one(kind: str) -> None:
    ana()
    message = signed_post(said(kind, ORG))
    together = Barrier(4)

    def send_some(_: int) -> set[int]:
        try:
            together.wait(timeout=20)
            return {take_in(message) for _ in range(25)}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = set().union(*pool.map(send_some, range(4)))
    assert answers == {202}
    assert InboundActivity.objects.count() == 1
