"""``manage.py federation rotate-keys`` and ``revoke-keys``: what they do at once and what they say."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from federation.actors.keystore import proof_key_for, signer_for
from federation.actors.local import get_instance_actor
from federation.models import Activity, ActorKey, Delivery, KeyHolder, LocalActor, PublishedObject, RemoteKey
from federation.outbox import rotation
from federation.outbox.refusals import Memory, judge, list_servers
from federation.signatures.proofs import proof_method, verify_proof
from tests.factories.delivery import Clock, follow_from, run, sink
from tests.factories.fake_source import installed
from tests.factories.key_keeper import key_keeper
from tests.factories.outbox import NOW, follow, organisation, publish, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


def say(*words: str) -> str:
    out = StringIO()
    call_command("federation", *words, stdout=out)
    return out.getvalue()


def keys() -> list[tuple[str, bool, bool]]:
    """Of the HTTP keys: its name, whether it is in use, whether it still can sign."""
    rows = ActorKey.objects.filter(algorithm="rsa").order_by("pk")
    return [(key.key_id.partition("#")[2], key.retired_at is None, bool(key.private)) for key in rows]


def test_rotating_says_who_knows_the_old_key_and_until_when(actor: LocalActor) -> None:
    follow(actor, "https://peer.example/users/ana")
    said = say("rotate-keys", "@partner@hub.example")
    assert "@partner has new keys. Servers that know the old ones: 1." in said
    assert keys() == [("main-key", False, True), ("main-key-2", True, True)]
    status = say("status")
    ends = ActorKey.objects.get(key_id__endswith="#main-key").retired_at + timedelta(days=30)
    assert f"servers that have not taken them yet: 1. The old ones end on {ends:%Y-%m-%d %H:%M}" in status


def test_rotating_a_profile_that_nobody_knows_says_so(actor: LocalActor) -> None:
    assert "No server knows the old ones." in say("rotate-keys", "partner")


def test_a_second_rotation_is_refused_in_a_sentence(actor: LocalActor) -> None:
    say("rotate-keys", "partner")
    with pytest.raises(CommandError, match="less than 30 days ago"):
        say("rotate-keys", "partner")


def test_rotating_all_takes_everybody_and_goes_on_after_a_refusal(actor: LocalActor) -> None:
    organisation("organisation:2", "second")
    get_instance_actor()
    say("rotate-keys", "second")
    said = say("rotate-keys", "--all")
    assert "@second keeps its keys. The keys of this profile were changed less than 30 days ago." in said
    assert "@partner has new keys." in said
    assert "@hub.example has new keys." in said


@pytest.mark.parametrize("words", [["rotate-keys", "nobody"], ["revoke-keys", "nobody"]])
def test_a_stranger_is_refused_in_a_sentence(actor: LocalActor, words: list[str]) -> None:
    with pytest.raises(CommandError, match="Nobody here is called nobody"):
        say(*words)


def test_rotating_wants_a_handle_or_all(actor: LocalActor) -> None:
    with pytest.raises(CommandError, match="required"):
        say("rotate-keys")


def test_revoking_destroys_every_key_and_names_no_old_one(actor: LocalActor) -> None:
    """Fails if a former key, with which servers are still sent to, outlives the emergency."""
    follow(actor, "https://peer.example/users/ana")
    say("rotate-keys", "partner")
    say("revoke-keys", "partner")
    assert keys() == [("main-key", False, False), ("main-key-2", False, False), ("main-key-3", True, True)]
    assert not ActorKey.objects.filter(retired_at__isnull=False).exclude(private=b"").exists()
    actor.refresh_from_db()
    shown = json.loads(bytes(actor.document))
    assert shown["publicKey"]["id"] == f"{actor.uri}#main-key-3"
    assert [key["id"] for key in shown["assertionMethod"]] == [f"{actor.uri}#ed25519-key-3"]
    assert not KeyHolder.objects.exists()


def test_revoking_works_while_nothing_is_sent(actor: LocalActor) -> None:
    say("pause")
    say("revoke-keys", "partner")
    assert keys() == [("main-key", False, False), ("main-key-2", True, True)]


def test_after_a_revocation_everything_is_signed_with_the_new_key(actor: LocalActor) -> None:
    """An announcement of an earlier key that was tried already is not sent any more: it would bring that key back.
    Fails if it stays in the queue."""
    clock = Clock()
    with sink(503, 202) as server:
        follow_from(actor, server)
        rotation.begin(actor, clock.now)
        run(clock)
        publish()
        rotation.revoke(actor, clock.now)
        clock.pass_(minutes=2)
        run(clock)
        after = server.seen[1:]
    assert [json.loads(seen.body)["type"] for seen in after] == ["Create", "Update"]
    assert all(f'keyId="{actor.uri}#main-key-3"' in seen.headers["signature"] for seen in after)
    assert json.loads(after[1].body)["object"]["publicKey"]["id"] == f"{actor.uri}#main-key-3"


def test_after_a_revocation_no_proof_is_by_the_old_key(actor: LocalActor) -> None:
    """Fails if stored documents keep the proof that whoever has the key could have made."""
    follow(actor, "https://peer.example/users/ana")
    publish()
    rotation.revoke(actor, NOW)
    method, key = proof_key_for(actor)
    documents = [json.loads(bytes(row.document)) for row in PublishedObject.objects.all()]
    documents += [json.loads(bytes(row.body)) for row in Activity.objects.all()]
    assert len(documents) == 3
    for document in documents:
        assert proof_method(document) == method
        verify_proof(document, key.public_key(), NOW)


def test_revoking_names_the_servers_that_will_refuse_us(actor: LocalActor) -> None:
    for host in ("gts.example", "mastodon.example", "quiet.example"):
        follow(actor, f"https://{host}/users/ana")
    remote = actor.followers.get(remote__peer="https://gts.example").remote
    RemoteKey.objects.create(key_id=f"{remote.uri}/main-key", actor=remote, public="x", fetched_at=NOW)
    publish()
    heard = timezone.now() - timedelta(hours=3)
    waiting().filter(peer="https://mastodon.example").update(state="accepted", done_at=heard)
    waiting().filter(peer="https://quiet.example").update(state="accepted", done_at=heard - timedelta(days=2))
    lines = say("revoke-keys", "partner").splitlines()
    gts, mastodon, quiet = (
        next(n for n, line in enumerate(lines) if line.strip().startswith(f"https://{name}.example"))
        for name in ("gts", "mastodon", "quiet")
    )
    assert "keeps a key for good" in lines[gts - 1]
    assert lines[mastodon] == f"  https://mastodon.example {heard + timedelta(hours=24):%Y-%m-%d %H:%M}"
    assert "ask for the new one at the first message" in lines[mastodon - 1]
    assert "took nothing of @partner for a day" in lines[quiet - 1]


def test_what_the_command_says_of_a_server_that_keeps_keys_is_true(actor: LocalActor) -> None:
    clock = Clock()
    with key_keeper(actor) as server:
        follow_from(actor, server)
        rotation.revoke(actor, clock.now)
        server.see(actor)
        publish()
        run(clock)
        assert server.taken == []
        server.accounts.clear()  # its administrator lets our keys expire
        clock.pass_(hours=1)
        run(clock)
        assert {key for _, key in server.taken} == {"main-key-2"}
    assert not Delivery.objects.filter(state="refused").exists()


def test_the_instance_actor_is_known_wherever_something_was_fetched(settings) -> None:
    installed(settings)
    organisation()
    follow(LocalActor.objects.get(), "https://peer.example/users/ana")
    assert [server.origin for server in list_servers(get_instance_actor(), NOW)] == ["https://peer.example"]
    assert signer_for(get_instance_actor())


@pytest.mark.parametrize(
    ("hours", "keeps", "memory", "until"),
    [
        (1, False, Memory.A_DAY, 23),
        (24, False, Memory.NOT_LATELY, 0),
        (None, False, Memory.NOT_LATELY, 0),
        (1, True, Memory.FOR_GOOD, None),
        (None, True, Memory.FOR_GOOD, None),
    ],
)
def test_how_long_a_server_remembers(hours: int | None, keeps: bool, memory: Memory, until: int | None) -> None:
    heard = None if hours is None else NOW - timedelta(hours=hours)
    found = judge("https://peer.example", heard, keeps_keys=keeps, now=NOW)
    assert (found.memory, found.until) == (memory, None if until is None else NOW + timedelta(hours=until))
