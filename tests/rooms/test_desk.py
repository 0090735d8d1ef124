"""What an editor is told before and after something is done: from the same ledger, by the same table."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from federation.actors.document import addresses_of
from federation.contract import Boosting, Change, Consequence, Deliveries, Desk, Form, NullDesk, Progress, Remark
from federation.desk import FederationDesk
from federation.models import Delivery, LedgerEntry, LocalActor, Peer, PublishedObject
from federation.outbox import consequence as rooms_consequence
from federation.outbox.consequence import audience_of, count_servers
from tests.factories.fake_source import FakeSource, installed
from tests.factories.outbox import KEY, NOW, ORG, follow, hide, organisation, publish, waiting
from tests.factories.publications import make_publication, make_publisher

pytestmark = pytest.mark.django_db
OTHER = "organisation:other"


@pytest.fixture
def desk() -> Desk:
    return FederationDesk()


@pytest.fixture
def actor(settings) -> LocalActor:
    """Somebody with three followers on two servers."""
    installed(settings)
    made = organisation()
    for name in ("a", "b"):
        follow(made, f"https://peer.example/users/{name}", shared_inbox="https://peer.example/inbox")
    follow(made, "https://other.example/users/c")
    return made


def _piece(**given: Any) -> Any:
    return make_publication(**{"key": KEY, "publisher": ORG} | given)


def test_a_page_that_was_never_shared_becomes_a_post_for_all_followers(desk: Desk, actor: LocalActor) -> None:
    assert desk.consequence(KEY, _piece()) == Consequence(Change.CREATE, followers=3, servers=2, never_shared=True)


def test_a_page_that_is_not_even_saved_has_a_consequence(desk: Desk, actor: LocalActor) -> None:
    assert desk.consequence("page:None", _piece(key="page:None")).change is Change.CREATE


def test_what_is_neither_shared_nor_to_be_shared_changes_nothing(desk: Desk, actor: LocalActor) -> None:
    assert desk.consequence(KEY, None) == Consequence(Change.NOTHING)


def test_an_edit_that_readers_would_not_see_sends_nothing(desk: Desk, actor: LocalActor) -> None:
    publish()
    assert desk.consequence(KEY, _piece()).change is Change.NOTHING


def test_a_change_reaches_whoever_has_it(desk: Desk, actor: LocalActor) -> None:
    publish()
    actor.followers.filter(remote__peer="https://other.example").delete()
    found = desk.consequence(KEY, _piece(title="Corrected"))
    assert found == Consequence(Change.UPDATE, followers=2, servers=1, reached=2, never_shared=False)


def test_not_to_share_it_any_more_takes_it_back(desk: Desk, actor: LocalActor) -> None:
    publish()
    found = desk.consequence(KEY, None)
    assert (found.change, found.reached) == (Change.WITHDRAW, 2)


def test_under_another_organisation_it_is_taken_back_and_posted_anew(desk: Desk, actor: LocalActor) -> None:
    publish()
    organisation(OTHER, "other")
    found = desk.consequence(KEY, _piece(publisher=OTHER))
    assert (found.change, found.followers, found.reached) == (Change.REPLACE, 0, 2)


def test_sharing_again_makes_a_new_post(desk: Desk, actor: LocalActor) -> None:
    publish()
    hide()
    assert desk.consequence(KEY, _piece()) == Consequence(Change.CREATE, followers=3, servers=2, never_shared=False)


def test_a_change_that_would_wait_for_a_person_says_so_and_a_removal_never_does(
    desk: Desk, actor: LocalActor, settings
) -> None:
    publish(now=timezone.now())
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 1}
    assert desk.consequence(KEY, _piece(title="Corrected")).waits_for_approval
    assert not desk.consequence(KEY, None).waits_for_approval
    assert not desk.consequence(KEY, _piece()).waits_for_approval


def test_what_it_says_is_what_happens(desk: Desk, actor: LocalActor) -> None:
    """Fails if the desk decides by a table of its own."""
    steps = [{}, {"title": "Corrected"}, {"title": "Corrected"}, None, {"title": "Back"}]
    said = []
    for fields in steps:
        before = set(PublishedObject.objects.values_list("pk", flat=True))
        promised = desk.consequence(KEY, None if fields is None else _piece(**fields)).change
        count = Delivery.objects.count()
        hide() if fields is None else publish(**fields)
        is_new = bool(set(PublishedObject.objects.values_list("pk", flat=True)) - before)
        said.append((promised, is_new, Delivery.objects.count() > count))
    assert said == [
        (Change.CREATE, True, True),
        (Change.UPDATE, False, True),
        (Change.NOTHING, False, False),
        (Change.WITHDRAW, False, True),
        (Change.CREATE, True, True),
    ]


def test_the_queries_do_not_grow_with_the_followers(desk: Desk, actor: LocalActor) -> None:
    publish()
    with CaptureQueriesContext(connection) as few:
        desk.consequence(KEY, _piece(title="Corrected"))
    for number in range(30):
        follow(actor, f"https://peer{number}.example/users/x")
    with CaptureQueriesContext(connection) as many:
        desk.consequence(KEY, _piece(title="Corrected"))
    assert len(many) == len(few)


def test_of_very_many_followers_a_job_counts_the_servers(actor: LocalActor, monkeypatch: Any) -> None:
    """Fails if the editor's request counts them itself."""
    monkeypatch.setattr(rooms_consequence, "COUNTED_AT_ONCE", 2)
    assert audience_of(ORG) == (3, 2)
    count_servers()
    follow(actor, "https://third.example/users/d")
    assert audience_of(ORG) == (4, 2)
    count_servers()
    assert audience_of(ORG) == (4, 3)


def test_the_preview_is_the_document_that_goes_out(desk: Desk, actor: LocalActor) -> None:
    """But for the id and the date, which come with the first telling."""
    before = desk.preview(_piece(), FakeSource.publishers[ORG])
    publish(now=timezone.now())
    told = json.loads(bytes(PublishedObject.objects.get().document))
    given = {"id", "published", "preview", "proof"}
    assert {name: value for name, value in told.items() if name not in given} == {
        name: value for name, value in before.document.items() if name not in given
    }
    assert (before.timeline.handle, before.reader.title) == ("@partner@hub.example", 'Wells & "rights"')
    assert Remark.SUMMARY_IS_WARNING in before.warning.remarks


def test_the_preview_of_what_is_out_has_its_id_and_says_that_it_changes(desk: Desk, actor: LocalActor) -> None:
    publish()
    told = PublishedObject.objects.get()
    document = desk.preview(_piece(title="Corrected"), FakeSource.publishers[ORG]).document
    assert (document["id"], document["published"]) == (told.uri, "2026-03-01T12:00:00Z")
    assert "updated" in document
    assert "updated" not in desk.preview(_piece(), FakeSource.publishers[ORG]).document


def test_a_preview_stores_nothing_and_makes_no_profile(desk: Desk, settings) -> None:
    installed(settings)
    publisher = make_publisher(key=OTHER, handle="fresh")
    found = desk.preview(_piece(publisher=OTHER, form=Form.NOTE), publisher)
    assert (found.timeline.handle, found.document["type"]) == ("@fresh@hub.example", "Note")
    assert not LocalActor.objects.filter(key=OTHER).exists()
    assert not LedgerEntry.objects.exists()


def test_a_profile_speaks_under_the_handle_that_it_has(desk: Desk, actor: LocalActor) -> None:
    found = desk.preview(_piece(), make_publisher(key=ORG, handle="wanted"))
    assert found.timeline.handle == "@partner@hub.example"
    assert found.document["cc"] == [addresses_of(actor).followers]


def _answer(inbox: str, **fields: Any) -> None:
    Delivery.objects.filter(inbox=inbox, state="waiting").update(attempts=1, attempted_at=NOW, **fields)


def test_each_server_is_listed_with_what_it_said_the_worst_off_first(desk: Desk, actor: LocalActor) -> None:
    publish()
    _answer("https://other.example/users/c/inbox", state="refused", status=422, error="422: no thanks", done_at=NOW)
    Peer.objects.filter(pk="https://peer.example").update(held_until=NOW + timedelta(hours=2), hold_reason="503")
    found = desk.deliveries(KEY)
    refused, held = found.rows
    assert (refused.origin, refused.progress) == ("https://other.example", Progress.REFUSED)
    assert (refused.status, refused.words, refused.attempts, refused.at) == (422, "422: no thanks", 1, NOW)
    assert (refused.what, refused.next_attempt) == ("new post", None)
    assert (held.origin, held.progress, held.words) == ("https://peer.example", Progress.WAITING, "503")
    assert held.next_attempt == NOW + timedelta(hours=2)
    assert (found.accepted, found.waiting, found.refused, found.given_up) == (0, 1, 1, 0)


def test_only_the_newest_counts(desk: Desk, actor: LocalActor) -> None:
    """Fails if an old refusal is shown although a later change arrived."""
    publish()
    waiting().update(state="refused", done_at=NOW)
    publish(title="Corrected")
    waiting().update(state="accepted", done_at=NOW)
    found = desk.deliveries(KEY)
    assert {(row.progress, row.what) for row in found.rows} == {(Progress.ACCEPTED, "change")}
    assert (found.accepted, found.refused) == (2, 0)


def test_a_server_with_many_inboxes_is_one_row_as_bad_as_the_worst_of_them(desk: Desk, settings) -> None:
    installed(settings)
    made = organisation()
    for name in ("a", "b", "c"):
        follow(made, f"https://gts.example/users/{name}")
    publish()
    _answer("https://gts.example/users/b/inbox", state="expired", done_at=NOW, error="time-out")
    _answer("https://gts.example/users/a/inbox", state="accepted", done_at=NOW)
    found = desk.deliveries(KEY)
    assert [(row.progress, row.words, row.inboxes) for row in found.rows] == [(Progress.GIVEN_UP, "time-out", 3)]
    assert found.given_up == 1


def test_a_part_of_a_long_list_comes_with_the_numbers_of_all(desk: Desk, actor: LocalActor) -> None:
    publish()
    found = desk.deliveries(KEY, skip=1, most=1)
    assert ([row.origin for row in found.rows], found.waiting) == (["https://peer.example"], 2)
    beyond = desk.deliveries(KEY, skip=2)
    assert (beyond.rows, beyond.waiting) == ((), 2)


def test_what_was_taken_back_says_how_far_that_got(desk: Desk, actor: LocalActor) -> None:
    publish()
    waiting().update(state="accepted", first_attempt=NOW, done_at=NOW)
    hide()
    assert {(row.progress, row.what) for row in desk.deliveries(KEY).rows} == {(Progress.WAITING, "removal")}


def test_what_was_never_shared_is_on_its_way_to_nobody(desk: Desk, actor: LocalActor) -> None:
    assert desk.deliveries(KEY) == Deliveries()


def _refuse_all() -> None:
    waiting().update(state="refused", attempts=1, first_attempt=NOW, done_at=NOW)


def _waiting_at() -> list[tuple[str, str]]:
    return sorted(waiting().values_list("activity__lane", "peer_id"))


def test_one_page_is_sent_again_to_all_servers(desk: Desk, actor: LocalActor) -> None:
    """Fails if other pages go along."""
    publish()
    publish(key="page:8")
    _refuse_all()
    assert desk.send_again(KEY) == 2
    assert _waiting_at() == [(KEY, "https://other.example"), (KEY, "https://peer.example")]


def test_one_page_is_sent_again_to_one_server(desk: Desk, actor: LocalActor) -> None:
    publish()
    _refuse_all()
    assert desk.send_again(KEY, "https://other.example") == 1
    assert _waiting_at() == [(KEY, "https://other.example")]


def test_what_a_later_change_has_overtaken_is_not_sent_again(desk: Desk, actor: LocalActor) -> None:
    publish()
    _refuse_all()
    publish(title="Corrected")
    waiting().update(state="accepted", first_attempt=NOW, done_at=NOW)
    assert desk.send_again(KEY) == 0


def test_the_desk_asks_for_a_boost(desk: Desk, actor: LocalActor) -> None:
    publish()
    assert desk.boost(KEY) is Boosting.ASKED
    assert desk.boost("page:99") is Boosting.NOT_SHARED


def test_without_federation_every_answer_is_an_empty_one() -> None:
    desk: Desk = NullDesk()
    with desk.keep_quiet(KEY):
        pass
    assert desk.consequence(KEY, _piece()) == Consequence(Change.NOTHING)
    assert desk.deliveries(KEY) == Deliveries()
    assert (desk.send_again(KEY), desk.boost(KEY)) == (0, Boosting.NOT_SHARED)
