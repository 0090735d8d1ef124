"""Activities in the forms that peers send, and those that must not be believed."""

from typing import Any

import pytest

from federation.errors import BadInput
from federation.vocab.parse import parse_activity, peek, read_json
from tests.factories.documents import VECTORS, built_documents, peer
from tests.factories.publications import ACTOR

ADA = "https://a.example/users/ada"


def activity(**changed: Any) -> dict[str, Any]:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://a.example/activities/1",
        "type": "Like",
        "actor": ADA,
        "object": "https://hub.example/ap/objects/1",
    }
    return {name: value for name, value in (document | changed).items() if value is not ...}


@pytest.mark.parametrize(
    ("name", "kind", "subject"),
    [
        ("mastodon_undo_follow", "Undo", "https://mastodon.example/1ea8"),
        ("mastodon_delete_actor", "Delete", "https://mastodon.example/users/ada"),
        ("mastodon_create_note", "Create", "https://mastodon.example/users/ada/statuses/1"),
        ("mastodon_flag", "Flag", "https://hub.example/ap/actors/1"),
        ("pleroma_follow", "Follow", "https://hub.example/ap/actors/1"),
        ("lotide_follow", "Follow", "https://hub.example/ap/actors/1"),
        ("lemmy_announce_create", "Announce", "http://lemmy.example/activities/create/28"),
        ("mitra_create_signed", "Create", "https://mitra.example/objects/01"),
        ("takahe_create_note", "Create", "https://takahe.example/@bo@takahe.example/posts/1/"),
    ],
)
def test_activities_of_real_software_are_read(name: str, kind: str, subject: str) -> None:
    parsed = parse_activity(peer(name))
    assert (parsed.kind, parsed.object_uri) == (kind, subject)
    assert parsed.uri == peer(name)["id"]


def test_an_expanded_document_is_read_like_a_compact_one() -> None:
    parsed = parse_activity(read_json((VECTORS / "peers" / "expanded_create.json").read_bytes()))
    assert (parsed.uri, parsed.kind) == ("https://expanded.example/a/1", "Create")
    assert parsed.actor == "https://expanded.example/u/1"
    assert parsed.object is not None
    assert parsed.object["contentMap"] == {"nl": "<p>Hi</p>"}


@pytest.mark.parametrize(
    "name", ["create", "update", "delete", "follow", "accept", "reject", "undo_follow", "update_actor"]
)
def test_what_we_send_is_read(name: str) -> None:
    parsed = parse_activity(built_documents()[name])
    assert parsed.actor == ACTOR
    assert parsed.uri is not None


def test_an_embedded_actor_counts_by_its_id() -> None:
    assert parse_activity(activity(actor={"id": ADA, "type": "Person"})).actor == ADA


@pytest.mark.parametrize("given", [[ADA], [ADA, {"id": ADA}], [[ADA]]])
def test_the_same_actor_several_times_is_one(given: Any) -> None:
    assert parse_activity(activity(actor=given)).actor == ADA


@pytest.mark.parametrize(
    "given", [..., None, [], "", 5, {}, {"name": "Ada"}, "acct:ada@a.example", [ADA, "https://a.example/eve"]]
)
def test_none_or_several_actors_are_refused(given: Any) -> None:
    with pytest.raises(BadInput) as refused:
        parse_activity(activity(actor=given))
    assert refused.value.sentence == "The activity needs exactly one actor."


@pytest.mark.parametrize("given", [..., None, [], 5, {}])
def test_an_activity_without_type_is_refused(given: Any) -> None:
    with pytest.raises(BadInput, match="no type"):
        parse_activity(activity(type=given))


@pytest.mark.parametrize(
    "given", ["as:Like", "https://www.w3.org/ns/activitystreams#Like", ["x:Odd", "Like"], ["Like"]]
)
def test_a_type_in_any_spelling_is_its_short_name(given: Any) -> None:
    assert parse_activity(activity(type=given)).kind == "Like"


def test_an_unknown_type_is_named_as_it_is() -> None:
    assert parse_activity(activity(type="CacheFile")).kind == "CacheFile"


@pytest.mark.parametrize(
    "given", [..., None, 5, "https://b.example/1", "http://a.example/1", "https://a.example:8443/1", "x"]
)
def test_an_id_that_is_not_of_the_actors_host_is_dropped(given: Any) -> None:
    assert parse_activity(activity(id=given)).uri is None


def test_several_objects_give_the_first_and_none_embedded() -> None:
    parsed = parse_activity(activity(object=[{"id": "https://a.example/1"}, "https://a.example/2"]))
    assert parsed.object_uri == "https://a.example/1"
    assert parsed.object is None


def test_a_list_of_one_object_is_the_object() -> None:
    assert parse_activity(activity(object=[{"id": "https://a.example/1", "type": "Note"}])).object == {
        "id": "https://a.example/1",
        "type": "Note",
    }


def test_a_missing_object_is_none() -> None:
    parsed = parse_activity(activity(object=...))
    assert (parsed.object_uri, parsed.object) == (None, None)


def test_an_embedded_object_without_recipients_has_the_activitys() -> None:
    parsed = parse_activity(activity(to=["as:Public"], cc=[ADA], object={"id": "https://a.example/1"}))
    assert parsed.object == {"id": "https://a.example/1", "to": ["as:Public"], "cc": [ADA]}


def test_an_embedded_object_with_recipients_keeps_its_own() -> None:
    parsed = parse_activity(activity(to=["as:Public"], object={"id": "https://a.example/1", "to": [ADA]}))
    assert parsed.object == {"id": "https://a.example/1", "to": [ADA]}


def test_the_target_is_read() -> None:
    assert parse_activity(activity(target={"id": f"{ADA}/featured"})).target == f"{ADA}/featured"


def test_blind_recipients_are_nowhere() -> None:
    document = activity(bto=["https://a.example/s"], object={"id": "https://a.example/1", "bcc": ["x"], "as:bto": "y"})
    parsed = parse_activity(document)
    assert "bto" not in parsed.raw
    assert parsed.raw["object"] == {"id": "https://a.example/1"}
    assert parsed.object == {"id": "https://a.example/1"}


def test_the_rest_of_the_document_is_kept_as_it_came() -> None:
    document = peer("mitra_create_signed")
    assert parse_activity(document).raw == document


def test_a_document_without_context_is_read() -> None:
    assert parse_activity(activity(**{"@context": ...})).kind == "Like"


def test_a_poisoned_context_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_activity(activity(**{"@context": {"object": "as:actor"}}))


@pytest.mark.parametrize("spelling", ["as:actor", "https://www.w3.org/ns/activitystreams#actor"])
def test_an_actor_in_two_spellings_is_refused(spelling: str) -> None:
    with pytest.raises(BadInput, match="two spellings"):
        parse_activity(activity(**{spelling: "https://b.example/eve"}))


def test_a_glance_sees_type_actor_and_object() -> None:
    assert peek(peer("mastodon_delete_actor")) == ("Delete", *["https://mastodon.example/users/ada"] * 2)


@pytest.mark.parametrize("document", [{}, {"type": ["Delete"]}, {"type": 5, "actor": 5, "object": []}])
def test_a_glance_at_something_odd_sees_nothing(document: dict[str, Any]) -> None:
    assert peek(document) == (None, None, None)
