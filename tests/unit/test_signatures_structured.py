"""The reader and writer of structured fields, as far as signatures use them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.signatures.structured import (
    Bare,
    InnerList,
    Item,
    StructuredFieldError,
    Token,
    parse_dictionary,
    serialize_bare,
    serialize_inner_list,
)

READ = {
    "": {},
    "  a=1  ": {"a": Item(1)},
    "a=-15": {"a": Item(-15)},
    'a="b\\"c\\\\d"': {"a": Item('b"c\\d')},
    "a=text/html": {"a": Item(Token("text/html"))},
    "a=:aGVsbG8=:": {"a": Item(b"hello")},
    "a=::": {"a": Item(b"")},
    "a=?0, b=?1, c": {"a": Item(False), "b": Item(True), "c": Item(True)},
    "a;x;y=2": {"a": Item(True, {"x": True, "y": 2})},
    "a=1 \t,\t b=2": {"a": Item(1), "b": Item(2)},
    "a=()": {"a": InnerList(())},
    'a=( "x"   "y";req );created=5': {
        "a": InnerList((Item("x"), Item("y", {"req": True})), {"created": 5}),
    },
    "*a_b-c.d*9=1": {"*a_b-c.d*9": Item(1)},
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_dictionary_is_read(text: str, expected: dict[str, object]) -> None:
    assert parse_dictionary(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a=1,a=2",  # the RFC would take the last
        "a=1;x=1;x=2",
        "A=1",
        "a=1,",
        ",a=1",
        "a=1 b=2",
        "a=1.5",
        "a=1234567890123456",
        "a=-",
        'a="open',
        'a="caf\u00e9"',
        'a="line\nend"',
        'a="\\x"',
        "a=:aGVsbG8:",
        "a=:***:",
        "a=:aGVsbG8=",
        "a=?2",
        'a=("x""y")',
        'a=("x"',
        'a=(("x"))',
        "a=@1659578233",
        'a=%"f%c3%bc"',
        "a=",
        "a= 1",
        "a =1",
        "a;",
        "a=1;X=2",
        "\ta=1",
        "=1",
    ],
)
def test_what_is_not_a_dictionary_is_refused(text: str) -> None:
    with pytest.raises(StructuredFieldError):
        parse_dictionary(text)


@pytest.mark.parametrize(
    ("loose", "canonical"),
    [
        ('a=(  "x"  "y" );  b=1', '("x" "y");b=1'),
        ('a=("x";req;key="k");b', '("x";req;key="k");b'),
        ('a=("x");b=?1;c=?0', '("x");b;c=?0'),
        ('a=("q\\"uote" tok :aGk=:)', '("q\\"uote" tok :aGk=:)'),
        ("a=(007)", "(7)"),
    ],
)
def test_an_inner_list_is_written_in_its_one_canonical_form(loose: str, canonical: str) -> None:
    member = parse_dictionary(loose)["a"]
    assert isinstance(member, InnerList)
    assert serialize_inner_list(member) == canonical


def test_a_string_that_is_not_ascii_cannot_be_written() -> None:
    with pytest.raises(StructuredFieldError):
        serialize_bare("café")


keys = st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,8}\Z")
bare: st.SearchStrategy[Bare] = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12),
    st.binary(max_size=12),
    st.booleans(),
    st.from_regex(r"\A[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,8}\Z").map(Token),
)
parameters = st.dictionaries(keys, bare, max_size=3)
inner_lists = st.builds(InnerList, st.lists(st.builds(Item, bare, parameters), max_size=4).map(tuple), parameters)


@given(inner_lists)
def test_an_inner_list_survives_being_written_and_read(value: InnerList) -> None:
    assert parse_dictionary(f"sig1={serialize_inner_list(value)}") == {"sig1": value}


@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        parse_dictionary(text)
    except StructuredFieldError:
        pass
