"""An old page is shared anew, as a boost of its own post."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from federation.contract import Audience, Boosting
from federation.models import Delivery, LocalActor, Wake
from federation.outbox import boost, reconcile
from federation.outbox.release import release, send_again
from federation.outbox.retention import let_go
from tests.factories.fake_source import installed
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
    waiting,
    waiting_kinds,
)
from tests.factories.told import path_of

pytestmark = pytest.mark.django_db
FAN = "https://peer.example/users/fan"
DAY = timedelta(days=1)
LATER = NOW + timedelta(days=40)


@pytest.fixture
def actor(settings) -> LocalActor:
    """Somebody with a follower and an old page that is out, which the follower's server has."""
    installed(settings)
    made = organisation()
    follow(made, FAN)
    publish()
    waiting().update(state="accepted", first_attempt=NOW, attempts=1, done_at=NOW)
    return made


def _settle(now: datetime) -> None:
    while reconcile.drain(now):
        pass


def _boost(now: datetime = LATER) -> None:
    assert boost.ask(KEY, now) is Boosting.ASKED
    _settle(now)


def _fetch(uri: str) -> Any:
    return Client().get(path_of(uri))


def test_its_followers_get_a_boost_of_the_same_post_with_a_new_date(actor: LocalActor) -> None:
    _boost()
    sent = body("Announce")
    assert sent["object"] == entry().current.uri
    assert (sent["actor"], sent["published"]) == (actor.uri, "2026-04-10T12:00:00Z")
    assert (waiting_kinds(f"{FAN}/inbox"), said()) == (["Announce"], ["Create", "Announce"])
    assert entry().boost_at is None


def test_a_quiet_post_is_boosted_as_quietly(actor: LocalActor) -> None:
    publish(audience=Audience.QUIET)
    _boost()
    sent = body("Announce")
    assert (sent["to"], sent["cc"]) == ([f"{actor.uri}/followers"], ["https://www.w3.org/ns/activitystreams#Public"])


def test_what_is_not_out_cannot_be_boosted(actor: LocalActor) -> None:
    assert boost.ask("page:99", LATER) is Boosting.NOT_SHARED
    hide()
    assert boost.ask(KEY, LATER) is Boosting.NOT_SHARED


def test_a_new_post_is_not_boosted_within_a_day(actor: LocalActor) -> None:
    assert boost.ask(KEY, NOW + timedelta(hours=23)) is Boosting.TOO_SOON
    assert boost.ask(KEY, NOW + DAY) is Boosting.ASKED


def test_once_a_day_is_enough(actor: LocalActor) -> None:
    _boost()
    assert boost.ask(KEY, LATER + timedelta(hours=23)) is Boosting.TOO_SOON
    assert boost.ask(KEY, LATER + DAY) is Boosting.ASKED


def test_two_clicks_are_one_boost(actor: LocalActor) -> None:
    assert boost.ask(KEY, LATER) is Boosting.ASKED
    assert boost.ask(KEY, LATER) is Boosting.TOO_SOON
    _settle(LATER)
    assert said() == ["Create", "Announce"]


def test_an_earlier_boost_is_taken_back_and_the_new_one_follows_when_that_has_settled(actor: LocalActor) -> None:
    """Mastodon ignores a second boost while it has the first. Fails if the second is sent at once, or never."""
    _boost()
    waiting().update(state="accepted", first_attempt=LATER, attempts=1, done_at=LATER)
    again = LATER + DAY
    _boost(again)
    assert said() == ["Create", "Announce", "Undo"]
    assert body("Undo")["object"]["id"] == body("Announce")["id"]
    assert boost.wake_due(again + boost.SETTLES - timedelta(seconds=1)) == 0
    assert boost.wake_due(again + boost.SETTLES) == 1
    _settle(again + boost.SETTLES)
    assert said() == ["Create", "Announce", "Undo", "Announce"]
    assert entry().boost_at is None


def test_the_end_of_a_boost_goes_to_whoever_heard_it_followers_or_not(actor: LocalActor) -> None:
    """Fails if it goes to followers."""
    _boost()
    waiting().update(state="accepted", first_attempt=LATER, attempts=1, done_at=LATER)
    actor.followers.all().delete()
    _boost(LATER + DAY)
    assert waiting_kinds(f"{FAN}/inbox") == ["Undo"]


def test_a_person_lets_a_second_boost_go_once_although_it_takes_two_steps(actor: LocalActor, settings) -> None:
    """Fails if the consent ends with the first step."""
    _boost()
    again = LATER + DAY
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 0}
    _boost(again)
    release([KEY])
    _settle(again)
    boost.wake_due(again + boost.SETTLES)
    _settle(again + boost.SETTLES)
    assert (said(), entry().approved) == (["Create", "Announce", "Undo", "Announce"], False)


def test_of_a_boost_that_nobody_heard_neither_it_nor_its_end_is_sent(actor: LocalActor) -> None:
    _boost()
    _boost(LATER + DAY)
    assert waiting_kinds() == []


def test_a_withdrawal_leaves_no_boost_waiting(actor: LocalActor) -> None:
    """Fails if ``supersede`` does not know boosts."""
    _boost()
    hide(now=LATER)
    assert waiting_kinds() == ["Delete"]


def test_a_withdrawal_reaches_a_server_that_heard_only_the_boost(actor: LocalActor) -> None:
    follow(actor, "https://late.example/users/fan")
    _boost()
    waiting().update(state="accepted", first_attempt=LATER, attempts=1, done_at=LATER)
    actor.followers.all().delete()
    hide(now=LATER)
    inboxes = waiting().filter(activity__kind="Delete").values_list("inbox", flat=True)
    assert "https://late.example/users/fan/inbox" in inboxes


def test_a_wish_does_not_outlive_what_it_was_for(actor: LocalActor) -> None:
    """Fails if a new post is boosted because of what was asked about the old one."""
    _boost()
    _boost(LATER + DAY)
    hide(now=LATER + DAY)
    publish(now=LATER + DAY)
    assert boost.wake_due(LATER + 2 * DAY) == 0
    _settle(LATER + 2 * DAY)
    assert said().count("Announce") == 1


def test_it_counts_and_waits_like_everything_else(actor: LocalActor, settings) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 0}
    _boost()
    assert (said(), entry().waiting_publisher) == (["Create"], ORG)
    assert boost.wake_due(LATER + timedelta(hours=2)) == 0
    release([KEY])
    _settle(LATER)
    assert (said(), entry().waiting_since) == (["Create", "Announce"], None)


def test_boosts_use_up_the_hours_number(actor: LocalActor, settings) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 1}
    _boost()
    publish(now=LATER, title="Corrected")
    assert said() == ["Create", "Announce"]


def test_the_outbox_lists_the_boost_on_top(actor: LocalActor) -> None:
    _boost()
    outbox = _fetch(f"{actor.uri}/outbox").json()
    items = _fetch(outbox["first"]).json()["orderedItems"]
    assert outbox["totalItems"] == 2
    assert [(item["type"], item["id"]) for item in items] == [
        ("Announce", body("Announce")["id"]),
        ("Create", body("Create")["id"]),
    ]


def test_a_boost_that_was_taken_back_is_in_no_list_and_at_no_address(actor: LocalActor) -> None:
    _boost()
    address = body("Announce")["id"]
    assert _fetch(address).json()["type"] == "Announce"
    _boost(LATER + DAY)
    assert _fetch(f"{actor.uri}/outbox").json()["totalItems"] == 1
    assert _fetch(address).status_code == 404
    assert _fetch(body("Undo")["id"]).json()["object"]["id"] == address


def test_a_boost_of_what_is_hidden_is_at_no_address(actor: LocalActor, settings) -> None:
    _boost()
    installed(settings)
    assert _fetch(body("Announce")["id"]).status_code == 404


def test_a_boost_is_no_change_of_the_announcement(actor: LocalActor) -> None:
    """It goes on with its proof. Fails if whatever comes later counts as a change."""
    _boost()
    assert "proof" in _fetch(body("Create")["id"]).json()


def test_an_old_boost_is_kept_so_that_it_can_be_taken_back(actor: LocalActor) -> None:
    _boost()
    Delivery.objects.all().delete()
    let_go(LATER + timedelta(days=200))
    assert said() == ["Create", "Announce"]


def test_a_refused_boost_of_what_was_withdrawn_is_never_sent_again(actor: LocalActor) -> None:
    _boost()
    waiting().update(state="refused", first_attempt=LATER, done_at=LATER)
    hide(now=LATER)
    waiting().update(state="refused", first_attempt=LATER, done_at=LATER)
    send_again(LATER, key=KEY)
    assert waiting_kinds() == ["Delete"]


def test_the_editors_list_names_boosts_and_their_ends(actor: LocalActor) -> None:
    _boost()
    waiting().update(state="accepted", first_attempt=LATER, done_at=LATER)
    _boost(LATER + DAY)
    words = {row.activity.kind: row.what for row in Delivery.objects.select_related("activity")}
    assert (words["Announce"], words["Undo"]) == ("boost", "end of an earlier boost")


def test_a_wish_that_lost_its_wake_is_found_by_the_clock(actor: LocalActor) -> None:
    boost.ask(KEY, LATER)
    Wake.objects.all().delete()
    assert boost.wake_due(LATER) == 1
