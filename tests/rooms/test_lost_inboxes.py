"""Inboxes that say that they are not there: whose owners are asked after, how often, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.errors import FederationError, Gone, Missing, TimedOut
from federation.models import Delivery, Follower, LocalActor, Peer, RemoteActor
from federation.outbox.lost_inboxes import look_after
from tests.factories.fake_source import installed
from tests.factories.inbound import ANA, BEN, Web, install_web
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
def test_any_other_answer_changes_nothing(actor: LocalActor, web: Web, answer: FederationError) -> None:
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
