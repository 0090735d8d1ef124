"""Actors elsewhere: what is believed of what their servers say, and what is stored."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from federation.actors import remote
from federation.actors.keystore import public_keys
from federation.actors.local import get_instance_actor
from federation.actors.remote import ensure_peer, fetch_actor, origin_of, resolve_handle
from federation.errors import BadAnswer, BadInput, Blocked, Gone, Refused, TimedOut
from federation.models import Peer, RemoteActor, RemoteKey
from federation.signatures.keys import load_public_pem
from federation.signatures.message import Message
from federation.signatures.verify import read_claim, verify
from tests.factories.fake_source import installed
from tests.factories.inbound import ANA, BEN, Web, install_web, pem, remote_actor
from tests.factories.loopback import Peer as Server
from tests.factories.loopback import Seen, answer, client_for
from tests.factories.signed_requests import NOW, rsa_key

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


@pytest.fixture
def handles(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What WebFinger says: handle to address."""
    known: dict[str, str] = {}

    def look_up(handle: str, **_: object) -> str:
        try:
            return known[handle.removeprefix("@").lower()]
        except KeyError:
            raise BadAnswer(handle) from None

    monkeypatch.setattr(remote, "fetch_actor_address", look_up)
    return known


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Peer.Example/users/ana#main-key", "https://peer.example"),
        ("https://peer.example:443/x", "https://peer.example"),
        ("http://localhost:8000/x?y", "http://localhost:8000"),
    ],
)
def test_an_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_a_peer_is_made_once() -> None:
    assert ensure_peer("https://peer.example") == ensure_peer("https://PEER.example:443/users/ana")


def test_a_fetched_actor_is_stored_with_server_and_keys(web: Web) -> None:
    shared = {"endpoints": {"sharedInbox": "https://peer.example/inbox"}}
    web.add_actor(name="Ana <b>", summary="<p>Hi<script>x</script></p>", **shared)
    actor = fetch_actor(ANA, NOW)
    assert (actor.handle, actor.kind, actor.fetched_at) == ("ana@peer.example", "Person", NOW)
    assert "script" not in actor.summary
    assert actor.shared_inbox == "https://peer.example/inbox"
    assert Peer.objects.get(pk="https://peer.example").shares_inbox
    assert RemoteKey.objects.get(key_id=f"{ANA}#main-key").actor == actor


def test_a_fresh_actor_is_not_fetched_again(web: Web) -> None:
    web.add_actor()
    fetch_actor(ANA, NOW)
    fetch_actor(ANA, NOW + HOUR, max_age=HOUR)
    assert web.asked == [ANA]


def test_an_old_actor_is_fetched_again(web: Web) -> None:
    web.add_actor()
    fetch_actor(ANA, NOW)
    web.add_actor(name="Ana Two")
    assert fetch_actor(ANA, NOW + HOUR, max_age=timedelta(minutes=59)).name == "Ana Two"
    assert RemoteActor.objects.count() == 1


def test_a_key_that_is_no_longer_listed_is_forgotten(web: Web) -> None:
    web.add_actor()
    fetch_actor(ANA, NOW)
    new = {"id": f"{ANA}#new", "owner": ANA, "publicKeyPem": pem(rsa_key())}
    web.add_actor(publicKey=new)
    fetch_actor(ANA, NOW + HOUR)
    assert [key.key_id for key in RemoteKey.objects.all()] == [f"{ANA}#new"]


def test_nobody_takes_a_neighbours_key_by_listing_it(web: Web) -> None:
    web.add_actor()
    fetch_actor(ANA, NOW)
    web.add_actor(BEN, publicKey={"id": f"{ANA}#main-key", "owner": BEN, "publicKeyPem": "ben's"})
    fetch_actor(BEN, NOW)
    key = RemoteKey.objects.get(key_id=f"{ANA}#main-key")
    assert (key.actor.uri, key.public) == (ANA, pem(rsa_key()))


def test_whose_key_it_is_gets_it_back_from_who_listed_it_first(web: Web) -> None:
    web.add_actor(BEN, publicKey={"id": f"{ANA}#main-key", "owner": BEN, "publicKeyPem": "ben's"})
    fetch_actor(BEN, NOW)
    web.add_actor()
    fetch_actor(ANA, NOW)
    assert RemoteKey.objects.get(key_id=f"{ANA}#main-key").actor.uri == ANA


def test_who_is_gone_is_marked(web: Web) -> None:
    remote_actor()
    web.pages[ANA] = Gone()
    with pytest.raises(Gone):
        fetch_actor(ANA, NOW)
    assert RemoteActor.objects.get().gone_at == NOW


def test_who_comes_back_is_no_longer_gone(web: Web) -> None:
    remote_actor(gone_at=NOW)
    web.add_actor()
    assert fetch_actor(ANA, NOW).gone_at is None


def test_a_failed_fetch_leaves_what_is_known(web: Web) -> None:
    remote_actor(name="Ana")
    web.pages[ANA] = TimedOut()
    with pytest.raises(TimedOut):
        fetch_actor(ANA, NOW)
    assert RemoteActor.objects.get().name == "Ana"


def test_a_blocked_server_is_not_asked(web: Web) -> None:
    Peer.objects.create(origin="https://peer.example", blocked=True)
    with pytest.raises(Blocked):
        fetch_actor(ANA, NOW)
    assert web.asked == []


def test_our_own_addresses_are_never_fetched(web: Web) -> None:
    with pytest.raises(Refused):
        fetch_actor("https://hub.example/ap/actors/1", NOW)
    assert web.asked == []


def test_what_is_no_actor_is_a_bad_answer(web: Web) -> None:
    web.pages[ANA] = {"id": ANA, "type": "Note"}
    with pytest.raises(BadAnswer):
        fetch_actor(ANA, NOW)


def test_a_handle_on_another_host_is_looked_up(web: Web, handles: dict[str, str]) -> None:
    handles["ana@example.org"] = ANA
    web.add_actor(webfinger="ana@example.org")
    assert fetch_actor(ANA, NOW).handle == "ana@example.org"


@pytest.mark.parametrize("leads_to", [BEN, None])
def test_a_handle_that_does_not_lead_back_is_not_shown(web: Web, handles: dict[str, str], leads_to: str | None) -> None:
    if leads_to:
        handles["ceo@bank.example"] = leads_to
    web.add_actor(webfinger="ceo@bank.example")
    assert fetch_actor(ANA, NOW).handle == "ana@peer.example"


def test_a_second_actor_with_the_same_handle_has_to_prove_it(web: Web, handles: dict[str, str]) -> None:
    web.add_actor()
    fetch_actor(ANA, NOW)
    twin = "https://peer.example/people/ana"
    web.add_actor(twin)
    assert fetch_actor(twin, NOW).handle == ""
    assert RemoteActor.objects.get(uri=ANA).handle == "ana@peer.example"


def test_a_handle_leads_to_an_actor(web: Web, handles: dict[str, str]) -> None:
    handles["ana@peer.example"] = ANA
    web.add_actor()
    assert resolve_handle("@ana@peer.example", NOW).uri == ANA


def test_a_handle_that_was_seen_to_lead_there_is_kept(web: Web, handles: dict[str, str]) -> None:
    handles["ana@example.org"] = ANA
    web.add_actor()
    resolve_handle("@ana@example.org", NOW)
    assert RemoteActor.objects.get().handle == "ana@example.org"


@pytest.mark.parametrize("handle", ["@partner@hub.example", "partner@HUB.example", "nonsense", "@@"])
def test_a_handle_of_ours_or_of_nobody_is_not_looked_up(handle: str) -> None:
    with pytest.raises(BadInput):
        resolve_handle(handle, NOW)


def test_a_fetch_is_signed_by_the_instance_actor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    installed(settings)

    def reply(seen: Seen) -> bytes:
        uri = f"http://{seen.headers['host']}{seen.target}"
        document = {"id": uri, "type": "Person", "preferredUsername": "ana", "inbox": f"{uri}/inbox"}
        return answer(body=json.dumps(document).encode(), content_type="application/activity+json")

    with Server(reply) as server, client_for() as client:
        actor = fetch_actor(server.url("/users/ana"), NOW, client=client)
        seen, address = server.seen[0], server.url("/users/ana")
    assert actor.inbox == f"{address}/inbox"
    message = Message("GET", address, seen.headers)
    claim = read_claim(message)
    assert claim.key_id == f"{get_instance_actor().uri}#main-key"
    key = load_public_pem(public_keys(get_instance_actor()).rsa_public_pem)
    assert claim.created is not None
    verify(message, claim, key, NOW.fromtimestamp(claim.created, NOW.tzinfo))
