"""The words of the interface, language by language: nothing is missing, nothing is left over, and every translation
says as much as the English does. One language alone: ``-k "[de"``."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import polib
import pytest

from config.spoken import INTERFACE_LANGUAGES
from tests.catalogs.extract import as_code, calls, messages
from tests.catalogs.rooms import PLURALS, ROOMS, Room, compiled

LANGUAGES = [language for language in INTERFACE_LANGUAGES if language != "en"]
# A whole catalog at a time, named “de-cms”, so that a translator runs what is theirs.
EVERY = [pytest.param(language, room, id=f"{language}-{room.name}") for language in LANGUAGES for room in ROOMS]
# %(name)s, %s and %d, {name} and {}, but not %% and no percent sign in a sentence.
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def catalog(language: str, room: Room) -> polib.POFile:
    return polib.pofile(str(room.catalog(language)), encoding="utf-8")


def pairs(language: str, room: Room) -> list[tuple[str, str]]:
    """English and translation, of everything that is translated; of a plural, each form with the English one that has
    its placeholders."""
    found = []
    for entry in catalog(language, room).translated_entries():
        if entry.msgid_plural:
            last = max(entry.msgstr_plural)
            found += [(entry.msgid if form < last else entry.msgid_plural, text)
                      for form, text in entry.msgstr_plural.items()]  # fmt: skip
        else:
            found.append((entry.msgid, entry.msgstr))
    return found


def key(entry: polib.POEntry) -> tuple[str | None, str, str | None]:
    return (entry.msgctxt, entry.msgid, entry.msgid_plural or None)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = {"title", "alt", "aria-label"}
        self.found[tag, *(f"{name}={value}" for name, value in sorted(attrs, key=str) if name not in spoken)] += 1

    def handle_endtag(self, tag: str) -> None:
        self.found["/" + tag,] += 1


def tags(text: str) -> Counter[tuple[str, ...]]:
    parser = _Tags()
    parser.feed(text)
    parser.close()
    return parser.found


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_a_catalog_has_what_the_code_says_and_nothing_else(language: str, room: Room) -> None:
    """If it fails: make messages."""
    wanted = {(context, text, found.plural) for (context, text), found in messages(room).items()}
    have = {key(entry) for entry in catalog(language, room) if not entry.obsolete}
    assert (wanted - have, have - wanted) == (set(), set())


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_every_message_is_translated(language: str, room: Room) -> None:
    entries = catalog(language, room)
    open_ones = [entry.msgid for entry in entries if not entry.obsolete and not entry.translated()]
    assert open_ones == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_no_translation_is_a_guess_or_a_leftover(language: str, room: Room) -> None:
    entries = catalog(language, room)
    assert [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete] == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_a_translation_has_the_placeholders_of_the_english(language: str, room: Room) -> None:
    """A missing one loses a name or a number; one too many is an error in front of a reader. The singular alone may do
    without its number."""
    wrong = []
    for entry in catalog(language, room).translated_entries():
        wanted = Counter(_PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for form, text in (entry.msgstr_plural or {-1: entry.msgstr}).items():
            found = Counter(_PLACEHOLDER.findall(text))
            singular = Counter(_PLACEHOLDER.findall(entry.msgid))
            # The order may differ where they have names; without names they stand for what comes in which place.
            if found != wanted and not (form == 0 and found <= wanted and singular - found <= Counter(["%(count)d"])):
                wrong.append((entry.msgid, text))
    assert wrong == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_a_translation_has_the_tags_of_the_english(language: str, room: Room) -> None:
    wrong = [(english, text) for english, text in pairs(language, room) if tags(english) != tags(text)]
    assert wrong == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_a_translation_keeps_the_space_around_it(language: str, room: Room) -> None:
    """Templates and code join such pieces."""

    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    wrong = [(english, text) for english, text in pairs(language, room) if edges(english) != edges(text)]
    assert wrong == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_every_plural_has_all_forms_of_the_language(language: str, room: Room) -> None:
    entries = catalog(language, room)
    assert entries.metadata["Plural-Forms"] == PLURALS[language]
    forms = set(range(int(re.search(r"nplurals=(\d)", PLURALS[language])[1])))  # type: ignore[index]
    assert [entry.msgid for entry in entries if entry.msgid_plural and set(entry.msgstr_plural) != forms] == []


@pytest.mark.parametrize(("language", "room"), EVERY)
def test_what_is_compiled_is_what_is_written(language: str, room: Room) -> None:
    """Who installs from the checkout has no compiler of catalogs. If it fails: make messages."""
    path = room.catalog(language)
    assert path.with_suffix(".mo").read_bytes() == compiled(catalog(language, room))


def test_messages_of_templates_are_found_whatever_their_indentation() -> None:
    template = '<p>\n    {% trans "One" %}\n  </p>{% blocktrans trimmed %}\n  two\n  lines {{ n }}{% endblocktrans %}'
    found = {text for _context, text, _plural, _notes in calls(as_code(template, "page.html"))}
    assert found == {"One", "two lines %(n)s"}


def test_a_lost_placeholder_and_a_lost_tag_would_be_seen() -> None:
    """Or the tests above would pass whatever is written."""
    assert Counter(_PLACEHOLDER.findall("100 % of %(name)s and {}")) == Counter(["%(name)s", "{}"])
    assert tags('<a href="/x">x</a>') != tags("x")
    assert tags('<a title="two" href="/x">y</a>') == tags('<a href="/x" title="one">x</a>')
