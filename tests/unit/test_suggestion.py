"""A summary made of the first sentences of a text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cms.suggestion import SUGGESTION_LENGTH, paragraphs_of, sentences, suggest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wells ran dry. Nobody asked. Why?", ["Wells ran dry.", "Nobody asked.", "Why?"]),
        ("She said “Enough!” Then she left.", ["She said “Enough!”", "Then she left."]),
        ("It began on 5. Mai in Riga. It ended.", ["It began on 5. Mai in Riga.", "It ended."]),
        ("It began in 2022. Then came war.", ["It began in 2022.", "Then came war."]),
        ("Dr. Ana M. Kovač spoke. We listened.", ["Dr. Ana M. Kovač spoke.", "We listened."]),
        ("Use wells, e.g. the old one. Or pipes.", ["Use wells, e.g. the old one.", "Or pipes."]),
        ("Вода је наша. Ово је важно.", ["Вода је наша.", "Ово је важно."]),
        ("¿Por qué? ¡Porque sí! Así es.", ["¿Por qué?", "¡Porque sí!", "Así es."]),
        ("水は大切です。井戸が枯れた。", ["水は大切です。", "井戸が枯れた。"]),
        ("about version 2.0 of it", ["about version 2.0 of it"]),
        ("", []),
    ],
)
def test_a_text_is_cut_between_its_sentences(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_as_many_sentences_as_fit_are_taken() -> None:
    """Fails if one too many is."""
    sentence = f"{'Word ' * 19}end."
    assert suggest([f"{sentence} {sentence} {sentence} {sentence}"]) == " ".join([sentence] * 3)
    assert len(" ".join([sentence] * 3)) == 299


def test_a_first_sentence_that_is_too_long_ends_at_a_word() -> None:
    found = suggest([f"{'wells ' * 60}end."])
    assert (found.endswith("wells…"), len(found) <= SUGGESTION_LENGTH) == (True, True)


def test_a_word_without_an_end_is_cut_all_the_same() -> None:
    assert suggest(["x" * 400]) == "x" * 299 + "…"


def test_paragraphs_follow_each_other() -> None:
    assert suggest(["Short one.", "Another one."]) == "Short one. Another one."


def _typed(*blocks: tuple[str, str]) -> str:
    return json.dumps({"blocks": [{"type": kind, "text": text} for kind, text in blocks], "entityMap": {}})


def _form(*values: tuple[str, Any], **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"body-count": str(len(values))}
    for number, (kind, value) in enumerate(values):
        data |= {f"body-{number}-type": kind, f"body-{number}-value": value, f"body-{number}-order": str(number)}
    return data | more


def test_only_plain_paragraphs_are_read() -> None:
    text = _typed(("header-two", "Why now"), ("unstyled", "It is\n time."), ("unordered-list-item", "Wells"))
    assert paragraphs_of(_form(("heading", "Heading"), ("paragraph", text), ("callout", text))) == ["It is time."]


def test_blocks_are_read_in_their_order_without_those_that_were_deleted() -> None:
    given = [("paragraph", _typed(("unstyled", text))) for text in ("second", "gone", "first")]
    more = {"body-0-order": "2", "body-2-order": "0", "body-1-deleted": "1"}
    assert paragraphs_of(_form(*given, **more)) == ["first", "second"]


@pytest.mark.parametrize("value", [None, "", "{", "[]", "7", '{"blocks": 3}', '{"blocks": [3]}', "[" * 100_000])
def test_what_is_no_text_is_nothing(value: Any) -> None:
    assert paragraphs_of(_form(("paragraph", value))) == []


@pytest.mark.parametrize("count", ["", "-1", "x", "9" * 30, "²"])
def test_a_number_that_is_none_is_nothing(count: str) -> None:
    assert paragraphs_of({"body-count": count}) == []
