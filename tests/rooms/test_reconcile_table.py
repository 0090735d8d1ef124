"""What the world is told follows what is public, whatever happened in between."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from federation.actors.keystore import proof_key_for
from federation.actors.local import find_by_key
from federation.models import Activity, Delivery, LedgerEntry, LocalActor, PublishedObject, Wake
from federation.outbox import ledger, reconcile
from federation.outbox.release import release
from federation.signatures.proofs import verify_proof
from tests.factories.fake_source import FakeSource, installed
from tests.factories.outbox import (
    KEY,
    NOW,
    ORG,
    body,
    entry,
    follow,
    hide,
    organisation,
    publish,
    said,
    waiting_kinds,
    wake,
)
from tests.factories.publications import make_picture, make_publication, make_publisher

pytestmark = pytest.mark.django_db
FAN = "https://peer.example/users/fan"


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    made = organisation()
    follow(made, FAN)
    return made


def _limit(settings, number: int) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": number}


def test_what_is_published_is_told_once(actor: LocalActor) -> None:
    publish()
    wake(KEY)
    assert said() == ["Create"]
    assert entry().state == LedgerEntry.State.LIVE


def test_the_object_is_first_told_now_whatever_its_editorial_date_is(actor: LocalActor) -> None:
    publish()
    told = PublishedObject.objects.get()
    assert (told.published, told.updated) == (NOW, None)
    assert json.loads(bytes(told.document))["published"] == "2026-03-01T12:00:00Z"


def test_the_objects_bytes_carry_a_proof_that_verifies_and_so_does_the_activity(actor: LocalActor) -> None:
    publish()
    key = proof_key_for(actor)[1].public_key()
    verify_proof(json.loads(bytes(PublishedObject.objects.get().document)), key, NOW)
    verify_proof(body("Create"), key, NOW)


def test_the_embedded_object_has_no_proof_of_its_own_that_its_place_would_break(actor: LocalActor) -> None:
    publish()
    assert "proof" not in body("Create")["object"]


def test_a_change_that_readers_see_is_told_under_the_same_id_with_a_later_time(actor: LocalActor) -> None:
    publish()
    publish(now=NOW, title="Corrected")
    told = PublishedObject.objects.get()
    assert said() == ["Create", "Update"]
    assert body("Update")["object"]["id"] == told.uri
    assert told.updated == NOW + timedelta(seconds=1)


def test_edits_within_one_second_still_get_later_each_time(actor: LocalActor) -> None:
    publish()
    for number in range(3):
        publish(title=f"Version {number}")
    assert PublishedObject.objects.get().updated == NOW + timedelta(seconds=3)


def test_a_withdrawal_leaves_a_tombstone_and_no_content(actor: LocalActor) -> None:
    publish()
    hide(now=NOW + timedelta(hours=1))
    told = PublishedObject.objects.get()
    document = json.loads(bytes(told.document))
    assert (document["type"], document["formerType"], document["id"]) == ("Tombstone", "Article", told.uri)
    assert "content" not in document
    assert told.withdrawn_at == NOW + timedelta(hours=1)
    assert (entry().state, entry().current) == (LedgerEntry.State.WITHDRAWN, None)


def test_publishing_again_makes_a_new_id(actor: LocalActor) -> None:
    publish()
    hide(now=NOW + timedelta(hours=1))
    publish(now=NOW + timedelta(hours=2))
    first, second = PublishedObject.objects.order_by("published")
    assert first.uri != second.uri
    assert said() == ["Create", "Delete", "Create"]


def test_what_moves_to_another_publisher_is_withdrawn_there_and_published_here(actor: LocalActor) -> None:
    publish()
    other = organisation("organisation:other", "other")
    publish(now=NOW + timedelta(hours=1), publisher=other.key)
    assert Activity.objects.get(kind="Delete").actor == actor
    assert PublishedObject.objects.get(withdrawn_at=None).actor == other


def test_what_was_never_public_is_never_mentioned_and_leaves_no_row(actor: LocalActor) -> None:
    hide()
    assert said() == []
    assert not LedgerEntry.objects.filter(pk=KEY).exists()


def test_a_new_rendition_changes_the_stored_bytes_and_tells_nobody(actor: LocalActor) -> None:
    publish()
    before = PublishedObject.objects.get().etag
    publish(pictures=(make_picture(url="https://hub.example/media/images/new.jpg"),))
    told = PublishedObject.objects.get()
    assert b"new.jpg" in bytes(told.document)
    assert told.etag != before
    assert said() == ["Create"]


def test_nothing_is_written_where_nothing_changed(actor: LocalActor) -> None:
    publish()
    before = bytes(PublishedObject.objects.get().document)
    wake(KEY, NOW + timedelta(days=1))
    assert bytes(PublishedObject.objects.get().document) == before


def test_a_new_builder_is_noted_without_sending(actor: LocalActor, monkeypatch) -> None:
    publish()
    monkeypatch.setattr(ledger, "BUILDER_VERSION", 99)
    wake(KEY)
    assert PublishedObject.objects.get().builder == 99
    assert said() == ["Create"]


def test_a_publication_whose_publisher_has_no_page_is_not_told(actor: LocalActor) -> None:
    publish(publisher="organisation:nobody")
    assert said() == []


def test_the_publishers_profile_is_made_before_the_first_publication(settings) -> None:
    installed(settings)
    FakeSource.publishers[ORG] = make_publisher(key=ORG)
    publish()
    assert PublishedObject.objects.get().actor == find_by_key(ORG)


def test_after_so_many_within_the_hour_the_next_waits_for_a_person(actor: LocalActor, settings) -> None:
    _limit(settings, 1)
    publish()
    publish(key="page:8")
    assert said() == ["Create"]
    assert entry("page:8").waiting_since == NOW


def test_what_waits_goes_on_waiting_when_the_hour_is_over(actor: LocalActor, settings) -> None:
    _limit(settings, 1)
    publish()
    publish(key="page:8")
    wake("page:8", NOW + timedelta(days=1))
    assert said() == ["Create"]


def test_a_person_lets_it_go_as_it_is_by_then(actor: LocalActor, settings) -> None:
    _limit(settings, 1)
    publish()
    publish(key="page:8")
    FakeSource.publications["page:8"] = make_publication(key="page:8", publisher=ORG, title="By then")
    assert release(["page:8", KEY]) == 1
    reconcile.drain(NOW)
    assert PublishedObject.objects.get(key="page:8").title == "By then"
    assert (entry("page:8").waiting_since, entry("page:8").approved) == (None, False)


def test_a_withdrawal_does_not_wait(actor: LocalActor, settings) -> None:
    _limit(settings, 1)
    publish()
    hide()
    assert said() == ["Create", "Delete"]


def test_what_waits_and_is_hidden_again_waits_no_longer(actor: LocalActor, settings) -> None:
    _limit(settings, 0)
    publish()
    hide()
    assert not LedgerEntry.objects.filter(pk=KEY).exists()


def test_a_page_that_raises_keeps_its_wake_and_stops_nobody(actor: LocalActor, monkeypatch) -> None:
    good = FakeSource.publication

    def publication(self, key):
        if key == "page:bad":
            raise RuntimeError("no such block")
        return good(self, key)

    monkeypatch.setattr(FakeSource, "publication", publication)
    Wake.objects.create(key="page:bad")
    publish()
    kept = Wake.objects.get()
    assert (kept.key, kept.failures, kept.error) == ("page:bad", 1, "RuntimeError: no such block")
    assert kept.retry_at == NOW + timedelta(seconds=30)
    assert said() == ["Create"]


def test_a_page_that_failed_is_tried_again_and_longer_apart_each_time(actor: LocalActor, monkeypatch) -> None:
    monkeypatch.setattr(FakeSource, "publication", lambda self, key: 1 / 0)
    wake(KEY, NOW)
    assert reconcile.drain(NOW + timedelta(seconds=29)) == 0
    reconcile.drain(NOW + timedelta(seconds=30))
    assert Wake.objects.get().retry_at == NOW + timedelta(seconds=90)
    monkeypatch.undo()
    reconcile.drain(NOW + timedelta(seconds=90))
    assert not Wake.objects.exists()


def test_a_failed_pages_next_change_is_looked_at_at_once(actor: LocalActor, monkeypatch) -> None:
    monkeypatch.setattr(FakeSource, "publication", lambda self, key: 1 / 0)
    wake(KEY)
    monkeypatch.undo()
    publish()
    assert said() == ["Create"]
    assert not Wake.objects.exists()


def test_a_wake_that_comes_while_reconciling_survives(actor: LocalActor, monkeypatch) -> None:
    def publication(self, key):
        Wake.objects.create(key=key)  # somebody saves just after the site has answered

    monkeypatch.setattr(FakeSource, "publication", publication)
    first = Wake.objects.create(key=KEY)
    reconcile.reconcile(KEY, NOW)
    assert Wake.objects.get().pk > first.pk


def test_a_withdrawal_goes_first_and_to_the_followers(actor: LocalActor) -> None:
    publish()
    Delivery.objects.update(state="accepted", first_attempt=NOW)
    hide()
    assert waiting_kinds(f"{FAN}/inbox") == ["Delete"]
    assert Delivery.objects.get(state="waiting").first is True
