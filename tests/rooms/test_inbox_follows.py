"""Follows in both directions: theirs, answered with the whole request; ours, active only after their yes."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from federation.errors import BadInput, Blocked
from federation.inbox.dispatch import drain
from federation.models import Activity, Delivery, Follower, Following, InboundActivity, LocalActor, Peer, RemoteActor
from federation.outbox.following import follow, unfollow
from tests.factories.inbound import (
    ANA,
    BEN,
    HUB,
    ORG,
    ana,
    followed,
    install_web,
    local_actor,
    remote_actor,
    said,
    signed_post,
    stored,
    take_in,
)
from tests.factories.signed_requests import DATE_NOW, NOW

pytestmark = pytest.mark.django_db


def handled(document: dict[str, Any], signer: str = ANA) -> InboundActivity:
    """The row after a worker has handled it."""
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


def answers() -> list[dict[str, Any]]:
    return [json.loads(bytes(activity.body)) for activity in Activity.objects.order_by("created", "pk")]


def following(document: dict[str, Any] | str, number: int = 2) -> dict[str, Any]:
    return said("Undo", document, number=number)


def test_a_follower_is_stored_with_the_whole_follow() -> None:
    local_actor()
    ana()
    document = said("Follow", ORG)
    assert handled(document).state == "done"
    follower = Follower.objects.get()
    assert (follower.remote.uri, follower.actor.uri, follower.follow) == (ANA, ORG, document)


def test_the_answer_holds_the_whole_follow_with_its_own_id() -> None:
    local_actor()
    ana()
    handled(said("Follow", {"id": ORG, "type": "Organization"}) | {"actor": {"id": ANA, "type": "Person"}})
    (accept,) = answers()
    assert accept["type"] == "Accept"
    assert accept["actor"] == ORG
    assert accept["to"] == [ANA]
    assert accept["object"] == {
        "id": "https://peer.example/activities/1",
        "type": "Follow",
        "actor": ANA,
        "object": ORG,
    }


def test_an_id_on_another_host_comes_back_as_it_was() -> None:
    local_actor()
    ana()
    handled(said("Follow", ORG) | {"id": "https://elsewhere.example/1"})
    assert answers()[0]["object"]["id"] == "https://elsewhere.example/1"


def test_the_answer_goes_to_the_personal_inbox_only() -> None:
    local_actor()
    remote_actor(ANA, shared_inbox="https://peer.example/inbox")
    handled(said("Follow", ORG))
    assert [delivery.inbox for delivery in Delivery.objects.all()] == [f"{ANA}/inbox"]


def test_who_asks_again_is_answered_again_and_stays_one_follower() -> None:
    local_actor()
    ana()
    handled(said("Follow", ORG))
    handled(said("Follow", ORG, number=2))
    assert [answer["type"] for answer in answers()] == ["Accept", "Accept"]
    assert Follower.objects.get().follow_uri == "https://peer.example/activities/2"


def test_a_new_follow_under_the_old_id_is_answered_after_an_undo() -> None:
    local_actor()
    ana()
    for document, date in [
        (said("Follow", ORG), DATE_NOW),
        (following(said("Follow", ORG)), DATE_NOW),
        (said("Follow", ORG), "Sat, 21 Nov 2026 12:00:05 GMT"),
        (following(said("Follow", ORG)), "Sat, 21 Nov 2026 12:00:06 GMT"),
        (said("Follow", ORG), "Sat, 21 Nov 2026 12:00:07 GMT"),
    ]:
        take_in(signed_post(document, date=date))
        drain(NOW)
    assert Follower.objects.count() == 1
    assert [answer["type"] for answer in answers()] == ["Accept"] * 3


@pytest.mark.parametrize(
    "fields", [{"kind": LocalActor.Kind.INSTANCE}, {"deleted_at": NOW}], ids=["instance actor", "deleted"]
)
def test_who_cannot_be_followed_says_no(fields: dict[str, Any]) -> None:
    local_actor(**fields)
    ana()
    row = handled(said("Follow", ORG))
    assert (row.state, row.reason.partition(":")[0]) == ("ignored", "refused")
    assert [answer["type"] for answer in answers()] == ["Reject"]
    assert not Follower.objects.exists()


def test_a_follow_by_somebody_who_is_gone_by_now_is_ignored() -> None:
    local_actor()
    remote_actor(ANA, gone_at=NOW)
    assert handled(said("Follow", ORG)).reason == "the follower is gone"
    assert not Follower.objects.exists()


def test_a_blocked_follower_is_refused() -> None:
    local_actor()
    ana()
    RemoteActor.objects.update(blocked=True)
    assert handled(said("Follow", ORG)).reason == "refused: blocked"
    assert [answer["type"] for answer in answers()] == ["Reject"]
    assert not Follower.objects.exists()


@pytest.mark.parametrize("subject", [f"{HUB}/ap/objects/1", "https://elsewhere.example/users/x", None])
def test_following_what_is_nobody_here_is_ignored_politely(subject: str | None) -> None:
    local_actor()
    ana()
    assert handled(said("Follow", subject)).state == "ignored"
    assert answers() == []


def test_an_undo_ends_the_follow_whatever_its_id() -> None:
    local_actor()
    ana()
    handled(said("Follow", ORG))
    assert handled(following(said("Follow", ORG, number=77))).state == "done"
    assert not Follower.objects.exists()


def test_an_undo_that_only_names_the_follow_ends_it() -> None:
    local_actor()
    ana()
    handled(said("Follow", ORG))
    assert handled(following("https://peer.example/activities/1")).state == "done"
    assert not Follower.objects.exists()


def test_an_undo_of_what_somebody_else_did_is_ignored() -> None:
    local_actor()
    ana()
    remote_actor(BEN)
    handled(said("Follow", ORG))
    row = handled(said("Undo", said("Follow", ORG), actor=BEN, number=3), signer=BEN)
    assert (row.state, row.reason) == ("ignored", "it was done by somebody else")
    assert Follower.objects.count() == 1


def test_an_undo_that_names_somebody_elses_follow_is_ignored() -> None:
    local_actor()
    ana()
    remote_actor(BEN)
    handled(said("Follow", ORG))
    row = handled(said("Undo", "https://peer.example/activities/1", actor=BEN, number=3), signer=BEN)
    assert row.state == "ignored"
    assert Follower.objects.count() == 1


def test_an_undo_of_something_else_is_ignored_with_a_reason() -> None:
    ana()
    assert handled(following(said("Like", ORG))).reason == "not handled yet: Undo of Like"


def test_our_follow_counts_after_their_yes() -> None:
    ours = followed(ana(), state="pending")
    handled(said("Accept", ours.follow_uri))
    ours.refresh_from_db()
    assert (ours.state, ours.answered_at) == ("accepted", NOW)


def test_a_yes_under_another_id_is_matched_by_who_follows_whom() -> None:
    ours = followed(ana(), state="pending")
    handled(said("Accept", {"type": "Follow", "id": "https://peer.example/f/9", "actor": ORG, "object": ANA}))
    ours.refresh_from_db()
    assert ours.state == "accepted"


def test_only_who_was_asked_can_say_yes() -> None:
    ours = followed(ana(), state="pending")
    remote_actor(BEN)
    row = handled(said("Accept", ours.follow_uri, actor=BEN), signer=BEN)
    ours.refresh_from_db()
    assert (row.state, ours.state) == ("ignored", "pending")


@pytest.mark.parametrize(
    "embedded",
    [
        {"type": "Follow", "actor": ORG, "object": BEN},
        {"type": "Follow", "actor": BEN, "object": ANA},
        {"type": "Like", "actor": ORG, "object": ANA},
        {"type": "Follow"},
    ],
)
def test_a_yes_to_what_nobody_asked_is_ignored(embedded: dict[str, Any]) -> None:
    ours = followed(ana(), state="pending")
    handled(said("Accept", embedded))
    ours.refresh_from_db()
    assert ours.state == "pending"


def test_a_no_ends_also_what_was_accepted() -> None:
    ours = followed(ana())
    handled(said("Reject", ours.follow_uri))
    ours.refresh_from_db()
    assert ours.state == "rejected"


def test_following_sends_one_follow_and_waits() -> None:
    actor, remote = local_actor(), ana()
    first, second = follow(actor, remote, NOW), follow(actor, remote, NOW)
    assert first.pk == second.pk
    assert first.state == "pending"
    (sent,) = answers()
    assert (sent["type"], sent["id"], sent["object"]) == ("Follow", first.follow_uri, ANA)


def test_after_a_no_one_may_ask_again() -> None:
    actor, remote = local_actor(), ana()
    followed(remote, actor, state="rejected")
    assert follow(actor, remote, NOW).state == "pending"
    assert Following.objects.get().follow_uri == answers()[0]["id"]


def test_unfollowing_embeds_the_follow() -> None:
    actor, remote = local_actor(), ana()
    asked = follow(actor, remote, NOW)
    assert unfollow(actor, remote, NOW)
    undo = next(activity for activity in answers() if activity["type"] == "Undo")
    assert undo["object"] == {
        "id": asked.follow_uri,
        "type": "Follow",
        "actor": ORG,
        "to": [ANA],
        "object": ANA,
    }
    assert not Following.objects.exists()


def test_follow_and_undo_keep_their_order() -> None:
    actor, remote = local_actor(), ana()
    follow(actor, remote, NOW)
    unfollow(actor, remote, NOW)
    assert len({activity.lane for activity in Activity.objects.all()}) == 1


def test_unfollowing_somebody_who_is_not_followed_sends_nothing() -> None:
    assert not unfollow(local_actor(), ana(), NOW)
    assert answers() == []


def test_the_instance_actor_follows_nobody() -> None:
    with pytest.raises(BadInput):
        follow(local_actor(kind=LocalActor.Kind.INSTANCE), ana(), NOW)


def test_the_blocked_are_not_followed() -> None:
    remote = ana()
    Peer.objects.update(blocked=True)
    remote.refresh_from_db()
    with pytest.raises(Blocked):
        follow(local_actor(), remote, NOW)


def test_the_command_follows_and_says_how_things_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    install_web(monkeypatch).add_actor()
    actor = local_actor()
    actor.handles.create(name="solidar")
    out = StringIO()
    call_command("follow", ANA, "--as", "solidar", stdout=out)
    assert out.getvalue() == "@solidar → @ana@peer.example: Waiting for approval\n"
    call_command("unfollow", "@ana@peer.example", "--as", "@solidar", stdout=out)
    assert not Following.objects.exists()


def test_the_command_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    install_web(monkeypatch)
    local_actor().handles.create(name="solidar")
    with pytest.raises(CommandError, match="There is nothing at this address"):
        call_command("follow", ANA, "--as", "solidar")
    with pytest.raises(CommandError, match="no profile @nobody"):
        call_command("follow", ANA, "--as", "nobody")
    with pytest.raises(CommandError, match="does not follow"):
        call_command("unfollow", ANA, "--as", "solidar")
