"""An actor's keys change, and every listener stays: who is signed to with which key, from the command to the end of the
former key."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from federation.actors.local import ActorDeleted, delete_actor, ensure_publisher, get_instance_actor
from federation.actors.remote import fetch_signers
from federation.actors.rotation import FORMER_KEYS_LIVE, RotationUnderWay
from federation.models import Activity, ActorKey, Delivery, KeyHolder, LocalActor, Peer, PublishedObject
from federation.outbox import rotation, speaking
from federation.outbox.lease import Leaser
from federation.signatures.keys import load_multibase
from federation.signatures.proofs import proof_method, verify_proof
from tests.factories.delivery import Clock, follow_from, run, sink, states
from tests.factories.fake_source import FakeSource, installed
from tests.factories.inbound import followed, remote_actor
from tests.factories.key_keeper import KeyKeeper, key_keeper
from tests.factories.outbox import NOW, ORG, follow, hide, organisation, publish, waiting, wake
from tests.factories.publications import make_publisher

pytestmark = pytest.mark.django_db
OLD, NEW = "main-key", "main-key-2"
DAY = timedelta(days=1)


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def shown(actor: LocalActor) -> dict[str, Any]:
    actor.refresh_from_db()
    return json.loads(bytes(actor.document))


def proof_keys(actor: LocalActor) -> list[str]:
    return [key["id"].partition("#")[2] for key in shown(actor)["assertionMethod"]]


def private_halves(actor: LocalActor) -> dict[str, bool]:
    return {key.key_id.partition("#")[2]: bool(key.private) for key in actor.keys.all()}


def key_of(seen) -> str:
    return seen.headers["signature"].partition('keyId="')[2].partition('"')[0].partition("#")[2]


def holders() -> set[str]:
    return set(KeyHolder.objects.values_list("peer", flat=True))


def rotated(actor: LocalActor, clock: Clock, *servers: KeyKeeper) -> None:
    rotation.begin(actor, clock.now)
    for server in servers:
        server.see(actor)


def test_the_document_shows_the_new_key_and_both_proof_keys(actor: LocalActor, clock: Clock) -> None:
    before = shown(actor)
    rotated(actor, clock)
    after = shown(actor)
    assert after["publicKey"]["id"] == f"{actor.uri}#{NEW}"
    assert after["publicKey"]["publicKeyPem"] != before["publicKey"]["publicKeyPem"]
    assert proof_keys(actor) == ["ed25519-key-2", "ed25519-key"]
    assert after["assertionMethod"][1] == before["assertionMethod"][0]
    assert after["updated"] > before["updated"]
    changed = ("publicKey", "assertionMethod", "updated")
    assert {k: v for k, v in after.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}


def test_keys_change_also_while_the_page_is_hidden(actor: LocalActor, clock: Clock) -> None:
    FakeSource.hidden.add(ORG)
    rotated(actor, clock)
    assert shown(actor)["publicKey"]["id"] == f"{actor.uri}#{NEW}"


def test_a_later_change_of_the_profile_keeps_the_keys(actor: LocalActor, clock: Clock) -> None:
    rotated(actor, clock)
    ensure_publisher(make_publisher(key=ORG, name="Renamed"), clock.now + DAY)
    assert (shown(actor)["name"], shown(actor)["publicKey"]["id"]) == ("Renamed", f"{actor.uri}#{NEW}")
    assert proof_keys(actor) == ["ed25519-key-2", "ed25519-key"]


def test_a_server_that_keeps_keys_hears_everything_through_a_rotation(actor: LocalActor, clock: Clock) -> None:
    """Fails if the lease signs everything with the key in use: the keeper then refuses even the announcement."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        publish(key="page:1")
        run(clock)
        publish(key="page:2")
        rotated(actor, clock, server)
        publish(key="page:3")
        run(clock)
        publish(key="page:4")
        hide("page:1")
        run(clock)
        assert server.refused == []
        assert server.taken == [
            ("Create", OLD),
            ("Create", OLD),
            ("Update", OLD),
            ("Create", NEW),
            ("Delete", NEW),
            ("Create", NEW),
        ]
    assert set(states()) == {"accepted"}
    assert holders() == set()


def test_what_came_without_notice_is_refused_by_a_server_that_keeps_keys(actor: LocalActor, clock: Clock) -> None:
    """The rule above is needed: this is the same stream without a former key that could sign."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        rotation.revoke(actor, clock.now)
        server.see(actor)
        publish()
        run(clock)
        assert server.taken == []
    assert set(states()) == {"waiting"}


def test_a_server_that_reads_late_misses_nothing(actor: LocalActor, clock: Clock) -> None:
    """It says 202 to the announcement and does not know the new key for a while. Fails without the third knock."""
    with key_keeper(actor, slow=True) as server:
        follow_from(actor, server)
        rotated(actor, clock, server)
        run(clock)
        publish(key="page:1")
        run(clock)
        assert set(states()) == {"accepted"}
        assert holders() == {server.peer.url("")}
        server.read()
        publish(key="page:2")
        run(clock)
        assert server.taken == [("Update", OLD), ("Create", OLD), ("Create", NEW)]
        assert holders() == set()
    assert not Delivery.objects.exclude(attempts=1).exists()


def test_a_server_that_learned_the_new_key_by_itself_is_noticed(actor: LocalActor, clock: Clock) -> None:
    """Mastodon reads profiles again now and then, and then does not know the former key any more. Fails without the
    third knock: the announcement itself would be refused for thirty days."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        rotated(actor, clock, server)
        server.meet(actor)
        run(clock)
        assert server.taken == [("Update", NEW)]
        assert holders() == set()


def test_a_new_listener_gets_the_new_key_at_once(actor: LocalActor, clock: Clock) -> None:
    with key_keeper(actor) as old, key_keeper() as new:
        follow_from(actor, old)
        rotated(actor, clock, old, new)
        follow_from(actor, new, "later")
        publish()
        run(clock)
        assert new.taken == [("Create", NEW)]
        assert new.refused == []


def test_a_server_that_was_away_for_ten_days_is_told_again(actor: LocalActor, clock: Clock) -> None:
    """Deliveries are given up after seven days. Fails if nothing reminds it: on day 31 it would be locked out."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        server.down = True
        rotated(actor, clock, server)
        run(clock)
        Delivery.objects.update(state="expired", done_at=clock.now + 7 * DAY)
        clock.pass_(days=10)
        rotation.tend(clock.now)
        server.down = False
        run(clock)
        assert server.taken == [("Update", OLD)]
        clock.pass_(days=21)
        rotation.tend(clock.now)
        publish(now=clock.now)
        run(clock)
        assert server.taken[1:] == [("Create", NEW)]


def test_a_server_is_reminded_once_a_day_and_never_twice_at_a_time(actor: LocalActor, clock: Clock) -> None:
    with sink(500) as server:
        follow_from(actor, server)
        rotated(actor, clock)
        assert rotation.remind(clock.now + 2 * DAY) == 0
        Delivery.objects.update(state="refused")
        assert [rotation.remind(clock.now + timedelta(hours=h)) for h in (23, 25, 26)] == [0, 1, 0]


def test_a_server_that_was_believed_to_know_better_is_told_again(actor: LocalActor, clock: Clock) -> None:
    """Nobody knew that it had met the actor. Fails without the third knock."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        rotated(actor, clock, server)
        Delivery.objects.all().delete()
        KeyHolder.objects.all().delete()
        publish()
        run(clock)
        assert server.taken == [("Create", OLD)]
        clock.pass_(hours=1)
        assert rotation.remind(clock.now) == 1
        run(clock)
        assert server.taken[1:] == [("Update", OLD)]


def test_after_thirty_days_everybody_gets_the_new_key(actor: LocalActor, clock: Clock) -> None:
    with sink(503) as server:
        follow_from(actor, server)
        rotated(actor, clock)
        run(clock)
        clock.pass_(days=29)
        rotation.tend(clock.now)
        run(clock)
        clock.pass_(days=1, hours=13)
        rotation.tend(clock.now)
        publish(now=clock.now)
        run(clock)
        keys = [key_of(seen) for seen in server.seen]
    assert keys == [OLD, OLD, NEW]
    assert holders() == set()


def test_an_announcement_from_before_the_rotation_does_not_count(actor: LocalActor, clock: Clock) -> None:
    """It was tried, so it stays in front of the queue; but it shows the former key. Fails if any Update of the profile
    counts."""
    with sink(503, 202, 503) as server:
        follow_from(actor, server)
        FakeSource.publishers[ORG] = make_publisher(key=ORG, name="Renamed")
        FakeSource.owners["page:9"] = ORG
        wake("page:9")
        run(clock)
        rotated(actor, clock)
        clock.pass_(minutes=2)
        run(clock)
        keys = [key_of(seen) for seen in server.seen]
        assert holders() == {server.peer.url("")}
    assert keys == [OLD, OLD, OLD]


def test_a_pump_that_runs_notices_a_rotation(actor: LocalActor, clock: Clock) -> None:
    """Fails if the lease remembers an actor's key for as long as it runs."""
    follow(actor, "https://peer.example/users/ana")
    leaser = Leaser()
    publish(key="page:1")
    (before,) = leaser.lease(5, clock.now, 0.0, troubled=False)
    Peer.objects.update(lease_until=None, lease_token=None)
    rotated(actor, clock)
    KeyHolder.objects.all().delete()
    publish(key="page:2")
    (after,) = leaser.lease(5, clock.now, 0.0, troubled=False)
    assert [item.signer.key_id for item in before.items] == [f"{actor.uri}#{OLD}"]
    assert {item.signer.key_id for item in after.items} == {f"{actor.uri}#{NEW}"}


def test_the_former_key_goes_a_day_after_nobody_needs_it(actor: LocalActor, clock: Clock) -> None:
    """Fails if what the server accepted is not noted."""
    with key_keeper(actor) as server:
        follow_from(actor, server)
        rotated(actor, clock, server)
        assert private_halves(actor) == {OLD: True, "ed25519-key": False, NEW: True, "ed25519-key-2": True}
        rotation.tend(clock.now + 2 * DAY)
        assert private_halves(actor)[OLD], "a server holds it still"
        run(clock)
        rotation.tend(clock.now + timedelta(hours=23))
        assert private_halves(actor)[OLD], "it may not have read yet what it took"
        rotation.tend(clock.now + DAY)
    assert private_halves(actor) == {OLD: False, "ed25519-key": False, NEW: True, "ed25519-key-2": True}


def test_proofs_of_the_former_key_hold_until_all_have_new_ones(actor: LocalActor, clock: Clock) -> None:
    """Fails if the key ends without the documents that it vouched for being sealed anew."""
    follow(actor, "https://peer.example/users/ana")
    publish(key="page:1")
    publish(key="page:2")
    hide("page:2")
    rotated(actor, clock)
    publish(key="page:3")

    def methods() -> list[str]:
        keys = {key["id"]: load_multibase(key["publicKeyMultibase"]) for key in shown(actor)["assertionMethod"]}
        documents = [json.loads(bytes(row.document)) for row in PublishedObject.objects.order_by("key")]
        documents += [json.loads(bytes(row.body)) for row in Activity.objects.order_by("created")]
        for document in documents:
            verify_proof(document, keys[proof_method(document)], clock.now)
        return [proof_method(document).partition("#")[2] for document in documents]

    assert methods()[:3] == ["ed25519-key", "ed25519-key", "ed25519-key-2"]
    rotation.tend(clock.now + FORMER_KEYS_LIVE - timedelta(hours=1))
    assert set(methods()) == {"ed25519-key", "ed25519-key-2"}
    rotation.tend(clock.now + FORMER_KEYS_LIVE)
    assert set(methods()) == {"ed25519-key-2"}
    assert proof_keys(actor) == ["ed25519-key-2"]


def test_one_rotation_at_a_time(actor: LocalActor, clock: Clock) -> None:
    rotated(actor, clock)
    with pytest.raises(RotationUnderWay):
        rotated(actor, clock)
    clock.pass_(days=30)
    rotation.tend(clock.now)
    rotated(actor, clock)
    assert shown(actor)["publicKey"]["id"] == f"{actor.uri}#main-key-3"


def test_keys_do_not_change_while_nothing_is_sent(actor: LocalActor, clock: Clock) -> None:
    speaking.pause("Paused by the operator.")
    with pytest.raises(rotation.NotNow):
        rotation.begin(actor, clock.now)
    speaking.resume()
    LocalActor.objects.update(paused=True)
    actor.refresh_from_db()
    with pytest.raises(rotation.NotNow):
        rotation.begin(actor, clock.now)
    assert ActorKey.objects.count() == 2


def test_a_deleted_profile_keeps_the_keys_of_its_farewell(actor: LocalActor, clock: Clock) -> None:
    delete_actor(actor, NOW)
    with pytest.raises(ActorDeleted):
        rotation.begin(actor, clock.now)
    assert ActorKey.objects.count() == 2


def test_a_profile_that_was_deleted_during_a_rotation_stays_deleted(actor: LocalActor, clock: Clock) -> None:
    rotated(actor, clock)
    delete_actor(actor, NOW)
    rotation.tend(clock.now + FORMER_KEYS_LIVE)
    assert shown(actor)["type"] == "Tombstone"


def test_servers_without_followers_that_may_know_the_key_are_told_once(actor: LocalActor, clock: Clock) -> None:
    """Fails if only followers are told: GoToSocial keeps the key of whomever it ever met."""
    for name in ("ana", "ben"):
        follow(actor, f"https://followers.example/users/{name}")
    publish()
    Delivery.objects.update(state="accepted")
    actor.followers.all().delete()
    follow(actor, "https://other.example/users/ana")
    followed(remote_actor("https://followed.example/users/ana"), actor)
    remote_actor("https://strange.example/users/ana")
    rotated(actor, clock)
    told = sorted(waiting().values_list("peer", flat=True))
    assert told == ["https://followed.example", "https://followers.example", "https://other.example"]
    assert holders() == set(told)


def test_the_instance_actor_tells_every_server_and_signs_fetches_accordingly(settings, clock: Clock) -> None:
    installed(settings)
    remote_actor("https://one.example/users/ana", shared_inbox="https://one.example/inbox")
    remote_actor("https://one.example/users/ben")
    remote_actor("https://two.example/users/ana")
    instance = get_instance_actor()
    rotated(instance, clock)
    assert sorted(waiting().values_list("inbox", flat=True)) == [
        "https://one.example/inbox",
        "https://two.example/users/ana/inbox",
    ]
    KeyHolder.objects.filter(peer="https://two.example").delete()

    def who(url: str) -> list[str]:
        return [signer.key_id.partition("#")[2] for signer in fetch_signers(url) if signer]

    assert who("https://one.example/notes/1") == [OLD, NEW]
    assert who("https://two.example/notes/1") == [NEW, OLD]
    rotation.tend(clock.now + FORMER_KEYS_LIVE)
    assert who("https://one.example/notes/1") == [NEW]
