"""Activities: what surrounds a document, and what is left of it inside."""

import json
from datetime import UTC, datetime

import pytest

from federation.contract import Audience
from federation.vocab import build
from federation.vocab.terms import CONTEXT, PUBLIC
from tests.factories.documents import PEER_FOLLOW, make_actor, make_object
from tests.factories.publications import ACTIVITY, ACTOR, CHANGED, FOLLOWERS, OBJECT

PROOF = {"type": "DataIntegrityProof", "proofValue": "z1"}


def test_activity_and_object_are_addressed_alike() -> None:
    create = build.build_create(ACTIVITY, ACTOR, make_object())
    assert (create["to"], create["cc"]) == (create["object"]["to"], create["object"]["cc"]) == ([PUBLIC], [FOLLOWERS])


def test_what_is_said_of_something_quiet_is_as_quiet() -> None:
    """Or a server would read another visibility from the activity (OU-01), or the removal would be louder than the
    post. Fails if ``build_delete`` addresses everybody."""
    quiet = make_object(updated=CHANGED, audience=Audience.QUIET)
    said = [
        build.build_create(ACTIVITY, ACTOR, quiet),
        build.build_update(ACTIVITY, ACTOR, quiet),
        build.build_delete(ACTIVITY, ACTOR, quiet, CHANGED),
    ]
    assert [(activity["to"], activity["cc"]) for activity in said] == [([FOLLOWERS], [PUBLIC])] * 3


def test_what_is_embedded_has_no_context_and_no_proof() -> None:
    create = build.build_create(ACTIVITY, ACTOR, make_object() | {"proof": PROOF})
    assert not {"@context", "proof"} & create["object"].keys()
    assert create["@context"] == CONTEXT


def test_building_an_activity_leaves_the_object_as_it_was() -> None:
    document = make_object() | {"proof": PROOF}
    build.build_create(ACTIVITY, ACTOR, document)
    assert {"@context", "proof"} <= document.keys()


def test_an_update_is_as_new_as_its_object() -> None:
    update = build.build_update(ACTIVITY, ACTOR, make_object(updated=CHANGED))
    assert update["published"] == update["object"]["updated"] == "2026-03-02T09:00:00Z"


def test_an_update_of_what_never_changed_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="updated"):
        build.build_update(ACTIVITY, ACTOR, make_object())


def test_a_delete_says_what_it_was_and_when_it_went() -> None:
    delete = build.build_delete(ACTIVITY, ACTOR, make_object(), CHANGED)
    assert delete["object"] == {
        "id": OBJECT,
        "type": "Tombstone",
        "formerType": "Article",
        "deleted": "2026-03-02T09:00:00Z",
    }
    assert (delete["to"], delete["cc"]) == ([PUBLIC], [FOLLOWERS])


def test_a_tombstone_of_its_own_has_a_context() -> None:
    assert build.build_tombstone(OBJECT, "Note", CHANGED)["@context"] == CONTEXT


@pytest.mark.parametrize(("answer", "kind"), [(build.build_accept, "Accept"), (build.build_reject, "Reject")])
def test_an_answer_embeds_the_follow_with_its_own_id_and_only_addresses(answer: object, kind: str) -> None:
    assert callable(answer)
    document = answer(ACTIVITY, ACTOR, PEER_FOLLOW, "https://peer.example/users/ada")
    assert document["type"] == kind
    assert document["to"] == ["https://peer.example/users/ada"]
    assert document["object"] == {
        "id": "https://peer.example/follows/1",
        "type": "Follow",
        "actor": "https://peer.example/users/ada",
        "object": ACTOR,
    }


def test_an_answer_to_a_follow_without_id_has_none_either() -> None:
    follow = {"type": "Follow", "actor": "https://peer.example/users/ada", "object": ACTOR}
    assert "id" not in build.build_accept(ACTIVITY, ACTOR, follow, "https://peer.example/users/ada")["object"]


def test_an_answer_finds_the_follow_in_any_spelling() -> None:
    follow = {"@id": "https://peer.example/f/1", "as:actor": [{"@id": "https://peer.example/u"}], "object": [ACTOR]}
    document = build.build_accept(ACTIVITY, ACTOR, follow, "https://peer.example/u")["object"]
    assert (document["id"], document["actor"], document["object"]) == (
        "https://peer.example/f/1",
        "https://peer.example/u",
        ACTOR,
    )


def test_an_undo_embeds_the_whole_activity() -> None:
    # GoToSocial ignores an Undo that only names it.
    follow = build.build_follow(ACTIVITY, ACTOR, "https://peer.example/users/ada")
    undo = build.build_undo(f"{ACTIVITY}-2", ACTOR, follow)
    assert undo["object"]["id"] == ACTIVITY
    assert undo["object"]["object"] == "https://peer.example/users/ada"
    assert undo["to"] == ["https://peer.example/users/ada"]


def test_a_changed_profile_goes_to_everybody_with_the_whole_actor() -> None:
    update = build.build_update_actor(ACTIVITY, ACTOR, make_actor(), FOLLOWERS)
    assert update["object"]["publicKey"]["owner"] == ACTOR
    assert (update["to"], update["cc"]) == ([PUBLIC], [FOLLOWERS])


def test_bytes_are_compact_utf8_in_the_given_order() -> None:
    assert build.to_bytes({"b": "é", "a": [1, True]}) == b'{"b":"\xc3\xa9","a":[1,true]}'


def test_bytes_read_back_are_the_document() -> None:
    create = build.build_create(ACTIVITY, ACTOR, make_object())
    assert json.loads(build.to_bytes(create)) == create


def test_what_is_no_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        build.to_bytes({"a": float("nan")})


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (build.build_create(ACTIVITY, ACTOR, make_object()) for _ in range(2))
    assert build.to_bytes(first) == build.to_bytes(second)


def test_a_time_without_zone_cannot_slip_in_as_another_one() -> None:
    deleted = datetime(2026, 1, 1, tzinfo=UTC)
    assert build.build_tombstone(OBJECT, "Note", deleted)["deleted"] == "2026-01-01T00:00:00Z"
