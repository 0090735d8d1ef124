"""The worker's side: one activity, one outcome, in order, again after a trouble, and never stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, connections

from federation.errors import BadAnswer, TimedOut, TryLater
from federation.inbox import dispatch
from federation.inbox.dispatch import MOST_ATTEMPTS, Handler, drain
from federation.inbox.outcome import Outcome, done
from federation.inbox.replay import forget_old
from federation.models import Follower, InboundActivity, Peer
from federation.vocab.parse import ParsedActivity
from tests.factories.inbound import ANA, BEN, ORG, ana, local_actor, said, stored
from tests.factories.signed_requests import NOW

pytestmark = pytest.mark.django_db


def handle_likes(monkeypatch: pytest.MonkeyPatch, handler: Callable[[ParsedActivity, datetime], Outcome]) -> None:
    likes = Handler(lambda activity, brought, now: handler(activity, now))
    monkeypatch.setitem(dispatch.HANDLERS, "Like", likes)


def failing(error: Exception) -> Callable[[ParsedActivity, datetime], Outcome]:
    def handle(activity: ParsedActivity, now: datetime) -> Outcome:
        raise error

    return handle


def after(row: InboundActivity) -> InboundActivity:
    row.refresh_from_db()
    return row


def test_an_unknown_kind_is_ignored_with_a_reason() -> None:
    row = stored(said("Arrive", ORG))
    assert drain(NOW) == 1
    assert (after(row).state, row.reason) == ("ignored", "not handled yet: Arrive")


def test_what_is_done_is_not_taken_again() -> None:
    stored(said("Arrive", ORG))
    assert [drain(NOW), drain(NOW)] == [1, 0]


def test_no_more_is_taken_than_asked() -> None:
    for number in range(3):
        stored(said("Arrive", ORG, number=number))
    assert drain(NOW, limit=2) == 2


@pytest.mark.parametrize("error", [TryLater("busy"), TimedOut("silence")])
def test_a_passing_trouble_is_tried_again_later(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    handle_likes(monkeypatch, failing(error))
    row = stored(said("Like", ORG))
    drain(NOW)
    assert (after(row).state, row.attempts, row.next_attempt) == ("waiting", 1, NOW + timedelta(seconds=30))
    assert drain(NOW + timedelta(seconds=29)) == 0


def test_a_server_that_does_not_answer_is_asked_once_however_much_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_likes(monkeypatch, failing(TimedOut("silence")))
    rows = [stored(said("Like", ORG, number=number)) for number in range(5)]
    assert drain(NOW) == 1
    assert {after(row).next_attempt for row in rows} == {NOW + timedelta(seconds=30)}
    assert [row.attempts for row in rows] == [1, 0, 0, 0, 0]


def test_one_activity_that_never_works_delays_its_senders_news_by_two_minutes_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handle_likes(monkeypatch, failing(TimedOut("silence")))
    bad = stored(said("Like", ORG))
    InboundActivity.objects.filter(pk=bad.pk).update(attempts=5)
    good = stored(said("Arrive", ORG, number=2))
    drain(NOW)
    assert after(bad).next_attempt > NOW + timedelta(hours=1)
    assert drain(NOW + timedelta(minutes=2)) == 1
    assert after(good).state == "ignored"


def test_a_trouble_that_does_not_pass_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_likes(monkeypatch, failing(TimedOut("silence")))
    row = stored(said("Like", ORG))
    InboundActivity.objects.update(attempts=MOST_ATTEMPTS - 1)
    drain(NOW)
    assert (after(row).state, row.reason) == ("failed", "given up after 8 attempts: silence")


def test_what_will_never_work_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_likes(monkeypatch, failing(BadAnswer("wrong type")))
    row = stored(said("Like", ORG))
    drain(NOW)
    assert (after(row).state, row.reason) == ("failed", "wrong type")


def test_a_mistake_of_ours_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_likes(monkeypatch, failing(KeyError("surprise")))
    row, other = stored(said("Like", ORG)), stored(said("Arrive", ORG, number=2, actor=BEN), signer=BEN)
    drain(NOW)
    assert (after(row).state, row.reason) == ("waiting", "KeyError: 'surprise'")
    assert after(other).state == "ignored"


def test_a_failed_handler_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(activity: ParsedActivity, now: datetime) -> Outcome:
        Peer.objects.create(origin="https://half.example")
        raise TimedOut("silence")

    handle_likes(monkeypatch, half)
    stored(said("Like", ORG))
    drain(NOW)
    assert not Peer.objects.filter(origin="https://half.example").exists()


def test_a_lost_database_leaves_the_activity_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_likes(monkeypatch, failing(OperationalError("gone away")))
    row = stored(said("Like", ORG))
    with pytest.raises(OperationalError):
        drain(NOW)
    assert (after(row).state, row.attempts) == ("waiting", 0)


def test_the_blocked_are_not_listened_to() -> None:
    ana()
    Peer.objects.update(blocked=True)
    row = stored(said("Create", ORG))
    drain(NOW)
    assert (after(row).state, row.reason) == ("ignored", "blocked")


def test_an_undo_waits_for_the_follow_that_it_takes_back() -> None:
    local_actor()
    ana()
    first = stored(said("Follow", ORG))
    stored(said("Undo", said("Follow", ORG), number=2))
    InboundActivity.objects.filter(pk=first.pk).update(next_attempt=NOW + timedelta(minutes=1))
    assert drain(NOW) == 0
    assert drain(NOW + timedelta(minutes=2)) == 2
    assert not Follower.objects.exists()


def test_what_rests_holds_up_no_other_news() -> None:
    first, second = stored(said("Like", ORG)), stored(said("Arrive", ORG, number=2))
    InboundActivity.objects.filter(pk=first.pk).update(next_attempt=NOW + timedelta(minutes=1))
    assert drain(NOW) == 1
    assert after(second).state == "ignored"


def test_what_was_handled_is_forgotten_after_thirty_days() -> None:
    old = NOW - timedelta(days=31)
    waiting = stored(said("Like", ORG), now=old)
    handled = stored(said("Like", ORG, number=2), now=old)
    recent = stored(said("Like", ORG, number=3))
    InboundActivity.objects.exclude(pk=waiting.pk).update(state="done")
    assert forget_old(NOW) == 1
    assert set(InboundActivity.objects.values_list("pk", flat=True)) == {waiting.pk, recent.pk}
    assert handled.pk not in InboundActivity.objects.values_list("pk", flat=True)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_and_keep_the_order_of_one_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, finish, order = Event(), Event(), []

    def slow(activity: ParsedActivity, now: datetime) -> Outcome:
        if activity.actor == ANA and not begun.is_set():
            begun.set()
            assert finish.wait(20)
        order.append((activity.actor, activity.uri))
        return done()

    handle_likes(monkeypatch, slow)
    stored(said("Like", ORG))
    stored(said("Like", ORG, number=2))
    stored(said("Like", ORG, actor=BEN), signer=BEN)

    def work() -> None:
        drain(NOW)
        connections.close_all()

    worker = Thread(target=work)
    worker.start()
    assert begun.wait(20)
    assert drain(NOW) == 1  # only Ben's: Ana's second waits for her first
    assert [actor for actor, _ in order] == [BEN]
    finish.set()
    worker.join(20)
    assert [uri for actor, uri in order if actor == ANA] == [said("Like", ORG, number=n)["id"] for n in (1, 2)]
