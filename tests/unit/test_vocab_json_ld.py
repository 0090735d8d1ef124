"""An independent JSON-LD processor reads everything that we send, offline, and loses nothing."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from federation.vocab.terms import AS_CONTEXT, CID_CONTEXT, EXTENSIONS, SECURITY_CONTEXT
from tests.factories.documents import built_documents

CONTEXTS = Path(__file__).parent.parent / "vectors" / "contexts"
FILES = {
    AS_CONTEXT: "activitystreams.json",
    SECURITY_CONTEXT: "security-v1.json",
    CID_CONTEXT: "cid-v1.json",
}
LOADED = {address: json.loads((CONTEXTS / name).read_text()) for address, name in FILES.items()}
NO_JSON_LD = {"webfinger", "nodeinfo_index", "nodeinfo_2_1"}
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2026-03-01T09:30:15Z",
    "verificationMethod": "https://hub.example/ap/actors/1#ed25519-key",
    "proofPurpose": "assertionMethod",
    "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
}
DOCUMENTS = {name: document for name, document in built_documents().items() if name not in NO_JSON_LD}
DOCUMENTS["signed"] = {**DOCUMENTS["tombstone"], "proof": PROOF}


def load(address: str, options: Any) -> dict[str, Any]:
    """Answers for the three contexts that we name; any other address would have to be fetched, and is an error."""
    return {
        "contextUrl": None,
        "documentUrl": address,
        "document": LOADED[address],
        "contentType": "application/ld+json",
    }


def expand(document: dict[str, Any]) -> Any:
    return jsonld.expand(document, {"documentLoader": load})


def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every member, except contexts and the languages of a map, which are values."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from members(item, (*path, position))
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "@context":
                continue
            yield (*path, name)
            if not name.endswith("Map"):
                yield from members(member, (*path, name))


def without(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    node: Any = changed
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    return changed


def types(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from types(item)
    elif isinstance(value, dict):
        if "@value" not in value:
            yield from value.get("@type", [])
        for member in value.values():
            yield from types(member)


@pytest.mark.parametrize("name", ["article", "article_photos", "actor_organisation", "outbox_page", "tags", "signed"])
def test_every_member_means_something(name: str) -> None:
    # Taking any member away changes what the processor reads, so none was ignored.
    document = DOCUMENTS[name]
    whole = expand(document)
    assert [path for path in members(document) if expand(without(document, path)) == whole] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_type_is_a_full_address(name: str) -> None:
    assert all(kind.startswith(("https://", "http://")) for kind in types(expand(DOCUMENTS[name])))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_the_three_contexts_are_asked_for(name: str) -> None:
    assert expand(DOCUMENTS[name])


def test_a_name_that_nobody_defined_would_be_noticed() -> None:
    document = DOCUMENTS["tombstone"]
    assert expand(document | {"undefinedName": "x"}) == expand(document)


def test_a_proof_is_read_as_one() -> None:
    # Fedify finds proofs by these addresses.
    security = "https://w3id.org/security#"
    graph = expand(DOCUMENTS["signed"])[0][f"{security}proof"][0]["@graph"][0]
    assert graph["@type"] == [f"{security}DataIntegrityProof"]
    assert graph[f"{security}proofPurpose"] == [{"@id": f"{security}assertionMethod"}]
    assert graph[f"{security}proofValue"][0]["@type"] == f"{security}multibase"


def test_a_key_is_read_as_one() -> None:
    security = "https://w3id.org/security#"
    method = expand(DOCUMENTS["actor_organisation"])[0][f"{security}assertionMethod"][0]
    assert method["@type"] == [f"{security}Multikey"]
    assert method[f"{security}publicKeyMultibase"][0]["@type"] == f"{security}multibase"


def test_no_term_of_ours_is_defined_for_nothing() -> None:
    used = {step for document in DOCUMENTS.values() for path in members(document) for step in path}
    kinds = {kind for document in DOCUMENTS.values() for kind in all_types(document)}
    prefixes = {name for name, meaning in EXTENSIONS.items() if isinstance(meaning, str) and meaning[-1] in "#/"}
    assert EXTENSIONS.keys() - prefixes <= used | kinds


def all_types(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from all_types(item)
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value["type"]
        for member in value.values():
            yield from all_types(member)
