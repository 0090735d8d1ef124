"""Actors of ours: how they come into being, change, and end; their keys and documents."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connections

from federation.actors import document, keystore, local
from federation.actors.keystore import proof_key_for, public_keys, signer_for
from federation.actors.local import (
    ActorDeleted,
    HandleTaken,
    delete_actor,
    ensure_publisher,
    ensure_site_actor,
    find_by_handle,
    find_by_key,
    find_by_uri,
    get_instance_actor,
    handle_is_free,
)
from federation.errors import ConfigurationError
from federation.models import ActorKey, LocalActor
from federation.signatures.keys import load_public_pem, public_multibase, public_pem
from tests.factories.fake_source import FakeSource, installed
from tests.factories.publications import CHANGED, HUB, TOLD, make_picture, make_publisher
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings, monkeypatch: pytest.MonkeyPatch) -> type[FakeSource]:
    monkeypatch.setattr(keystore, "generate_rsa", rsa_key)
    return installed(settings)


@pytest.fixture
def actor() -> LocalActor:
    return ensure_publisher(make_publisher(), TOLD)[0]


def described(actor: LocalActor) -> dict[str, Any]:
    return json.loads(bytes(LocalActor.objects.get(pk=actor.pk).document))


def test_the_first_use_makes_an_actor_with_keys_handle_and_document() -> None:
    actor, changed = ensure_publisher(make_publisher(), TOLD)
    assert changed is False
    assert (actor.uri, actor.kind) == (f"{HUB}/ap/actors/{actor.pk}", LocalActor.Kind.ORGANISATION)
    shown = described(actor)
    assert (shown["id"], shown["type"], shown["preferredUsername"]) == (actor.uri, "Organization", "partner")
    assert shown["publicKey"]["publicKeyPem"] == public_pem(rsa_key().public_key())
    assert shown["attributionDomains"] == ["hub.example"]
    assert (shown["discoverable"], shown["indexable"]) == (True, True)


def test_the_etag_is_of_the_bytes(actor: LocalActor) -> None:
    assert actor.etag == hashlib.sha256(bytes(actor.document)).hexdigest()


def test_the_same_publisher_has_the_same_actor(actor: LocalActor, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert ensure_publisher(make_publisher(), CHANGED) == (actor, False)


def test_a_changed_profile_is_told_and_dated(actor: LocalActor) -> None:
    again, changed = ensure_publisher(make_publisher(name="Water Partners"), CHANGED)
    assert (again, changed) == (actor, True)
    assert (described(actor)["name"], described(actor)["updated"]) == ("Water Partners", "2026-03-02T09:00:00Z")
    assert ensure_publisher(make_publisher(name="Water Partners"), CHANGED)[1] is False


def test_another_address_of_the_same_picture_is_no_news(actor: LocalActor) -> None:
    moved = make_picture(url="https://cdn.example/other/logo.png", media_type="image/png", alt="A drop", focus=None)
    assert ensure_publisher(make_publisher(avatar=moved), CHANGED)[1] is False


def test_another_picture_is_news(actor: LocalActor) -> None:
    other = make_picture(url=f"{HUB}/media/images/new.png", media_type="image/png", alt="A drop", focus=None)
    assert ensure_publisher(make_publisher(avatar=other), CHANGED)[1] is True


def test_a_new_builder_makes_the_bytes_anew_and_tells_nobody(actor: LocalActor, monkeypatch) -> None:
    LocalActor.objects.update(document=b"{}")
    monkeypatch.setattr(local, "BUILDER", "later")
    assert ensure_publisher(make_publisher(), CHANGED)[1] is False
    assert described(actor)["updated"] == "2026-03-01T09:30:15Z"


def test_a_renamed_actor_is_found_by_both_handles(actor: LocalActor) -> None:
    renamed, changed = ensure_publisher(make_publisher(handle="wells"), CHANGED)
    assert (renamed.handle, changed, described(actor)["preferredUsername"]) == ("wells", True, "wells")
    assert find_by_handle("partner") == find_by_handle("WELLS") == actor


def test_an_actor_may_return_to_its_old_handle(actor: LocalActor) -> None:
    ensure_publisher(make_publisher(handle="wells"), CHANGED)
    ensure_publisher(make_publisher(handle="partner"), CHANGED + timedelta(days=1))
    assert described(actor)["preferredUsername"] == "partner"
    assert actor.handles.count() == 2


def test_nobody_gets_a_handle_that_somebody_had(actor: LocalActor) -> None:
    ensure_publisher(make_publisher(handle="wells"), CHANGED)
    with pytest.raises(HandleTaken):
        ensure_publisher(make_publisher(key="organisation:other", handle="Partner"), CHANGED)
    assert find_by_key("organisation:other") is None


def test_a_rename_to_somebody_elses_handle_keeps_the_old_one(actor: LocalActor) -> None:
    ensure_publisher(make_publisher(key="organisation:other", handle="other"), TOLD)
    renamed, _ = ensure_publisher(make_publisher(handle="other"), CHANGED)
    assert renamed.handle == "partner"


def test_a_handle_is_free_for_who_had_it_and_nobody_else(actor: LocalActor) -> None:
    assert handle_is_free("PARTNER", actor.key)
    assert not handle_is_free("PARTNER", "organisation:other")
    assert handle_is_free("unheard_of", "organisation:other")


@pytest.mark.parametrize("name", ["", "nobody", "a\x00b", "a" * 500, "é", "%", "a b"])
def test_what_nobody_is_called_finds_nobody(actor: LocalActor, name: str) -> None:
    assert find_by_handle(name) is None


def test_an_actor_is_found_by_its_address(actor: LocalActor) -> None:
    assert find_by_uri(actor.uri) == actor
    assert find_by_uri(f"{HUB}/ap/actors/\x00") is None


def test_a_deleted_actor_never_comes_back(actor: LocalActor) -> None:
    delete_actor(actor, CHANGED)
    with pytest.raises(ActorDeleted):
        ensure_publisher(make_publisher(), CHANGED)
    assert described(actor) == described(actor) | {"type": "Tombstone", "formerType": "Organization"}
    assert not handle_is_free("partner", "organisation:other")


def test_a_deleted_actor_can_still_sign_its_farewell(actor: LocalActor) -> None:
    delete_actor(actor, CHANGED)
    assert signer_for(actor).key_id == f"{actor.uri}#main-key"


def test_deleting_twice_keeps_the_first_date(actor: LocalActor) -> None:
    delete_actor(actor, TOLD)
    delete_actor(actor, CHANGED)
    assert LocalActor.objects.get().deleted_at == TOLD


def test_the_instance_actor_cannot_be_deleted() -> None:
    with pytest.raises(ValueError, match="instance"):
        delete_actor(get_instance_actor(), CHANGED)


def test_the_instance_actor_is_an_application_named_after_the_host() -> None:
    shown = described(get_instance_actor())
    assert (shown["type"], shown["preferredUsername"]) == ("Application", "hub.example")
    assert shown["discoverable"] is False
    assert get_instance_actor() == get_instance_actor()


def test_the_instance_actor_leaves_a_taken_handle_alone(settings) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "ORIGIN": "http://localhost:8000"}
    ensure_publisher(make_publisher(handle="localhost"), TOLD)
    assert get_instance_actor().handle == "instance.actor"


def test_the_site_has_an_actor_once_it_has_a_front_page(site) -> None:
    assert ensure_site_actor(TOLD) is None
    site.publishers["site"] = make_publisher(key="site", handle="hub")
    made = ensure_site_actor(TOLD)
    assert made is not None
    assert made.kind == LocalActor.Kind.SITE
    site.hidden.add("site")
    assert ensure_site_actor(CHANGED) == made


def test_ids_stay_when_the_instance_moves(actor: LocalActor, settings) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "ORIGIN": "https://new.example"}
    assert document.addresses_of(actor).shared_inbox == f"{HUB}/ap/inbox"
    ensure_publisher(make_publisher(name="New"), CHANGED)
    assert described(actor)["id"] == actor.uri


def test_private_keys_are_encrypted_in_the_database(actor: LocalActor) -> None:
    for key in ActorKey.objects.all():
        assert b"PRIVATE" not in bytes(key.private)
        assert "PRIVATE" not in key.public


def test_the_keys_that_sign_are_those_that_the_document_shows(actor: LocalActor) -> None:
    signer, (method, proof_key) = signer_for(actor), proof_key_for(actor)
    shown = described(actor)
    assert (signer.key_id, method) == (shown["publicKey"]["id"], shown["assertionMethod"][0]["id"])
    assert load_public_pem(shown["publicKey"]["publicKeyPem"]) == signer.key.public_key()
    assert public_multibase(proof_key.public_key()) == shown["assertionMethod"][0]["publicKeyMultibase"]
    assert public_keys(actor).proof_keys[0][1].startswith("z6Mk")


def test_a_key_is_parsed_once(actor: LocalActor, monkeypatch: pytest.MonkeyPatch) -> None:
    first = signer_for(actor)
    monkeypatch.setattr(keystore, "load_private_pem", None)
    assert signer_for(actor).key is first.key


def test_a_key_opens_with_an_older_fernet_key(actor: LocalActor, settings) -> None:
    keystore._parsed.cache_clear()
    keys = (Fernet.generate_key().decode(), *settings.FEDERATION["KEYS"])
    settings.FEDERATION = {**settings.FEDERATION, "KEYS": keys}
    assert signer_for(actor).key_id


def test_a_lost_fernet_key_is_said_plainly(actor: LocalActor, settings) -> None:
    keystore._parsed.cache_clear()
    settings.FEDERATION = {**settings.FEDERATION, "KEYS": (Fernet.generate_key().decode(),)}
    with pytest.raises(ConfigurationError, match="FEDERATION_KEYS"):
        signer_for(actor)


def test_the_fingerprint_sees_every_field_that_a_document_shows() -> None:
    publisher = make_publisher()
    marks = {document.fingerprint(publisher)}
    for change in ("handle", "name", "summary", "url"):
        marks.add(document.fingerprint(replace(publisher, **{change: "other"})))
    marks.add(document.fingerprint(replace(publisher, fields=())))
    marks.add(document.fingerprint(replace(publisher, header=None)))
    assert len(marks) == 7


def test_the_fingerprint_leaves_out_what_no_document_shows() -> None:
    """Publishing an imported page for the first time gives it a date, which would be told to all followers. Fails if
    the fingerprint takes every field."""
    publisher = make_publisher()
    later = replace(publisher, since=publisher.since + timedelta(days=1), language="de")
    assert document.fingerprint(later) == document.fingerprint(publisher)


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_make_one_actor() -> None:
    barrier = Barrier(2)

    def make(_: int) -> LocalActor:
        barrier.wait()
        try:
            return ensure_publisher(make_publisher(), TOLD)[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(make, range(2))
    assert one == two
    assert LocalActor.objects.count() == 1
    assert one.keys.count() == 2
