"""JSON from strangers (SV-14): what Python would read, and others would read otherwise, is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput, TooLarge
from federation.vocab.parse import read_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40)


def nested(depth: int) -> bytes:
    """An object with ``depth`` levels, itself included."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_an_ordinary_document_is_read() -> None:
    assert read_json(b'{"id": "https://a.example/", "to": ["x"], "n": -7, "f": 1.5, "u": "\xc3\xa9"}') == {
        "id": "https://a.example/",
        "to": ["x"],
        "n": -7,
        "f": 1.5,
        "u": "é",
    }


def test_more_bytes_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge):
        read_json(b'{"a": "' + b"x" * 100 + b'"}', limit=100)


def test_a_document_of_exactly_the_limit_is_read() -> None:
    data = b'{"a": "xx"}'
    assert read_json(data, limit=len(data)) == {"a": "xx"}


def test_a_mebibyte_is_the_usual_limit() -> None:
    with pytest.raises(TooLarge):
        read_json(b" " * 1_048_577)


def test_thirty_two_levels_are_read() -> None:
    assert "a" in read_json(nested(32))


def test_thirty_three_levels_are_refused() -> None:
    with pytest.raises(BadInput, match="nested"):
        read_json(nested(33))


def test_brackets_inside_strings_are_not_levels() -> None:
    assert read_json(json.dumps({"a": "[{" * 500 + '"\\'}).encode()) == {"a": "[{" * 500 + '"\\'}


def test_ten_thousand_values_are_too_many() -> None:
    with pytest.raises(BadInput, match="values"):
        read_json(b'{"a":[' + b"1," * 10_000 + b"1]}")


@pytest.mark.parametrize(
    "data",
    [
        b'{"actor": "https://a.example/", "actor": "https://b.example/"}',
        b'{"object": {"id": "x", "id": "y"}}',
        b'{"a": 1, "\\u0061": 2}',
    ],
)
def test_a_name_given_twice_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="twice"):
        read_json(data)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BadInput):
        read_json(b'{"a": ' + number.encode() + b"}")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30, int("9" * 4000)])
def test_integers_beyond_64_bits_are_refused(number: int) -> None:
    with pytest.raises(BadInput):
        read_json(b'{"a": %d}' % number)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_the_largest_integers_are_read(number: int) -> None:
    assert read_json(b'{"a": %d}' % number) == {"a": number}


def test_an_integer_longer_than_python_converts_is_refused() -> None:
    with pytest.raises(BadInput):
        read_json(b'{"a": ' + b"9" * 5000 + b"}")


@pytest.mark.parametrize("text", [b"\\u0000", b"a\\u0000b", b"\\ud800", b"\\uDFFF", b"\\ude00\\ud83d"])
@pytest.mark.parametrize("frame", [b'{"a": "%s"}', b'{"%s": 1}', b'{"a": [{"b": "%s"}]}'])
def test_text_that_no_database_stores_is_refused(frame: bytes, text: bytes) -> None:
    with pytest.raises(BadInput):
        read_json(frame % text)


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


def test_a_backslash_before_u0000_is_only_text() -> None:
    assert read_json(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="unfinished"),
        pytest.param(b'{"a": 1} x', id="more behind it"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', id="byte order mark"),
        pytest.param(b'"a"', id="a string"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param(b'[{"a": 1}, {"b": 2}]', id="two objects"),
        pytest.param(b'{"a": "\n"}', id="a raw control character"),
        pytest.param(b"{'a': 1}", id="single quotes"),
    ],
)
def test_what_is_not_one_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_json(data)


def test_a_list_around_one_object_is_taken_off() -> None:
    assert read_json(b'[{"@id": "https://a.example/"}]') == {"@id": "https://a.example/"}


@given(st.binary(max_size=65_536))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_bad_input(data: bytes) -> None:
    try:
        assert isinstance(read_json(data), dict)
    except BadInput:
        pass


@given(st.text(alphabet='{}[]",:\\u0dD8 9eEn-.', max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_nearly_json_raises_anything_but_bad_input(text: str) -> None:
    try:
        assert isinstance(read_json(text.encode()), dict)
    except BadInput:
        pass


@given(st.dictionaries(st.text(), VALUES))
@settings(max_examples=50, deadline=None)
def test_any_json_is_read_as_python_reads_it_or_refused(value: dict[str, Any]) -> None:
    data = json.dumps(value).encode()
    try:
        found = read_json(data)
    except BadInput:
        return
    assert found == json.loads(data)


@given(st.integers(min_value=1, max_value=5000), st.sampled_from(["[", '{"a":', '[{"a":', '"', '"\\']))
@settings(max_examples=60, deadline=None)
def test_no_nesting_breaks_the_reader(depth: int, opening: str) -> None:
    with pytest.raises(BadInput):
        read_json((opening * depth).encode())
