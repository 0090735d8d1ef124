"""Inboxes that say that they are not there: whose owners are asked after, how often, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.errors import (
    ConnectFailed,
    FederationError,
    Gone,
    Missing,
    ServerFailed,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from federation.models import Delivery, Follower, Following, LocalActor, Peer, RemoteActor, RemoteObject
from federation.outbox import speaking
from federation.outbox.lost_inboxes import look_after
from tests.factories.fake_source import installed
from tests.factories.inbound import ANA, BEN, Web, followed, install_web
from tests.factories.outbox import NOW, follow, organisation, publish

pytestmark = pytest.mark.django_db
SHARED = "https://peer.example/inbox"
DAY = timedelta(days=1)
BEFORE = NOW - 9 * DAY


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return install_web(monkeypatch)


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


def _fan(actor: LocalActor, uri: str = ANA, **fields: Any) -> RemoteActor:
    return follow(actor, uri, **{"fetched_at": BEFORE} | fields).remote


def _publish(**outcome: Any) -> None:
    """Something goes out, and every delivery ends like this."""
    publish()
    Delivery.objects.update(**{"first_attempt": NOW, "attempted_at": NOW} | outcome)


def _refused() -> None:
    _publish(state="refused", status=410, done_at=NOW)


def _look(now: Any = NOW) -> int:
    return look_after(lambda: now, seconds=20)


def test_a_follower_whose_server_says_gone_follows_nobody_any_more(actor: LocalActor, web: Web) -> None:
    fan = _fan(actor)
    _refused()
    web.pages[ANA] = Gone()
    assert _look() == 1
    fan.refresh_from_db()
    assert (fan.gone_at, fan.handle) == (NOW, "")
    assert not Follower.objects.exists()


def test_a_follower_whose_inbox_has_moved_hears_the_next_activity_there(actor: LocalActor, web: Web) -> None:
    fan = _fan(actor)
    _refused()
    web.add_actor(inbox="https://peer.example/new/ana")
    _look()
    publish(title="Corrected")
    assert Follower.objects.get().remote == fan
    assert "https://peer.example/new/ana" in set(
        Delivery.objects.filter(state="waiting").values_list("inbox", flat=True)
    )


@pytest.mark.parametrize("answer", [Missing(), TimedOut()])
def test_one_other_answer_changes_nothing(actor: LocalActor, web: Web, answer: FederationError) -> None:
    fan = _fan(actor)
    _refused()
    web.pages[ANA] = answer
    _look()
    fan.refresh_from_db()
    assert (fan.gone_at, fan.inbox, fan.handle) == (None, f"{ANA}/inbox", "ana")
    assert Follower.objects.count() == 1


def test_everybody_behind_a_shared_inbox_is_asked_after(actor: LocalActor, web: Web) -> None:
    _fan(actor, shared_inbox=SHARED)
    _fan(actor, BEN, shared_inbox=SHARED)
    _refused()
    web.add_actor()
    web.pages[BEN] = Gone()
    _look()
    assert sorted(web.asked) == [ANA, BEN]
    assert Follower.objects.get().remote.uri == ANA


@pytest.mark.parametrize(
    "outcome",
    [
        {"state": "expired", "status": 404},
        {"state": "waiting", "status": 404, "first_attempt": NOW - 7 * DAY},
    ],
)
def test_an_inbox_that_was_missing_for_seven_days_is_asked_after(actor: LocalActor, web: Web, outcome: Any) -> None:
    _fan(actor)
    _publish(**outcome)
    assert _look() == 1


@pytest.mark.parametrize(
    "outcome",
    [
        {"state": "waiting", "status": 404, "first_attempt": NOW - 6 * DAY},
        {"state": "expired", "status": 500},
        {"state": "refused", "status": 422},
        {"state": "accepted", "status": 202},
    ],
)
def test_other_ends_are_no_reason_to_ask(actor: LocalActor, web: Web, outcome: Any) -> None:
    _fan(actor)
    _publish(**outcome)
    assert (_look(), web.asked) == (0, [])


def test_who_was_fetched_since_is_not_asked_after(actor: LocalActor, web: Web) -> None:
    _fan(actor, fetched_at=NOW + timedelta(minutes=1))
    _refused()
    assert _look() == 0


def test_who_follows_nobody_here_is_not_asked_after(actor: LocalActor, web: Web) -> None:
    _fan(actor)
    _refused()
    Follower.objects.all().delete()
    assert _look() == 0


@pytest.mark.parametrize("model", [Peer, RemoteActor])
def test_who_is_blocked_is_not_asked_after(actor: LocalActor, web: Web, model: Any) -> None:
    _fan(actor)
    _refused()
    model.objects.update(blocked=True)
    assert _look() == 0


def test_nobody_is_asked_after_twice_a_day(actor: LocalActor, web: Web) -> None:
    _fan(actor)
    _refused()
    web.pages[ANA] = Missing()
    assert [_look(), _look(NOW + DAY / 2), _look(NOW + DAY * 1.1)] == [1, 0, 1]


def test_a_server_that_does_not_answer_is_asked_for_one_only(actor: LocalActor, web: Web) -> None:
    _fan(actor)
    _fan(actor, BEN)
    _refused()
    web.pages |= {ANA: TimedOut(), BEN: TimedOut()}
    assert (_look(), _look()) == (1, 0)


def test_a_turn_that_is_over_asks_nobody(actor: LocalActor, web: Web) -> None:
    _fan(actor)
    _refused()
    assert look_after(lambda: NOW, seconds=-1) == 0


def test_nobody_is_asked_while_everything_rests(actor: LocalActor, web: Web) -> None:
    """Fails if the voice is not asked: a copy of the database would sign in the original's name."""
    _fan(actor)
    _refused()
    speaking.pause("a copy")
    assert (_look(), web.asked) == (0, [])


def _ask_on(web: Web, answers: dict[float, FederationError | None]) -> None:
    """By day: the error that asking ends in, or None if the profile is there."""
    for day, answer in answers.items():
        if answer is None:
            web.add_actor()
        else:
            web.pages[ANA] = answer
        moment = NOW + day * DAY
        Delivery.objects.update(attempted_at=moment)  # or one that was fetched would not be asked after again
        assert _look(moment) == 1


def _follows() -> bool:
    return Follower.objects.exists()


def test_who_was_missing_three_times_over_a_week_is_let_go(actor: LocalActor, web: Web) -> None:
    """Fails if nothing is counted."""
    _fan(actor)
    _refused()
    _ask_on(web, {0: Missing(), 3: Missing(), 7: Missing()})
    assert not _follows()


@pytest.mark.parametrize("days", [(0, 7), (0, 2, 4, 6.9)])
def test_who_was_missing_less_often_or_for_less_than_a_week_is_kept(actor: LocalActor, web: Web, days: Any) -> None:
    """Fails if the count alone decides, or the time alone."""
    _fan(actor)
    _refused()
    _ask_on(web, {day: Missing() for day in days})
    assert _follows()


@pytest.mark.parametrize("answer", [None, Unauthorised(), ServerFailed(), Unavailable()])
def test_every_other_answer_begins_the_count_anew(actor: LocalActor, web: Web, answer: Any) -> None:
    """Fails if the count is kept after any of them; for None, if ``store_actor`` keeps it."""
    _fan(actor)
    _refused()
    _ask_on(web, {0: Missing(), 3: Missing(), 5: answer, 7: Missing(), 15: Missing()})
    assert _follows()


@pytest.mark.parametrize("silence", [TimedOut(), ConnectFailed()])
def test_a_server_that_does_not_answer_neither_counts_nor_ends_the_count(
    actor: LocalActor, web: Web, silence: FederationError
) -> None:
    """Fails if the count begins anew."""
    _fan(actor)
    _refused()
    _ask_on(web, {0: Missing(), 3: Missing(), 5: silence, 7: silence})
    assert _follows()
    _ask_on(web, {9: Missing()})
    assert not _follows()


def test_askings_that_lie_weeks_apart_are_not_in_a_row(actor: LocalActor, web: Web) -> None:
    """Fails if only the number and the first one count."""
    _fan(actor)
    _refused()
    _ask_on(web, {0: Missing(), 30: Missing(), 32: Missing()})
    assert _follows()


def test_who_is_let_go_for_being_missing_is_not_forgotten(actor: LocalActor, web: Web) -> None:
    """404 is not 410: they may come back. Fails if ``forget_actor`` is called."""
    fan = _fan(actor)
    followed(fan, actor)
    RemoteObject.objects.create(uri=f"{ANA}/1", actor=fan, kind="Note", title="Still here", received_at=NOW)
    _refused()
    _ask_on(web, {0: Missing(), 3: Missing(), 7: Missing()})
    fan.refresh_from_db()
    assert (fan.gone_at, fan.handle) == (None, "ana")
    assert Following.objects.count() == 1
    assert RemoteObject.objects.get().title == "Still here"


def test_who_is_fetched_while_being_asked_after_is_kept(actor: LocalActor, web: Web, monkeypatch: Any) -> None:
    """Fails without the look at ``fetched_at``: whoever writes to us at that moment is there."""
    fan = _fan(actor, missing_count=5, missing_since=BEFORE, asked_at=NOW - 2 * DAY)
    _refused()

    def missing(*_: Any, **__: Any) -> None:
        RemoteActor.objects.filter(pk=fan.pk).update(fetched_at=NOW)
        raise Missing

    monkeypatch.setattr("federation.outbox.lost_inboxes.fetch_actor", missing)
    _look()
    assert _follows()
