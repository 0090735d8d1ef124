"""Followers whom somebody has to approve first: they wait, hear nothing meanwhile, and are told what was decided."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from federation.actors.farewell import end_follows, forget_actor
from federation.actors.local import delete_actor, find_by_key
from federation.contract import Admission
from federation.inbox.dispatch import drain
from federation.models import (
    Activity,
    Delivery,
    Follower,
    FollowRequest,
    InboundActivity,
    Instance,
    LocalActor,
    Peer,
    RemoteActor,
)
from federation.outbox import followers, speaking
from federation.outbox.followers import answer_requests, decide, hosts_of, lets_in, remove, waiting_requests
from tests.factories.fake_source import FakeSource, installed
from tests.factories.inbound import ANA, BEN, remote_actor, said, stored
from tests.factories.outbox import ORG, describe, organisation, publish
from tests.factories.signed_requests import NOW, rsa_key
from tests.factories.told import path_of

pytestmark = pytest.mark.django_db
BY_HAND = Admission(by_hand=True)


@pytest.fixture
def actor(settings, monkeypatch: pytest.MonkeyPatch) -> LocalActor:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    installed(settings)
    made = organisation()
    admit(BY_HAND)
    return made


def admit(how: Admission) -> None:
    FakeSource.admissions[ORG] = how


def ask(actor: LocalActor, who: str = ANA, number: int = 1) -> InboundActivity:
    """Somebody's Follow, handled."""
    if not RemoteActor.objects.filter(uri=who).exists():
        remote_actor(who)
    return handled(said("Follow", actor.uri, actor=who, number=number))


def handled(document: dict[str, Any]) -> InboundActivity:
    row = stored(document, signer=document["actor"])
    drain(NOW)
    row.refresh_from_db()
    return row


def work() -> None:
    assert answer_requests(NOW, seconds=60) is False


def answers() -> list[tuple[str, str]]:
    """(what, to whom) of everything that was said to one person."""
    bodies = [json.loads(bytes(row.body)) for row in Activity.objects.filter(public=False).order_by("created", "pk")]
    return [(body["type"], body["to"][0]) for body in bodies]


def follows() -> list[str]:
    return list(Follower.objects.order_by("remote__uri").values_list("remote__uri", flat=True))


def asks() -> list[str]:
    return list(FollowRequest.objects.order_by("remote__uri").values_list("remote__uri", flat=True))


@pytest.mark.parametrize(
    ("admission", "hosts", "is_in"),
    [
        (Admission(), {"peer.example"}, True),
        (Admission(), set(), True),
        (BY_HAND, {"peer.example"}, False),
        (Admission(True, frozenset({"peer.example"})), {"peer.example", "other.example"}, True),
        (Admission(True, frozenset({"peer.example"})), {"sub.peer.example"}, False),
        (Admission(True, frozenset({""})), set(), False),
    ],
)
def test_who_is_let_in(admission: Admission, hosts: set[str], is_in: bool) -> None:
    assert lets_in(admission, hosts) is is_in


def test_the_hosts_of_somebody_are_those_of_their_id_and_of_their_handle() -> None:
    remote = RemoteActor(uri="https://Social.Example:8443/users/ana", handle="ana@Example.org:8443")
    assert hosts_of(remote) == {"social.example", "example.org"}
    assert hosts_of(RemoteActor(uri="https://peer.example/u", handle="")) == {"peer.example"}


def test_a_follow_waits_and_nobody_is_told(actor: LocalActor) -> None:
    """Fails if the request is answered, or its sender a follower already."""
    row = ask(actor)
    assert (row.state, row.reason) == ("done", "waits for approval")
    request = FollowRequest.objects.get()
    assert (request.remote.uri, request.follow["id"], request.decision) == (
        ANA,
        "https://peer.example/activities/1",
        "none",
    )
    assert (follows(), answers()) == ([], [])


def test_who_waits_hears_nothing_and_is_not_counted(actor: LocalActor) -> None:
    """The point of it all. Fails if a request is a follower to any query."""
    ask(actor)
    publish()
    describe(name="A new name")
    assert not Delivery.objects.exists()
    counted = Client().get(path_of(f"{actor.uri}/followers"), headers={"accept": "application/activity+json"})
    assert counted.json()["totalItems"] == 0


def test_asking_again_changes_nothing_but_the_id(actor: LocalActor) -> None:
    ask(actor)
    ask(actor, number=2)
    assert FollowRequest.objects.get().follow_uri == "https://peer.example/activities/2"
    assert answers() == []


def test_who_was_approved_follows_and_is_told_with_the_last_follow(actor: LocalActor) -> None:
    ask(actor)
    ask(actor, number=2)
    assert decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED) == 1
    assert follows() == []
    work()
    assert (follows(), asks(), answers()) == ([ANA], [], [("Accept", ANA)])
    accept = json.loads(bytes(Activity.objects.get(kind="Accept").body))
    assert accept["object"]["id"] == "https://peer.example/activities/2"
    publish()
    assert Delivery.objects.filter(activity__kind="Create").count() == 1


def test_who_was_refused_is_told_and_may_ask_again(actor: LocalActor) -> None:
    ask(actor)
    decide(FollowRequest.objects.all(), FollowRequest.Decision.REFUSED)
    work()
    assert (follows(), asks(), answers()) == ([], [], [("Reject", ANA)])
    ask(actor, number=2)
    assert asks() == [ANA]


def test_what_was_decided_is_not_decided_again(actor: LocalActor) -> None:
    ask(actor)
    decide(FollowRequest.objects.all(), FollowRequest.Decision.REFUSED)
    assert decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED) == 0
    work()
    assert answers() == [("Reject", ANA)]


def test_who_follows_already_is_answered_at_once(actor: LocalActor) -> None:
    """They lost our answer, perhaps. Fails if approval is asked for once more, and drops them."""
    admit(Admission())
    ask(actor)
    admit(BY_HAND)
    ask(actor, number=2)
    assert (follows(), asks(), answers()) == ([ANA], [], [("Accept", ANA), ("Accept", ANA)])


def test_somebody_from_a_welcome_server_is_let_in_at_once(actor: LocalActor) -> None:
    admit(Admission(True, frozenset({"peer.example"})))
    ask(actor)
    ask(actor, "https://stranger.example/users/eve")
    assert (follows(), asks()) == ([ANA], ["https://stranger.example/users/eve"])


def test_a_host_that_somebody_only_claims_lets_nobody_in(actor: LocalActor) -> None:
    """Handles are kept only where their own host confirmed them; a name of the profile is none. Fails if any text of
    theirs counts."""
    admit(Admission(True, frozenset({"partner.example"})))
    remote_actor(
        "https://evil.example/partner.example/ana",
        name="ana@partner.example",
        handle="",
        url="https://partner.example/ana",
    )
    ask(actor, "https://evil.example/partner.example/ana")
    assert follows() == []


def test_an_undo_takes_a_request_back(actor: LocalActor) -> None:
    """By what it names, and by its id alone. Fails if only followers are looked for."""
    ask(actor)
    assert handled(said("Undo", said("Follow", actor.uri), number=3)).state == "done"
    ask(actor, number=4)
    assert handled(said("Undo", "https://peer.example/activities/4", number=5)).state == "done"
    decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED)
    work()
    assert (follows(), asks(), answers()) == ([], [], [])


def test_an_undo_by_somebody_else_takes_nothing_back(actor: LocalActor) -> None:
    ask(actor)
    remote_actor(BEN)
    handled(said("Undo", said("Follow", actor.uri), actor=BEN, number=3))
    handled(said("Undo", "https://peer.example/activities/1", actor=BEN, number=4))
    assert asks() == [ANA]


def test_an_undo_after_the_approval_and_before_the_answer_counts(actor: LocalActor) -> None:
    ask(actor)
    decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED)
    handled(said("Undo", said("Follow", actor.uri), number=3))
    work()
    assert (follows(), answers()) == ([], [])


def test_when_approval_is_turned_off_all_who_wait_are_let_in(actor: LocalActor) -> None:
    """As Mastodon does when an account is unlocked. Fails if they wait for ever."""
    ask(actor)
    ask(actor, BEN)
    work()
    assert asks() == [ANA, BEN]
    admit(Admission())
    work()
    assert (follows(), asks()) == ([ANA, BEN], [])
    assert sorted(answers()) == [("Accept", ANA), ("Accept", BEN)]


@pytest.mark.parametrize("welcome", ["social.example", "peer.example"])
def test_when_a_server_becomes_welcome_those_who_wait_there_are_let_in(actor: LocalActor, welcome: str) -> None:
    remote_actor(ANA, handle="ana@social.example")
    ask(actor)
    ask(actor, "https://stranger.example/users/eve")
    admit(Admission(True, frozenset({welcome})))
    work()
    assert (follows(), asks()) == ([ANA], ["https://stranger.example/users/eve"])


def test_a_changed_profile_makes_a_worker_look(actor: LocalActor, monkeypatch: pytest.MonkeyPatch) -> None:
    nudged: list[str] = []
    monkeypatch.setattr("federation.outbox.publishers.nudge", nudged.append)
    describe(approves_followers=True)
    assert nudged == []
    ask(actor)
    describe(approves_followers=False)
    assert nudged == ["federation.requests"]


def test_the_document_says_that_somebody_approves(actor: LocalActor) -> None:
    def shown() -> Any:
        return json.loads(bytes(LocalActor.objects.get(pk=actor.pk).document))["manuallyApprovesFollowers"]

    assert shown() is False
    describe(approves_followers=True)
    assert shown() is True


@pytest.mark.parametrize("how", ["server blocked", "person blocked", "person gone"])
def test_who_is_blocked_or_gone_waits_no_longer(actor: LocalActor, how: str) -> None:
    """Also where somebody approved them a moment ago. Fails if they are let in or shown."""
    ask(actor)
    ask(actor, BEN)
    decide(FollowRequest.objects.filter(remote__uri=BEN), FollowRequest.Decision.APPROVED)
    change = {
        "server blocked": lambda: Peer.objects.update(blocked=True),
        "person blocked": lambda: RemoteActor.objects.update(blocked=True),
        "person gone": lambda: RemoteActor.objects.update(gone_at=NOW),
    }
    change[how]()
    assert not waiting_requests().exists()
    work()
    assert (follows(), asks(), answers()) == ([], [], [])


def test_a_profile_that_is_gone_lets_nobody_in(actor: LocalActor) -> None:
    ask(actor)
    decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED)
    delete_actor(actor, NOW)
    work()
    assert (follows(), asks(), answers()) == ([], [], [])


def test_somebody_who_takes_leave_waits_no_longer(actor: LocalActor) -> None:
    ask(actor)
    forget_actor(RemoteActor.objects.get(uri=ANA), NOW)
    assert asks() == []


def test_somebody_whom_nobody_finds_waits_no_longer(actor: LocalActor) -> None:
    """They are no followers, so they do not count as let go."""
    ask(actor)
    assert end_follows(RemoteActor.objects.all()) == 0
    assert asks() == []


def test_a_follower_who_is_removed_hears_nothing_more_and_is_told(actor: LocalActor) -> None:
    """Fails if they still get what is published before a worker told them."""
    admit(Admission())
    ask(actor)
    ask(actor, BEN)
    assert remove(Follower.objects.filter(remote__uri=ANA)) == 1
    publish()
    assert [d.inbox for d in Delivery.objects.filter(activity__kind="Create")] == [f"{BEN}/inbox"]
    work()
    assert (follows(), asks()) == ([BEN], [])
    assert ("Reject", ANA) in answers()
    reject = json.loads(bytes(Activity.objects.get(kind="Reject").body))
    assert reject["object"] == {
        "id": "https://peer.example/activities/1",
        "type": "Follow",
        "actor": ANA,
        "object": actor.uri,
    }


def test_a_follower_of_whom_only_an_id_was_kept_is_told_all_the_same(actor: LocalActor) -> None:
    Follower.objects.create(actor=actor, remote=remote_actor(ANA), follow_uri="https://peer.example/f/1")
    remove(Follower.objects.all())
    work()
    reject = json.loads(bytes(Activity.objects.get(kind="Reject").body))
    assert (reject["object"]["id"], reject["object"]["actor"]) == ("https://peer.example/f/1", ANA)


def test_a_turn_that_is_over_leaves_the_rest_for_the_next(actor: LocalActor) -> None:
    ask(actor)
    admit(Admission())
    assert answer_requests(NOW, seconds=-1) is True
    assert follows() == []
    work()
    assert follows() == [ANA]


def test_more_than_one_handful_is_answered_in_one_turn(actor: LocalActor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "_AT_ONCE", 2)
    for number in range(5):
        ask(actor, f"https://peer.example/users/{number}", number=number)
    admit(Admission())
    work()
    assert len(follows()) == 5


def test_a_request_that_cannot_be_settled_does_not_hold_up_a_turn(
    actor: LocalActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if the same one is looked at until the turn is over."""
    ask(actor)
    decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED)
    looked: list[int] = []
    monkeypatch.setattr(followers, "_settle", lambda number, now: looked.append(number))
    work()
    assert len(looked) == 1


def test_nobody_is_answered_in_the_name_of_another_site(actor: LocalActor) -> None:
    ask(actor)
    admit(Admission())
    speaking.get_instance()
    Instance.objects.update(origin="https://elsewhere.example")
    work()
    assert (follows(), answers()) == ([], [])


def test_a_hidden_profile_keeps_its_rule(actor: LocalActor) -> None:
    """The site is asked each time, also about what nobody may read. Fails if a profile that is hidden lets in."""
    FakeSource.hidden.add(ORG)
    ask(actor)
    assert asks() == [ANA]
    assert find_by_key(ORG) is not None


def test_since_when_somebody_follows_is_when_they_were_approved(actor: LocalActor) -> None:
    ask(actor)
    FollowRequest.objects.update(created=NOW - timedelta(days=9))
    decide(FollowRequest.objects.all(), FollowRequest.Decision.APPROVED)
    work()
    assert Follower.objects.get().created > NOW - timedelta(days=1)
