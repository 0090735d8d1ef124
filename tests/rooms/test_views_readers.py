"""Servers that fetch something of ours are remembered by their signature, so that they hear of its end; and reading
stays open to everybody else at no cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from federation.models import Delivery, Peer, PublishedObject, Reach, RemoteActor
from federation.outbox.send import Audience, send
from federation.vocab.kinds import Kind
from tests.factories.fake_source import FakeSource, installed
from tests.factories.inbound import ANA, Web, install_web, remote_actor
from tests.factories.publications import CHANGED, HUB
from tests.factories.signed_requests import by_hand_cavage, ed25519_key, get, rsa_key, with_headers
from tests.factories.told import make_actor, path_of, tell, withdraw

pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"
COVERED = ("(request-target)", "host", "date")


@pytest.fixture(autouse=True)
def web(settings, monkeypatch: pytest.MonkeyPatch) -> Web:
    installed(settings)
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    return install_web(monkeypatch)


@pytest.fixture
def told() -> PublishedObject:
    return tell(make_actor())


def _read(client: Client, uri: str, accept: str = AS2, method: str = "get", **how: Any) -> Any:
    """Signed now, by Ana's key unless ``how`` says otherwise."""
    signed = by_hand_cavage(
        with_headers(get(HUB + path_of(uri)), date=http_date(timezone.now().timestamp())), COVERED, **how
    )
    headers = {"Accept": accept, "Date": signed.headers["date"], "Signature": signed.headers["signature"]}
    return getattr(client, method)(path_of(uri), headers=headers)


def test_a_server_that_fetched_an_object_is_remembered(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    assert _read(client, told.uri).content == bytes(told.document)
    reach = Reach.objects.get()
    assert (reach.object, reach.inbox, reach.peer_id) == (told, f"{ANA}/inbox", "https://peer.example")


def test_a_server_that_fetched_an_object_hears_of_its_end(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    _read(client, told.uri)
    about = {"kind": Kind.DELETE, "lane": told.key, "now": CHANGED, "object": told}
    send(told.actor, lambda uri: {"id": uri}, audience=Audience.REACHED, **about)
    assert Delivery.objects.get().inbox == f"{ANA}/inbox"


def test_the_shared_inbox_goes_before_the_personal_one(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key(), kind="Application", shared_inbox="https://inbox.example/all")
    _read(client, told.uri)
    reach = Reach.objects.get()
    assert (reach.inbox, reach.peer_id) == ("https://inbox.example/all", "https://inbox.example")


def test_a_server_that_fetched_an_announcement_knows_its_object(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    assert _read(client, told.activities.get().uri).status_code == 200
    assert Reach.objects.get().object == told


def test_fetching_twice_is_remembered_once(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    assert [_read(client, told.uri).status_code for _ in range(2)] == [200, 200]
    assert Reach.objects.count() == 1


def test_a_stranger_reads_and_nobody_is_asked_who_that_is(client: Client, told: PublishedObject, web: Web) -> None:
    assert _read(client, told.uri).status_code == 200
    assert web.asked == []
    assert not Reach.objects.exists()


def test_a_wrong_signature_reads_as_none(client: Client, told: PublishedObject, web: Web) -> None:
    remote_actor(key=rsa_key())
    assert _read(client, told.uri, key=ed25519_key(), algorithm=None).status_code == 200
    assert web.asked == []
    assert not Reach.objects.exists()


@pytest.mark.parametrize("header", ["", "nonsense", 'keyId="x",signature="=="', "é", "," * 9000])
def test_an_odd_signature_reads_as_none(client: Client, told: PublishedObject, header: str) -> None:
    assert client.get(path_of(told.uri), headers={"Accept": AS2, "Signature": header}).status_code == 200


def test_a_signature_for_another_object_is_not_counted(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    _read(client, told.uri, target="/ap/objects/another")
    assert not Reach.objects.exists()


def test_a_reader_without_a_signature_costs_one_query(
    client: Client, told: PublishedObject, django_assert_num_queries: Any
) -> None:
    remote_actor(key=rsa_key())
    with django_assert_num_queries(1):
        client.get(path_of(told.uri), headers={"Accept": AS2})


@pytest.mark.parametrize("fields", [{"blocked": True}, {"gone_at": timezone.now() - timedelta(days=1)}])
def test_who_is_blocked_or_gone_is_not_remembered(client: Client, told: PublishedObject, fields: Any) -> None:
    remote_actor(key=rsa_key(), **fields)
    assert _read(client, told.uri).status_code == 200
    assert not Reach.objects.exists()


def test_a_blocked_server_is_not_remembered(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    Peer.objects.update(blocked=True)
    _read(client, told.uri)
    assert not Reach.objects.exists()


@pytest.mark.parametrize("inbox", [f"{HUB}/ap/inbox", "nonsense"])
def test_an_inbox_that_cannot_be_theirs_is_not_remembered(client: Client, told: PublishedObject, inbox: str) -> None:
    remote_actor(key=rsa_key(), inbox=inbox)
    assert _read(client, told.uri).status_code == 200
    assert not Reach.objects.exists()


def test_who_got_no_document_is_not_remembered(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    assert _read(client, told.uri, accept="text/html").status_code == 303
    _read(client, told.uri, method="head")
    FakeSource.hidden.add(told.key)
    assert _read(client, told.uri).status_code == 404
    assert not Reach.objects.exists()


def test_who_read_of_a_withdrawal_has_nothing_left_to_hear(client: Client, told: PublishedObject) -> None:
    remote_actor(key=rsa_key())
    delete = withdraw(told, CHANGED)
    assert [_read(client, told.uri).status_code, _read(client, delete.uri).status_code] == [410, 200]
    assert not Reach.objects.exists()


def test_a_reader_who_cannot_be_noted_reads_all_the_same(client: Client, told: PublishedObject, monkeypatch) -> None:
    remote_actor(key=rsa_key())

    def fail(*_: object) -> RemoteActor:
        raise DatabaseError("read-only")

    monkeypatch.setattr("federation.views.readers.find_signer", fail)
    assert _read(client, told.uri).content == bytes(told.document)
