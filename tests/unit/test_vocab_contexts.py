"""Contexts that make a JSON-LD reader see another document are refused (JL-05); those of real software pass."""

from pathlib import Path
from typing import Any

import pytest

from federation.errors import BadInput
from federation.vocab.parse import check_context
from federation.vocab.terms import CONTEXT
from tests.factories.documents import VECTORS, peer

AS = "https://www.w3.org/ns/activitystreams"
PEERS = sorted(path.stem for path in Path(VECTORS / "peers").glob("*.json"))
HONEST = [name for name in PEERS if name != "expanded_create"]


def inline(context: Any) -> dict[str, Any]:
    return {"@context": [AS, context], "id": "https://a.example/1", "type": "Create", "actor": "https://a.example/u"}


@pytest.mark.parametrize("name", HONEST)
def test_contexts_of_real_software_pass(name: str) -> None:
    check_context(peer(name))


def test_our_own_context_passes() -> None:
    check_context({"@context": CONTEXT})


@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"actor": "https://evil.example/#actor"}, id="another meaning"),
        pytest.param({"actor": "as:object"}, id="the meaning of another core name"),
        pytest.param({"actor": None}, id="no meaning"),
        pytest.param({"type": "as:name"}, id="type"),
        pytest.param({"id": "as:url"}, id="id"),
        pytest.param({"inbox": "as:inbox"}, id="inbox of the wrong namespace"),
        pytest.param({"publicKeyPem": {"@id": "evil:pem"}}, id="key"),
        pytest.param({"owner": {"@id": "sec:controller"}}, id="owner"),
        pytest.param({"Create": "as:Delete"}, id="a type"),
        pytest.param({"object": {"@id": "as:object", "@type": "@json"}}, id="content hidden as JSON"),
        pytest.param({"object": {"@id": "as:object", "@container": "@graph"}}, id="content hidden in a graph"),
        pytest.param({"to": {"@id": "as:to", "@container": ["@index", "@set"]}}, id="an index"),
        pytest.param({"as": "https://evil.example/#"}, id="the prefix itself"),
        pytest.param({"attributedTo": {"@id": "x:y"}, "x": f"{AS}#"}, id="through a prefix"),
    ],
)
def test_a_context_that_redefines_a_core_name_is_refused(context: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"redefines|core name"):
        check_context(inline(context))


@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"author": "as:attributedTo"}, id="a second name"),
        pytest.param({"author": {"@id": f"{AS}#actor", "@type": "@id"}}, id="in full"),
        pytest.param({"kind": "@type"}, id="a keyword"),
        pytest.param({"inner": "@graph"}, id="a graph"),
        pytest.param({"author": "actor"}, id="by a core name"),
        pytest.param({"x": f"{AS}#"}, id="a second prefix"),
        pytest.param({"x": f"{AS}#act"}, id="a prefix that ends inside a name"),
        pytest.param({"x": "y", "y": "z", "z": "as:actor"}, id="in steps"),
    ],
)
def test_a_second_name_for_a_core_meaning_is_refused(context: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="core name"):
        check_context(inline(context))


@pytest.mark.parametrize("keyword", ["@base", "@vocab", "@import", "@propagate"])
def test_keywords_that_change_a_whole_context_are_refused(keyword: str) -> None:
    with pytest.raises(BadInput, match=keyword):
        check_context(inline({keyword: "https://evil.example/"}))


@pytest.mark.parametrize("keyword", ["@reverse", "@nest", "@propagate"])
def test_keywords_that_move_a_member_are_refused(keyword: str) -> None:
    with pytest.raises(BadInput, match="keyword"):
        check_context(inline({"harmless": {"@id": "https://a.example/#harmless", keyword: "x"}}))


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse", "@nest"])
def test_keywords_that_hide_content_are_refused_at_any_depth(keyword: str) -> None:
    with pytest.raises(BadInput, match=keyword):
        check_context({"@context": AS, "object": [{"attachment": {keyword: {"actor": "x"}}}]})


def test_a_context_inside_an_embedded_object_is_checked() -> None:
    with pytest.raises(BadInput):
        check_context({"@context": AS, "object": {"@context": {"actor": "x:y"}}})


def test_a_context_inside_a_definition_is_checked() -> None:
    with pytest.raises(BadInput):
        check_context(inline({"Thing": {"@id": "https://a.example/#Thing", "@context": {"actor": "x:y"}}}))


@pytest.mark.parametrize("context", [None, [AS, None], 5, [[AS]], {"a": 5}, {"a": {"@id": 5}}])
def test_what_is_no_context_is_refused(context: Any) -> None:
    with pytest.raises(BadInput):
        check_context({"@context": context})


def test_a_context_that_repeats_the_ordinary_meaning_passes() -> None:
    check_context(
        inline(
            {
                "@language": "und",
                "@version": 1.1,
                "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
                "actor": f"{AS}#actor",
                "orderedItems": {"@id": "as:items", "@type": "@id", "@container": "@list"},
                "own": {"@id": "https://a.example/#own", "@container": "@set"},
            }
        )
    )


def test_an_unknown_address_as_context_passes_and_is_not_fetched() -> None:
    # Nothing here could fetch: the room imports no client. The document is read as if the context were not there.
    check_context({"@context": ["https://unknown.example/context.jsonld", AS], "actor": "https://a.example/u"})


def test_a_document_without_context_passes() -> None:
    check_context(peer("lotide_follow"))


def test_a_context_that_runs_in_circles_ends() -> None:
    check_context(inline({"a": "b:x", "b": "a:y"}))
