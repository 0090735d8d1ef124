"""Keys of others: whose they are, how often they are asked for, and what becomes of failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.actors import remote
from federation.actors.remote_keys import KeyGone, fetch_key, find_key
from federation.errors import (
    BadAnswer,
    Blocked,
    FederationError,
    Gone,
    NotAuthenticated,
    TimedOut,
    TryLater,
    Unauthorised,
)
from federation.errors import Missing as NotThere
from federation.models import KeyFailure, Peer, RemoteActor, RemoteKey
from tests.factories.inbound import ANA, BEN, Web, install_web, pem, remote_actor
from tests.factories.signed_requests import NOW, rsa_key

pytestmark = pytest.mark.django_db
KEY = f"{ANA}#main-key"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


def key(key_id: str, owner: str = ANA, **fields: Any) -> dict[str, Any]:
    return {"id": key_id, "owner": owner, "publicKeyPem": pem(rsa_key()), **fields}


def multikey(key_id: str) -> dict[str, Any]:
    value = "z6MkweqJajqa5jRAJTBVxxu47oCdB7HzmYbBKN8VGbFJmKkC"
    return {"id": key_id, "type": "Multikey", "controller": ANA, "publicKeyMultibase": value}


def test_the_key_in_an_actors_document_costs_one_request(web: Web) -> None:
    web.add_actor()
    found = fetch_key(KEY, NOW)
    assert (found.key_id, found.actor.uri, found.public) == (KEY, ANA, pem(rsa_key()))
    assert web.asked == [ANA]


def test_a_proof_key_is_found_in_the_same_document(web: Web) -> None:
    web.add_actor(assertionMethod=[multikey(f"{ANA}#ed25519-key")])
    assert fetch_key(f"{ANA}#ed25519-key", NOW).public.startswith("z6Mk")
    assert find_key(KEY) is not None


def test_gotosocials_stub_leads_to_the_whole_actor(web: Web) -> None:
    """Its key has an address of its own, where a part of the actor is served to anybody."""
    key_id = f"{ANA}/main-key"
    web.pages[key_id] = {"id": ANA, "preferredUsername": "ana", "publicKey": key(key_id)}
    web.add_actor(publicKey=key(key_id))
    assert fetch_key(key_id, NOW).actor.inbox == f"{ANA}/inbox"
    assert web.asked == [key_id, ANA]


def test_a_bare_key_counts_if_its_owner_lists_it(web: Web) -> None:
    key_id = "https://peer.example/keys/1"
    web.pages[key_id] = key(key_id)
    web.add_actor(publicKey=key(key_id))
    assert fetch_key(key_id, NOW).actor.uri == ANA


def test_a_bare_multikey_counts_if_its_controller_lists_it(web: Web) -> None:
    key_id = "https://peer.example/keys/2"
    web.pages[key_id] = multikey(key_id)
    web.add_actor(assertionMethod=[multikey(key_id)])
    assert fetch_key(key_id, NOW).actor.uri == ANA


def test_a_key_with_a_query_in_its_address_is_found(web: Web) -> None:
    key_id = f"{ANA}?key=1"
    web.pages[key_id] = {"id": ANA, "type": "Person", "inbox": f"{ANA}/inbox", "publicKey": key(key_id)}
    web.add_actor(publicKey=key(key_id))
    assert fetch_key(key_id, NOW).actor.uri == ANA


def test_the_actors_address_may_stand_for_its_key(web: Web) -> None:
    """Old PeerTube signs with the actor's id."""
    web.add_actor()
    found = fetch_key(ANA, NOW)
    assert (found.key_id, found.public, found.actor.uri) == (ANA, pem(rsa_key()), ANA)
    fetch_key(ANA, NOW)
    assert web.asked == [ANA]


def test_a_handle_may_stand_for_a_key(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "fetch_actor_address", lambda handle, **_: ANA)
    web.add_actor()
    assert fetch_key("acct:ana@peer.example", NOW).key_id == KEY
    fetch_key("acct:ana@peer.example", NOW + MINUTE)
    assert web.asked == [ANA]


def test_a_key_in_anothers_name_does_not_count(web: Web) -> None:
    key_id = "https://peer.example/keys/evil"
    web.pages[key_id] = key(key_id)
    web.add_actor()
    with pytest.raises(NotAuthenticated):
        fetch_key(key_id, NOW)
    assert find_key(key_id) is None


def test_a_key_for_an_actor_on_another_host_does_not_count(web: Web) -> None:
    key_id = "https://evil.example/keys/1"
    web.pages[key_id] = key(key_id)
    web.add_actor(publicKey=key(key_id))
    with pytest.raises(NotAuthenticated):
        fetch_key(key_id, NOW)
    assert not RemoteKey.objects.exists()


def test_an_actor_that_was_served_elsewhere_is_not_believed(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect to another host, whose document claims to be Ana's."""
    fetch = web.fetch

    def redirected(url: str, signer: object, **_: object) -> Any:
        found = fetch(url, signer)
        return type(found)(found.document, "https://evil.example/ana")

    monkeypatch.setattr("federation.actors.remote_keys.fetch_key_document", redirected)
    web.add_actor()
    with pytest.raises(NotAuthenticated):
        fetch_key(KEY, NOW)
    assert not RemoteActor.objects.exists()


def test_a_fresh_key_costs_nothing(web: Web) -> None:
    remote_actor(key=rsa_key())
    assert fetch_key(KEY, NOW + DAY - MINUTE).key_id == KEY
    assert web.asked == []


def test_a_day_old_key_is_looked_at_again(web: Web) -> None:
    remote_actor(key=rsa_key())
    web.add_actor()
    assert fetch_key(KEY, NOW + DAY).fetched_at == NOW + DAY
    assert web.asked == [ANA]


def test_a_day_old_key_serves_while_its_server_is_away(web: Web) -> None:
    remote_actor(key=rsa_key())
    web.pages[ANA] = TimedOut()
    assert fetch_key(KEY, NOW + DAY).fetched_at == NOW


def test_a_rotated_key_is_fetched_when_asked_for(web: Web) -> None:
    remote_actor(key=rsa_key())
    web.add_actor(publicKey=key(KEY, publicKeyPem="new"))
    assert fetch_key(KEY, NOW + 5 * MINUTE, refetch=True).public == "new"


def test_a_flood_of_bad_signatures_costs_one_request(web: Web) -> None:
    remote_actor(key=rsa_key())
    web.add_actor()
    for second in range(0, 300, 10):
        fetch_key(KEY, NOW + 6 * MINUTE + timedelta(seconds=second), refetch=True)
    assert web.asked == [ANA]


def test_a_flood_of_invented_fragments_costs_one_request(web: Web) -> None:
    web.add_actor()
    for number in range(20):
        with pytest.raises(NotAuthenticated):
            fetch_key(f"{ANA}#{number}", NOW + timedelta(seconds=number))
    assert web.asked == [ANA]


def test_an_invented_fragment_does_not_lock_the_real_key_out(web: Web) -> None:
    web.add_actor()
    with pytest.raises(NotAuthenticated):
        fetch_key(f"{ANA}#invented", NOW)
    assert fetch_key(KEY, NOW).key_id == KEY


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (NotThere(), NotAuthenticated),
        (BadAnswer(), NotAuthenticated),
        (Gone(), KeyGone),
        (TimedOut(), TryLater),
        (Unauthorised(), TryLater),
    ],
)
def test_a_failure_is_remembered_for_ten_minutes(web: Web, failure: FederationError, expected: type[Exception]) -> None:
    web.pages[ANA] = failure
    for minutes in (0, 5, 9):
        with pytest.raises(expected) as raised:
            fetch_key(KEY, NOW + minutes * MINUTE)
        assert type(raised.value) is expected
    assert web.asked == [ANA]
    web.add_actor()
    assert fetch_key(KEY, NOW + 10 * MINUTE).key_id == KEY
    assert not KeyFailure.objects.exists()


def test_a_key_that_is_gone_marks_its_actor(web: Web) -> None:
    remote_actor()
    web.pages[ANA] = Gone()
    with pytest.raises(KeyGone):
        fetch_key(KEY, NOW + DAY)
    assert RemoteActor.objects.get().gone_at == NOW + DAY


@pytest.mark.parametrize(
    "key_id", ["https://hub.example/ap/actors/1#main-key", "https://HUB.example:443/x", "nonsense", "ftp://x/y"]
)
def test_our_own_and_impossible_addresses_are_not_asked(web: Web, key_id: str) -> None:
    with pytest.raises(NotAuthenticated):
        fetch_key(key_id, NOW)
    assert web.asked == []


def test_a_blocked_server_is_not_asked_for_a_key(web: Web) -> None:
    Peer.objects.create(origin="https://peer.example", blocked=True)
    with pytest.raises(Blocked):
        fetch_key(KEY, NOW)
    assert web.asked == []


def test_two_actors_in_one_document_are_kept_apart(web: Web) -> None:
    web.add_actor(publicKey=[key(KEY), key(f"{BEN}#main-key", BEN)])
    fetch_key(KEY, NOW)
    assert find_key(f"{BEN}#main-key") is None
