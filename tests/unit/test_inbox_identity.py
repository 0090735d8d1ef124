"""Which activity is this? The name under which it counts as seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.inbox.authenticate import Verified
from federation.inbox.dispatch import MOST_ATTEMPTS, pause
from federation.inbox.replay import identity
from federation.vocab.parse import parse_activity
from tests.factories.inbound import ANA, BEN, said


def named(document: dict[str, Any], occasion: str = "once") -> str:
    return identity(parse_activity(document), occasion)


def test_an_id_on_the_actors_host_is_the_name() -> None:
    assert named(said("Like", BEN)) == "https://peer.example/activities/1"


def test_an_id_on_another_host_is_no_name() -> None:
    document = said("Like", BEN) | {"id": "https://victim.example/activities/1"}
    assert named(document).startswith("sha256:")


def test_without_an_id_of_its_own_the_facts_are_the_name() -> None:
    first, second = said("Like", BEN), said("Like", BEN)
    first["id"], second["id"] = "https://victim.example/1", "https://victim.example/2"
    assert named(first) == named(second)


@pytest.mark.parametrize("changed", [{"object": ANA}, {"type": "Dislike"}, {"published": "2026-11-20T00:00:00Z"}])
def test_other_facts_are_another_name(changed: dict[str, Any]) -> None:
    document = {name: value for name, value in said("Like", BEN).items() if name != "id"}
    assert named(document) != named(document | changed)


def test_a_name_too_long_for_an_index_is_shortened() -> None:
    assert len(named(said("Like", BEN) | {"id": f"https://peer.example/{'a' * 2000}"})) < 100


@pytest.mark.parametrize("kind", ["Follow", "Undo"])
def test_a_follow_that_is_signed_anew_is_news_under_the_same_id(kind: str) -> None:
    assert named(said(kind, BEN), "monday") != named(said(kind, BEN), "tuesday")


@pytest.mark.parametrize("kind", ["Follow", "Undo"])
def test_the_same_signed_request_is_no_news(kind: str) -> None:
    assert named(said(kind, BEN), "monday") == named(said(kind, BEN), "monday")


def test_a_follow_that_only_a_proof_vouches_for_counts_once() -> None:
    assert named(said("Follow", BEN), "") == "https://peer.example/activities/1"


def test_other_activities_count_once_however_often_they_are_signed() -> None:
    assert named(said("Like", BEN), "monday") == named(said("Like", BEN), "tuesday")


def test_nobody_else_can_say_that_something_is_verified() -> None:
    with pytest.raises(TypeError):
        Verified(said("Like", BEN), ANA, "", False, object())


def test_the_pauses_grow_to_more_than_a_day() -> None:
    pauses = [pause(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8)]
    assert pauses[-1] > timedelta(days=1)
