"""Servers that have long failed: who is probed, what an answer brings, and when the followers there are let go. The
servers are real ones on loopback; the clock is held by the test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from federation.conf import federation_settings
from federation.models import Delivery, Follower, InboundActivity, LocalActor, Peer, RemoteActor
from federation.outbox import silent_servers, speaking
from federation.outbox.silent_servers import probe
from federation.outbox.sweep import sweep
from tests.factories import loopback
from tests.factories.cms_people import make_admin
from tests.factories.delivery import Clock, Sink, follow_from, run, states
from tests.factories.fake_source import installed
from tests.factories.loopback import client_for
from tests.factories.outbox import NOW, organisation, publish

pytestmark = pytest.mark.django_db
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
NODEINFO = "/.well-known/nodeinfo"
INDEX = b'{"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "https://peer.example/2.0"}]}'


class Server(Sink):
    """Its NodeInfo index is answered with ``index``: a status and a body."""

    index: tuple[int, bytes] = (200, INDEX)

    def reply(self, seen: loopback.Seen) -> bytes:
        return loopback.answer(*self.index) if seen.target == NODEINFO else super().reply(seen)

    @property
    def probes(self) -> int:
        return sum(seen.target == NODEINFO for seen in self.seen)


@contextmanager
def _served(*index: Any) -> Iterator[Server]:
    made = Server()
    made.index = index or made.index
    with loopback.Peer(made.reply) as made.peer:
        yield made


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


@pytest.fixture
def alive(actor: LocalActor) -> Iterator[Server]:
    """With somebody who follows from there, and taken well a moment ago."""
    with _served() as server:
        follow_from(actor, server)
        _set(server, last_success=NOW)
        yield server


@pytest.fixture
def dead(actor: LocalActor) -> Iterator[Server]:
    """Has failed for 91 days."""
    with _served(503, b"") as server:
        follow_from(actor, server)
        _set(server, failing_since=NOW - 91 * DAY, holds=9, held_until=NOW + 9 * HOUR, hold_reason="Time-out")
        yield server


def _set(server: Server, **fields: Any) -> None:
    Peer.objects.filter(pk=server.url("")).update(**fields)


def _probe(now: datetime = NOW) -> int:
    with client_for() as client:
        return probe(now, seconds=20, client=client)


def _followers(server: Server) -> int:
    return Follower.objects.filter(remote__peer=server.url("")).count()


def test_a_server_that_answers_a_probe_is_sent_at_once_what_waits_there(actor: LocalActor, dead: Server) -> None:
    """Fails if the rest does not end, or if what waits is due only hours later."""
    publish()
    Delivery.objects.update(next_attempt=NOW + 9 * HOUR, attempts=5, first_attempt=NOW - DAY, attempted_at=NOW - DAY)
    dead.index = (200, INDEX)
    assert _probe() == 1
    assert (dead.row.failing_since, dead.row.holds, dead.row.held_until) == (None, 0, None)
    run(Clock(NOW))
    assert states() == ["accepted"]


def test_a_probe_is_one_unsigned_request(dead: Server) -> None:
    """Fails if the request is signed, or made twice."""
    _probe()
    (seen,) = dead.seen
    assert (seen.method, seen.target, "signature" in seen.headers) == ("GET", NODEINFO, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, INDEX),
        (500, INDEX),
        (200, b"<title>This domain is for sale</title>"),
        (200, b"{}"),
        (200, b'{"links": 1}'),
    ],
)
def test_any_other_answer_is_none(alive: Server, dead: Server, status: int, body: bytes) -> None:
    """Fails if any status or any body will do."""
    dead.index = (status, body)
    _probe()
    assert (dead.row.probes_failed, dead.row.failing_since, dead.row.holds) == (1, NOW - 91 * DAY, 9)


def test_a_server_that_takes_no_connection_has_not_answered(alive: Server, dead: Server) -> None:
    """Fails if an error of the connection ends the run."""
    dead.peer.__exit__()
    assert _probe() == 1
    assert dead.row.probes_failed == 1


@pytest.mark.parametrize(
    "fields",
    [{"failing_since": NOW - 6 * DAY}, {"failing_since": None}, {"blocked": True}, {"probed_at": NOW - 6 * DAY}],
)
def test_others_are_not_probed(alive: Server, dead: Server, fields: dict[str, Any]) -> None:
    """Fails if any of the conditions is left out."""
    _set(dead, **fields)
    assert (_probe(), dead.probes) == (0, 0)


def test_a_server_that_was_tried_within_hours_is_probed_later(alive: Server, dead: Server) -> None:
    """Fails if the probe does not look when the pump last tried."""
    publish()
    Delivery.objects.update(attempted_at=NOW)
    assert [_probe(NOW + 5 * HOUR), _probe(NOW + 7 * HOUR)] == [0, 1]


def test_a_server_where_nobody_follows_and_nothing_waits_is_left_alone(alive: Server, dead: Server) -> None:
    """Fails if every server that ever failed is probed for ever."""
    Follower.objects.filter(remote__peer=dead.url("")).delete()
    assert _probe() == 0


def test_nobody_is_probed_while_everything_rests(alive: Server, dead: Server) -> None:
    """Fails if the voice is not asked."""
    speaking.pause("a copy")
    assert (_probe(), dead.probes) == (0, 0)


def test_a_server_that_a_pump_has_now_is_left_to_the_pump(dead: Server) -> None:
    """Fails if the lease is not looked at: the pump would write its own figures over ours, or we over its."""
    dead.index = (200, INDEX)
    _set(dead, lease_until=NOW + HOUR)
    _probe()
    assert dead.row.holds == 9


def test_a_turn_that_is_over_asks_nobody(alive: Server, dead: Server) -> None:
    """Fails if the time is not looked at."""
    with client_for() as client:
        assert probe(NOW, seconds=-1, client=client) == 0


def test_followers_are_let_go_after_ninety_days_and_two_probes_a_week_apart(
    alive: Server, dead: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails if one probe is enough, or none."""
    caplog.set_level(logging.WARNING)
    _probe()
    assert (_followers(dead), _followers(alive)) == (1, 1)
    _set(alive, last_success=NOW + WEEK)
    _probe(NOW + WEEK)
    assert (_followers(dead), _followers(alive)) == (0, 1)
    assert (dead.row.let_go_count, dead.row.let_go_at) == (1, NOW + WEEK)
    (line,) = [record.getMessage() for record in caplog.records if "let go" in record.getMessage()]
    assert line.startswith(f"followers let go: 1 on {dead.row}, unreachable since 2025-11-30")


def test_a_server_that_dies_loses_its_followers_after_ninety_days_of_weekly_probes(
    actor: LocalActor, alive: Server
) -> None:
    """The whole way, hour by hour as the job runs, with the failure that the pump noted. Fails if ``failing_since``
    counts from the first probe, or if a run without a recent success does not ask who was well."""
    with _served(503, b"") as server:
        server.answers = [503]
        follow_from(actor, server)
        publish()
        run(Clock(NOW))
        let_go = next(day for day in range(120) if _probe(NOW + day * DAY) and not _followers(server))
        assert (let_go, server.probes) == (91, 13)
        assert _followers(alive) == 1


@pytest.mark.parametrize("fields", [{"failing_since": NOW - 80 * DAY}, {"probed_at": NOW - 30 * DAY}])
def test_a_shorter_failure_or_an_old_probe_lets_nobody_go(alive: Server, dead: Server, fields: dict[str, Any]) -> None:
    """Fails if either is left out."""
    _set(dead, **{"probes_failed": 5, "probed_at": NOW - WEEK} | fields)
    _probe()
    assert _followers(dead) == 1


def test_followers_at_a_server_that_still_sends_are_kept(alive: Server, dead: Server) -> None:
    """Not every server has NodeInfo. Fails if what came in is not looked at."""
    _set(dead, probes_failed=5, probed_at=NOW - WEEK)
    InboundActivity.objects.create(
        identity="1", signer=dead.url("/users/other"), kind="Like", document={}, received_at=NOW - 20 * DAY,
        next_attempt=NOW,
    )  # fmt: skip
    _probe()
    assert _followers(dead) == 1


def test_a_follower_whose_inbox_is_elsewhere_is_kept(alive: Server, dead: Server) -> None:
    """Fails if only the profile's server counts."""
    _set(dead, probes_failed=5, probed_at=NOW - WEEK)
    RemoteActor.objects.filter(peer=dead.url("")).update(shared_inbox="https://elsewhere.example/inbox")
    _probe()
    assert _followers(dead) == 1


def test_a_success_while_we_ask_keeps_the_followers(
    alive: Server, dead: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if the row is not looked at again."""
    _set(dead, probes_failed=5, probed_at=NOW - WEEK)
    ask = silent_servers._ask

    def asked(*given: Any) -> dict[str, bool]:
        _set(dead, failing_since=None, last_success=NOW)
        return ask(*given)

    monkeypatch.setattr(silent_servers, "_ask", asked)
    assert _probe() == 1
    assert _followers(dead) == 1


def test_two_workers_that_ask_together_count_once(alive: Server, dead: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if the row is taken as it was: two probes of one moment would be two in a row."""
    ask = silent_servers._ask

    def asked(*given: Any) -> dict[str, bool]:
        monkeypatch.setattr(silent_servers, "_ask", ask)
        _probe()
        return ask(*given)

    monkeypatch.setattr(silent_servers, "_ask", asked)
    _probe()
    assert (dead.probes, dead.row.probes_failed) == (2, 1)


def test_nobody_is_let_go_while_our_own_network_is_down_nor_by_the_first_probe_after(
    alive: Server, dead: Server
) -> None:
    """Fails if a run that reaches nobody counts, or if what failed before is remembered after it."""
    _set(dead, probes_failed=5, probed_at=NOW - WEEK)
    _set(alive, failing_since=NOW - 91 * DAY, last_success=NOW - 92 * DAY)
    alive.index = (503, b"")
    assert _probe() == 2
    assert (_followers(dead), _followers(alive)) == (1, 1)
    alive.index = (200, INDEX)
    _probe(NOW + WEEK)
    assert (_followers(dead), _followers(alive)) == (1, 1)
    _probe(NOW + 2 * WEEK)
    assert (_followers(dead), _followers(alive)) == (0, 1)


@pytest.mark.parametrize(("index", "kept"), [((200, INDEX), 0), ((503, b""), 1)])
def test_where_nothing_was_sent_for_a_week_a_server_that_was_well_shows_how_we_are(
    alive: Server, dead: Server, index: Any, kept: int
) -> None:
    """Fails if no witness is asked, or if its word does not matter."""
    _set(dead, probes_failed=5, probed_at=NOW - WEEK)
    _set(alive, last_success=NOW - 8 * DAY)
    alive.index = index
    assert _probe() == 2
    assert _followers(dead) == kept


def test_we_are_no_witness_ourselves(actor: LocalActor, dead: Server) -> None:
    """Fails if our own server is asked, which answers although our line is down."""
    Peer.objects.create(origin=federation_settings().ORIGIN, last_success=NOW - 8 * DAY)
    assert _probe() == 1


def _given_up(dead: Server) -> None:
    _set(dead, let_go_count=12, let_go_at=NOW, failing_since=NOW - 91 * DAY)


def test_the_sweep_reports_for_a_month_whose_followers_were_let_go(dead: Server) -> None:
    """Fails if nothing is reported, or for ever."""
    _given_up(dead)
    assert sweep(NOW + 29 * DAY).let_go == [f"{dead.row} 12 (unreachable since 2025-11-30)"]
    assert sweep(NOW + 31 * DAY).let_go == []


def test_the_command_says_in_words_who_was_let_go(
    dead: Server, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    """Fails without the sentence."""
    _given_up(dead)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + DAY)
    call_command("sweep")
    assert f"Followers let go within the last month: {dead.row} 12 (unreachable" in capsys.readouterr().out


def test_the_list_and_the_page_of_a_server_say_who_was_let_go(dead: Server, client: Any) -> None:
    """Fails if either shows no number."""
    _given_up(dead)
    client.force_login(make_admin())
    pages = [reverse("servers:index"), reverse("servers:inspect", args=[dead.row.pk.replace("/", "_2F")])]
    for page in pages:
        assert "12 (unreachable since 2025-11-30)" in client.get(page, headers={"host": "hub.example"}).content.decode()


def test_a_server_that_came_back_is_no_longer_called_unreachable(dead: Server) -> None:
    """Fails if the date is made of nothing."""
    _given_up(dead)
    _set(dead, failing_since=None)
    assert dead.row.followers_let_go == "12 (it answers again)"
