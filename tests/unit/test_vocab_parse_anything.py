"""Whatever JSON arrives, the parsers answer with a value or with BadInput: anything else would stop a worker."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.vocab.parse import check_context, parse_activity, parse_actor, parse_key_document, parse_object, peek
from tests.factories.documents import peer

NAMES = ["id", "@id", "type", "actor", "object", "attributedTo", "inbox", "publicKey", "owner", "url", "icon", "to"]
MORE = ["content", "contentMap", "name", "published", "attachment", "endpoints", "sharedInbox", "@context", "as:actor"]
DETAILS = ["@value", "@list", "focalPoint", "width", "mediaType", "href", "language", "publicKeyPem", "alsoKnownAs"]
STRINGS = st.text(max_size=20) | st.sampled_from(
    [
        *(
            "https://a.example/1",
            "https://a.example/1#key",
            "https://[",
            "http://a.example:x/",
            "https://a.example:99999/",
        ),
        *(
            "Person",
            "Create",
            "Note",
            "as:Public",
            "Multikey",
            "2026-01-01T00:00:00Z",
            "9999-99-99",
            "https://a.example/\ud83d",
        ),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | STRINGS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES + MORE + DETAILS) | STRINGS, inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(NAMES + MORE + DETAILS), VALUES, max_size=10)
REAL = ["mastodon_person", "peertube_video", "mitra_person", "mastodon_create_note", "wordpress_article"]
PARSERS: list[Callable[[dict[str, Any]], Any]] = [
    check_context,
    parse_activity,
    parse_actor,
    parse_object,
    peek,
    lambda document: parse_key_document(document, "https://a.example/1#key"),
]


def read_by_all(document: dict[str, Any]) -> None:
    for parser in PARSERS:
        try:
            parser(document)
        except BadInput:
            pass


@given(DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_no_document_raises_anything_but_bad_input(document: dict[str, Any]) -> None:
    read_by_all(document)


@pytest.mark.parametrize("name", REAL)
@given(changes=st.dictionaries(st.sampled_from(NAMES + MORE + DETAILS), VALUES, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_no_change_to_a_real_document_raises_anything_but_bad_input(name: str, changes: dict[str, Any]) -> None:
    read_by_all(peer(name) | changes)
