"""The first look at a POST, before anybody is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from federation.errors import BadInput, TooLarge, WrongMediaType
from federation.inbox.envelope import MAX_ACTOR_BYTES, Envelope, read_envelope
from tests.factories.inbound import ANA, BEN, said

ACTIVITY = "application/activity+json"


def read(document: Any, content_type: str = ACTIVITY, limit: int = 1_048_576) -> Envelope:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_envelope(body, content_type, limit)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/activity+json",
        'application/activity+json; charset="UTF-8"',
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        "application/ld+json",
        "Application/JSON",
    ],
)
def test_every_usual_content_type_is_taken(content_type: str) -> None:
    assert read(said("Follow", BEN), content_type).kind == "Follow"


@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain", "application/x-www-form-urlencoded", ";"])
def test_other_content_types_are_refused(content_type: str) -> None:
    with pytest.raises(WrongMediaType) as refused:
        read(said("Follow", BEN), content_type)
    assert refused.value.status == 415


def test_another_encoding_is_refused() -> None:
    with pytest.raises(WrongMediaType):
        read(said("Follow", BEN), "application/activity+json; charset=utf-16")


def test_the_content_type_is_judged_before_the_body() -> None:
    with pytest.raises(WrongMediaType):
        read(b"not json", "text/html")


def test_a_body_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge) as refused:
        read(said("Follow", BEN), limit=10)
    assert refused.value.status == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"\xff", b"[" * 100_000, b'{"id": NaN}', b'{"type":1,"type":2}'])
def test_a_body_that_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        read(body)
    assert refused.value.status == 400


def test_an_activity_without_an_actor_is_refused() -> None:
    with pytest.raises(BadInput):
        read({"type": "Like", "object": BEN})


def test_an_actor_that_no_index_can_hold_is_refused() -> None:
    with pytest.raises(BadInput):
        read(said("Follow", BEN) | {"actor": f"https://peer.example/{'a' * MAX_ACTOR_BYTES}"})


def test_the_actor_is_found_in_full_json_ld_too() -> None:
    document = {
        "@type": "https://www.w3.org/ns/activitystreams#Delete",
        "https://www.w3.org/ns/activitystreams#actor": {"@id": ANA},
        "https://www.w3.org/ns/activitystreams#object": {"@id": ANA},
    }
    envelope = read(document)
    assert (envelope.actor, envelope.is_about_its_actor) == (ANA, True)


@pytest.mark.parametrize("subject", [ANA, {"id": ANA, "type": "Tombstone"}])
@pytest.mark.parametrize("kind", ["Delete", "Update"])
def test_news_of_the_actor_itself_is_recognised(kind: str, subject: Any) -> None:
    assert read(said(kind, subject)).is_about_its_actor


@pytest.mark.parametrize(("kind", "subject"), [("Delete", BEN), ("Like", ANA), ("Create", ANA), ("Delete", None)])
def test_other_news_is_not_taken_for_it(kind: str, subject: Any) -> None:
    assert not read(said(kind, subject)).is_about_its_actor
