"""What is said, from what was told and what is true now: the whole table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from federation.contract import Audience, Form, Quotes, Replies, Showing, Topic
from federation.outbox.decide import Now, State, Step, Told, Traffic, decide, fingerprint, held_back, observed
from tests.factories.publications import make_file, make_picture, make_publication

ORG, OTHER = "organisation:one", "organisation:two"
SAME, CHANGED = Now(ORG, "print"), Now(ORG, "another print")
MOVED, MOVED_AND_CHANGED = Now(OTHER, "print"), Now(OTHER, "another print")
NEVER = Told()
LIVE = Told(State.LIVE, ORG, "print")
QUIET = Told(State.LIVE, ORG, "print", "another print")
WITHDRAWN = Told(State.WITHDRAWN, ORG, "print")


@pytest.mark.parametrize(
    ("told", "now", "steps"),
    [
        (NEVER, None, ()),
        (NEVER, SAME, (Step.CREATE,)),
        (NEVER, CHANGED, (Step.CREATE,)),
        (NEVER, MOVED, (Step.CREATE,)),
        (LIVE, None, (Step.DELETE,)),
        (LIVE, SAME, ()),
        (LIVE, CHANGED, (Step.UPDATE,)),
        (LIVE, MOVED, (Step.DELETE, Step.CREATE)),
        (LIVE, MOVED_AND_CHANGED, (Step.DELETE, Step.CREATE)),
        (QUIET, SAME, ()),
        (QUIET, CHANGED, ()),
        (QUIET, Now(ORG, "a third"), (Step.UPDATE,)),
        (QUIET, MOVED_AND_CHANGED, (Step.DELETE, Step.CREATE)),
        (QUIET, None, (Step.DELETE,)),
        (WITHDRAWN, None, ()),
        (WITHDRAWN, SAME, (Step.CREATE,)),
        (WITHDRAWN, CHANGED, (Step.CREATE,)),
        (WITHDRAWN, MOVED, (Step.CREATE,)),
    ],
)
def test_the_table(told: Told, now: Now | None, steps: tuple[Step, ...]) -> None:
    assert decide(told, now) == steps


@pytest.mark.parametrize(
    ("told", "now", "steps"),
    [
        (NEVER, SAME, (Step.CREATE,)),
        (LIVE, None, (Step.DELETE,)),
        (LIVE, SAME, (Step.BOOST,)),
        (LIVE, CHANGED, (Step.UPDATE, Step.BOOST)),
        (QUIET, CHANGED, (Step.BOOST,)),
        (LIVE, MOVED, (Step.DELETE, Step.CREATE)),
        (WITHDRAWN, SAME, (Step.CREATE,)),
    ],
)
def test_only_what_stays_out_is_boosted(told: Told, now: Now | None, steps: tuple[Step, ...]) -> None:
    assert decide(told, now, boost=True) == steps


@pytest.mark.parametrize(
    ("traffic", "waiting"),
    [
        (Traffic(sent=49, limit=50), ()),
        (Traffic(sent=50, limit=50), (Step.CREATE,)),
        (Traffic(sent=0, limit=50, waiting=True), (Step.CREATE,)),
        (Traffic(sent=50, limit=50, waiting=True, approved=True), ()),
        (Traffic(sent=0, limit=0), (Step.CREATE,)),
        (Traffic(sent=0, limit=50, sent_by_all=249), ()),
        (Traffic(sent=0, limit=50, sent_by_all=250), (Step.CREATE,)),
    ],
)
def test_after_so_many_in_an_hour_news_waits_until_a_person_lets_it_go(traffic: Traffic, waiting: tuple) -> None:
    assert held_back((Step.CREATE,), traffic) == waiting


def test_a_withdrawal_never_waits() -> None:
    assert held_back((Step.DELETE, Step.CREATE), Traffic(sent=99, limit=50)) == (Step.CREATE,)


def test_what_is_observed_names_publisher_and_fingerprint() -> None:
    publication = make_publication()
    assert observed(publication) == Now(publication.publisher, fingerprint(publication))
    assert observed(None) is None


def test_equal_publications_have_equal_fingerprints() -> None:
    assert fingerprint(make_publication()) == fingerprint(make_publication())


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"summary": "Other"},
        {"content": "<p>Other</p>"},
        {"language": "sr"},
        {"url": "https://hub.example/elsewhere/"},
        {"form": Form.NOTE},
        {"showing": Showing.PHOTOS},
        {"byline": ""},
        {"pictures": ()},
        {"pictures": (make_picture(alt="Better words"),)},
        {"files": (make_file(size=1),)},
        {"topics": (Topic("water", "https://hub.example/topics/water/"),)},
        {"dated": datetime(2025, 7, 1, tzinfo=UTC)},
        {"content_note": "Violence"},
        {"quotes": Quotes.NOBODY},
        {"replies": Replies.NOBODY},
        {"audience": Audience.QUIET},
    ],
)
def test_whatever_a_reader_may_notice_changes_the_fingerprint(change: dict[str, object]) -> None:
    assert fingerprint(make_publication(**change)) != fingerprint(make_publication())


def test_the_address_of_a_rendition_is_no_news() -> None:
    elsewhere = make_publication(pictures=(make_picture(url="https://hub.example/media/images/well.width-900.jpg"),))
    assert fingerprint(elsewhere) == fingerprint(make_publication())


def test_the_zone_in_which_a_date_is_written_is_no_news() -> None:
    publication = make_publication()
    elsewhere = replace(publication, dated=publication.dated.astimezone(timezone(timedelta(hours=2))))
    assert fingerprint(elsewhere) == fingerprint(publication)


def test_a_field_with_its_default_does_not_count_so_that_a_new_one_changes_no_fingerprint() -> None:
    """The value is written down: if it changes, every publication of every site is sent again."""
    plain = make_publication(pictures=(), files=(), topics=(), byline="")
    assert fingerprint(plain) == "cbcb34d3fba65b37b0f0e5433c1f16f017d9e08bf2091cadaba78ea39eb4659c"
    said = replace(plain, content_note="", quotes=Quotes.ANYBODY, replies=Replies.ANYBODY, audience=Audience.PUBLIC)
    assert fingerprint(said) == fingerprint(plain)


def test_text_with_a_lone_surrogate_has_a_fingerprint() -> None:
    assert len(fingerprint(make_publication(title="\ud800"))) == 64
