"""Key documents in each shape that peers serve (SV-06)."""

from typing import Any

import pytest

from federation.errors import BadInput
from federation.vocab.parse import parse_key_document
from tests.factories.documents import make_actor, peer
from tests.factories.publications import ACTOR

ADA = "https://a.example/users/ada"
KEY = f"{ADA}/key"


def bare(**changed: Any) -> dict[str, Any]:
    document = {"@context": "https://w3id.org/security/v1", "id": KEY, "owner": ADA, "publicKeyPem": "PEM"}
    return {name: value for name, value in (document | changed).items() if value is not ...}


def test_a_key_is_found_in_its_actors_document() -> None:
    key = parse_key_document(peer("mastodon_person"), "https://mastodon.example/users/ada#main-key")
    assert key.owner == "https://mastodon.example/users/ada"
    assert key.pem is not None
    assert key.pem.startswith("-----BEGIN PUBLIC KEY-----")


def test_a_key_is_found_in_gotosocials_stub_which_has_no_inbox() -> None:
    key = parse_key_document(peer("gotosocial_key_stub"), "https://gts.example/users/zork/main-key")
    assert (key.id, key.owner) == ("https://gts.example/users/zork/main-key", "https://gts.example/users/zork")


def test_a_proof_key_is_found_in_the_actors_document() -> None:
    key = parse_key_document(make_actor(), f"{ACTOR}#ed25519-key")
    assert (key.pem, key.multibase) == (None, "z6MkweqJajqa5jRAJTBVxxu47oCdB7HzmYbBKN8VGbFJmKkC")


def test_a_key_alone_names_its_owner() -> None:
    key = parse_key_document(bare(), KEY)
    assert (key.id, key.owner, key.pem, key.multibase) == (KEY, ADA, "PEM", None)


def test_a_multikey_alone_names_its_controller() -> None:
    document = {"id": KEY, "type": "Multikey", "controller": ADA, "publicKeyMultibase": "z6Mk"}
    key = parse_key_document(document, KEY)
    assert (key.owner, key.pem, key.multibase) == (ADA, None, "z6Mk")


def test_an_actors_own_id_as_key_id_takes_its_first_key() -> None:
    # Old PeerTube.
    key = parse_key_document(peer("peertube_person"), "https://peertube.example/accounts/kim")
    assert key.id == "https://peertube.example/accounts/kim"
    assert key.pem is not None


def test_a_document_about_another_key_is_refused() -> None:
    # Somebody serves a document that claims a victim's key id.
    with pytest.raises(BadInput, match="another key"):
        parse_key_document(bare(id="https://victim.example/key", owner="https://victim.example/users/v"), KEY)


def test_a_key_that_the_actor_does_not_list_is_refused() -> None:
    with pytest.raises(BadInput, match="no such key"):
        parse_key_document(peer("mastodon_person"), "https://mastodon.example/users/ada#other")


def test_a_key_of_an_owner_elsewhere_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_key_document(bare(owner="https://victim.example/users/ada"), KEY)


def test_an_actor_that_lists_a_key_of_somebody_else_does_not_lend_it() -> None:
    document = peer("mastodon_person")
    document["publicKey"]["owner"] = "https://mastodon.example/users/victim"
    with pytest.raises(BadInput, match="no such key"):
        parse_key_document(document, document["publicKey"]["id"])


@pytest.mark.parametrize(
    "changed", [{"owner": ...}, {"publicKeyPem": ...}, {"publicKeyPem": None}, {"id": ...}, {"id": 5}]
)
def test_an_incomplete_key_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        parse_key_document(bare(**changed), KEY)


def test_an_actor_without_keys_is_refused() -> None:
    with pytest.raises(BadInput, match="no such key"):
        parse_key_document({"id": ADA, "type": "Person", "inbox": f"{ADA}/inbox"}, f"{ADA}#main-key")


def test_a_poisoned_context_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_key_document(bare(**{"@context": {"owner": "as:name"}}), KEY)
