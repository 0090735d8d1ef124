"""What followed people publish, correct, boost and withdraw; and what is not believed of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.errors import Gone, TimedOut
from federation.inbox.dispatch import drain
from federation.models import Follower, Following, InboundActivity, Peer, RemoteActor, RemoteKey, RemoteObject
from tests.factories.inbound import (
    ANA,
    BEN,
    HUB,
    Web,
    ana,
    followed,
    install_web,
    local_actor,
    note,
    pem,
    remote_actor,
    said,
    stored,
)
from tests.factories.signed_requests import NOW, rsa_key

pytestmark = pytest.mark.django_db
NOTE = "https://peer.example/notes/1"
CARL = "https://third.example/users/carl"
THIRD = "https://third.example/notes/9"


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


def handled(document: dict[str, Any], signer: str = ANA) -> InboundActivity:
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


def test_what_a_followed_actor_publishes_is_stored_cleaned() -> None:
    followed(ana())
    document = note(type="Article", name="Well <b>dug</b>", content="<p onclick='x()'>Hi<script>evil()</script></p>")
    assert handled(said("Create", document | {"url": "https://peer.example/@ana/1"})).state == "done"
    item = RemoteObject.objects.get()
    assert (item.uri, item.actor.uri, item.kind) == (NOTE, ANA, "Article")
    assert item.url == "https://peer.example/@ana/1"
    assert "Hi" in item.content
    assert "evil" not in item.content
    assert "onclick" not in item.content
    assert item.published == datetime(2026, 11, 21, 11, tzinfo=UTC)


def test_nothing_is_stored_of_those_whom_nobody_follows(web: Web) -> None:
    ana()
    assert handled(said("Create", NOTE)).reason == "nobody here follows the author"
    assert not RemoteObject.objects.exists()
    assert web.asked == []


def test_nothing_is_stored_before_they_said_yes() -> None:
    followed(ana(), state="pending")
    handled(said("Create", note()))
    assert not RemoteObject.objects.exists()


@pytest.mark.parametrize("recipients", [{"to": [BEN]}, {"to": [f"{ANA}/followers"]}, {"to": []}])
def test_private_objects_are_not_stored(recipients: dict[str, Any]) -> None:
    followed(ana())
    assert handled(said("Create", note(**recipients))).reason == "not public"
    assert not RemoteObject.objects.exists()


@pytest.mark.parametrize("kind", ["Tombstone", "Person", "Like"])
def test_what_is_no_publication_is_not_stored(kind: str) -> None:
    followed(ana())
    handled(said("Create", note(type=kind)))
    assert not RemoteObject.objects.exists()


def test_a_named_object_is_fetched_from_its_own_host(web: Web) -> None:
    followed(ana())
    web.pages[NOTE] = note(content="<p>fetched</p>")
    handled(said("Create", NOTE))
    assert RemoteObject.objects.get().content == "<p>fetched</p>"


def test_an_embedded_object_of_another_host_is_fetched_instead(web: Web) -> None:
    followed(ana())
    web.pages[THIRD] = note(THIRD, owner=CARL)
    row = handled(said("Create", note(THIRD, owner=ANA, content="<p>forged</p>")))
    assert (row.state, row.reason) == ("ignored", "it belongs to somebody else")
    assert web.asked == [THIRD]
    assert not RemoteObject.objects.exists()


def test_an_embedded_object_of_a_neighbour_is_fetched_instead(web: Web) -> None:
    followed(ana())
    web.pages[NOTE] = note(owner=BEN)
    row = handled(said("Create", note(owner=BEN, content="<p>forged</p>")))
    assert row.reason == "it belongs to somebody else"
    assert web.asked == [NOTE]
    assert not RemoteObject.objects.exists()


def test_an_address_of_ours_is_never_fetched(web: Web) -> None:
    followed(ana())
    assert handled(said("Create", f"{HUB}/ap/objects/1")).state == "failed"
    assert web.asked == []


def test_an_origin_that_is_silent_is_asked_again_later(web: Web) -> None:
    followed(ana())
    web.pages[NOTE] = TimedOut("silence")
    assert handled(said("Create", NOTE)).state == "waiting"


def test_the_same_object_told_twice_is_one() -> None:
    followed(ana())
    handled(said("Create", note()))
    handled(said("Create", note(), number=2))
    assert RemoteObject.objects.count() == 1


def test_a_date_that_lies_ahead_is_not_believed() -> None:
    followed(ana())
    handled(said("Create", note(published="2099-01-01T00:00:00Z")))
    assert RemoteObject.objects.get().published == NOW


def test_a_correction_replaces_what_was_stored() -> None:
    followed(ana())
    handled(said("Create", note()))
    handled(said("Update", note(content="<p>Better</p>", updated="2026-11-21T11:30:00Z"), number=2))
    assert RemoteObject.objects.get().content == "<p>Better</p>"


def test_an_older_correction_that_comes_late_changes_nothing() -> None:
    followed(ana())
    handled(said("Create", note(content="<p>Best</p>", updated="2026-11-21T11:30:00Z")))
    row = handled(said("Update", note(content="<p>Old</p>", updated="2026-11-21T11:10:00Z"), number=2))
    assert row.reason == "older than what is stored"
    assert RemoteObject.objects.get().content == "<p>Best</p>"


def test_nobody_corrects_what_belongs_to_another() -> None:
    followed(ana())
    remote_actor(BEN)
    handled(said("Create", note()))
    row = handled(said("Update", note(owner=BEN, content="<p>forged</p>"), actor=BEN, number=2), signer=BEN)
    assert row.reason == "it belongs to somebody else"
    assert RemoteObject.objects.get().content == "<p>Hello</p>"


def test_a_correction_by_somebody_else_fetches_nothing(web: Web) -> None:
    followed(ana())
    remote_actor(BEN)
    handled(said("Create", note()))
    handled(said("Update", NOTE, actor=BEN, number=2), signer=BEN)
    assert web.asked == []


def test_nobody_takes_over_what_another_published() -> None:
    actor = local_actor()
    followed(ana(), actor)
    followed(remote_actor(BEN), actor)
    handled(said("Create", note()))
    row = handled(said("Create", note(owner=BEN, content="<p>forged</p>"), actor=BEN, number=2), signer=BEN)
    assert row.reason == "it belongs to somebody else"
    assert RemoteObject.objects.get().actor.uri == ANA


def test_nobody_withdraws_a_neighbours_object_in_advance() -> None:
    actor = local_actor()
    followed(ana(), actor)
    followed(remote_actor(BEN), actor)
    handled(said("Delete", NOTE, actor=BEN, number=2), signer=BEN)
    assert handled(said("Create", note())).state == "done"
    assert (RemoteObject.objects.get().actor.uri, RemoteObject.objects.get().withdrawn_at) == (ANA, None)


def test_what_becomes_private_is_withdrawn() -> None:
    followed(ana())
    handled(said("Create", note()))
    handled(said("Update", note(to=[BEN], updated="2026-11-21T11:30:00Z"), number=2))
    item = RemoteObject.objects.get()
    assert (item.withdrawn_at, item.content) == (NOW, "")


def test_a_fresh_correction_of_something_unknown_is_taken_as_news() -> None:
    followed(ana())
    handled(said("Update", note()))
    assert RemoteObject.objects.count() == 1


def test_a_correction_of_something_old_and_unknown_is_ignored() -> None:
    followed(ana())
    handled(said("Update", note(published="2026-11-01T00:00:00Z")))
    assert not RemoteObject.objects.exists()


def test_a_changed_profile_is_fetched_never_taken_from_the_message(web: Web) -> None:
    ana()
    web.add_actor(name="Ana from her server")
    handled(said("Update", {"id": ANA, "type": "Person", "name": "Forged", "inbox": f"{ANA}/inbox"}))
    assert RemoteActor.objects.get().name == "Ana from her server"
    assert web.asked == [ANA]


def test_a_withdrawn_object_loses_its_text() -> None:
    followed(ana())
    handled(said("Create", note(name="Title", summary="About")))
    assert handled(said("Delete", {"id": NOTE, "type": "Tombstone"}, number=2)).state == "done"
    item = RemoteObject.objects.get()
    assert (item.withdrawn_at, item.title, item.summary, item.content) == (NOW, "", "", "")


def test_nobody_withdraws_what_belongs_to_another_on_the_same_host() -> None:
    followed(ana())
    remote_actor(BEN)
    handled(said("Create", note()))
    row = handled(said("Delete", NOTE, actor=BEN, number=2), signer=BEN)
    assert (row.state, row.reason) == ("ignored", "it belongs to somebody else")
    assert RemoteObject.objects.get().withdrawn_at is None


def test_a_create_after_its_delete_brings_nothing_back() -> None:
    followed(ana())
    handled(said("Delete", NOTE, number=2))
    assert handled(said("Create", note())).reason == "withdrawn before"
    assert RemoteObject.objects.get().content == ""


@pytest.mark.parametrize("uri", [THIRD, f"{HUB}/ap/objects/1"])
def test_a_delete_of_what_lies_elsewhere_is_not_remembered(uri: str) -> None:
    followed(ana())
    handled(said("Delete", uri))
    assert not RemoteObject.objects.exists()


def test_deletes_of_those_whom_nobody_follows_are_not_remembered() -> None:
    ana()
    assert handled(said("Delete", NOTE)).reason == "not known here"
    assert not RemoteObject.objects.exists()


def test_a_deleted_actor_leaves_only_the_knowledge_that_it_is_gone() -> None:
    remote = ana()
    actor = local_actor()
    followed(remote, actor)
    Follower.objects.create(actor=actor, remote=remote)
    RemoteActor.objects.update(name="Ana", summary="<p>me</p>")
    handled(said("Create", note()))
    assert handled(said("Delete", ANA, number=2)).reason == "the actor is gone"
    remote.refresh_from_db()
    assert (remote.gone_at, remote.name, remote.summary, remote.handle) == (NOW, "", "", "")
    assert [model.objects.count() for model in (Follower, Following, RemoteKey)] == [0, 0, 0]
    assert RemoteObject.objects.get().withdrawn_at == NOW


def test_nobody_deletes_another_actor() -> None:
    ana()
    remote_actor(BEN)
    handled(said("Delete", ANA, actor=BEN), signer=BEN)
    assert RemoteActor.objects.get(uri=ANA).gone_at is None


def test_a_boost_is_fetched_and_kept_under_its_author(web: Web) -> None:
    followed(ana())
    web.add_actor(CARL)
    web.pages[THIRD] = note(THIRD, owner=CARL)
    assert handled(said("Announce", THIRD)).state == "done"
    item = RemoteObject.objects.get()
    assert (item.uri, item.actor.uri) == (THIRD, CARL)


def test_nothing_is_kept_in_the_name_of_whom_its_authors_address_leads_to(web: Web) -> None:
    """A server may answer for its own addresses with the profile of somebody elsewhere, who is then asked and is real.
    Fails if ``get_profile`` does not compare (tried)."""
    followed(ana())
    alias = f"{CARL}/alias"
    web.pages[THIRD] = note(THIRD, owner=alias)
    web.add_actor(BEN)
    web.pages[alias] = web.pages[BEN]
    assert handled(said("Announce", THIRD)).state == "failed"
    assert not RemoteObject.objects.exists()


def test_what_a_boost_carries_along_is_not_believed(web: Web) -> None:
    followed(ana())
    web.add_actor(CARL)
    web.pages[THIRD] = note(THIRD, owner=CARL)
    handled(said("Announce", note(THIRD, owner=CARL, content="<p>forged</p>")))
    assert RemoteObject.objects.get().content == "<p>Hello</p>"


def test_boosts_by_those_whom_nobody_follows_fetch_nothing(web: Web) -> None:
    ana()
    handled(said("Announce", THIRD))
    assert web.asked == []


def test_a_boost_of_something_from_a_blocked_server_fetches_nothing(web: Web) -> None:
    followed(ana())
    Peer.objects.create(origin="https://third.example", blocked=True)
    assert handled(said("Announce", THIRD)).reason == "blocked"
    assert web.asked == []


def test_a_boost_of_ours_is_recorded_as_not_handled_yet(web: Web) -> None:
    followed(ana())
    assert handled(said("Announce", f"{HUB}/ap/objects/1")).reason.startswith("not handled yet")
    assert web.asked == []


def test_a_boost_of_something_that_is_gone_fails_with_a_reason(web: Web) -> None:
    followed(ana())
    web.pages[THIRD] = Gone("withdrawn")
    row = handled(said("Announce", THIRD))
    assert (row.state, row.reason) == ("failed", "withdrawn")


def test_a_boost_of_something_private_is_not_stored(web: Web) -> None:
    followed(ana())
    web.pages[THIRD] = note(THIRD, owner=CARL, to=[ANA])
    assert handled(said("Announce", THIRD)).reason == "not public"
    assert not RemoteObject.objects.exists()


def boosted(web: Web) -> dict[str, Any]:
    followed(ana())
    web.add_actor(CARL)
    web.pages[THIRD] = note(THIRD, owner=CARL)
    boost = said("Announce", THIRD)
    handled(boost)
    return boost


@pytest.mark.parametrize("embedded", [True, False])
def test_a_boost_that_is_taken_back_takes_its_object_along(web: Web, embedded: bool) -> None:
    boost = boosted(web)
    handled(said("Undo", boost if embedded else boost["id"], number=2))
    assert RemoteObject.objects.get().withdrawn_at == NOW


def test_what_others_boosted_too_stays(web: Web) -> None:
    boost = boosted(web)
    ben = remote_actor(BEN)
    followed(ben, local_actor(f"{HUB}/ap/actors/2"))
    handled(said("Announce", THIRD, actor=BEN, number=2), signer=BEN)
    handled(said("Undo", boost, number=3))
    assert RemoteObject.objects.get().withdrawn_at is None


def test_a_boost_after_all_brings_it_back(web: Web) -> None:
    boost = boosted(web)
    handled(said("Undo", boost, number=2))
    handled(said("Announce", THIRD, number=3))
    assert RemoteObject.objects.get().withdrawn_at is None


def test_a_blocked_author_is_not_stored_through_a_boost(web: Web) -> None:
    followed(ana())
    remote_actor(CARL, blocked=True)
    RemoteKey.objects.create(
        key_id=f"{CARL}#main-key", actor=RemoteActor.objects.get(uri=CARL), public=pem(rsa_key()), fetched_at=NOW
    )
    web.pages[THIRD] = note(THIRD, owner=CARL)
    assert handled(said("Announce", THIRD)).reason == "blocked"
    assert not RemoteObject.objects.exists()
