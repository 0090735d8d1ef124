"""Which words may stand where, how long a file may be, and what it may not be called."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("cms", "federation", "site", "templates", "tests", "docs", ".ci")
LONGEST, LONGEST_TEST = 400, 500
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# Members and types that only ActivityStreams has. Words that are also ordinary English or Python are not listed.
WIRE_WORDS = {
    "attributedTo", "inReplyTo", "OrderedCollection", "OrderedCollectionPage", "orderedItems", "preferredUsername",
    "publicKeyPem", "publicKeyMultibase", "assertionMethod", "sharedInbox", "totalItems", "featuredTags", "formerType",
    "contentMap", "nameMap", "summaryMap", "movedTo", "alsoKnownAs", "manuallyApprovesFollowers",
    "attributionDomains", "interactionPolicy", "PropertyValue", "partOf",
}  # fmt: skip
AT_HOME = ("federation/vocab/", "federation/signatures/proofs.py")
# A checkout is a product: it knows nothing of where it was made.
WORKPLACE = re.compile(r"(?<![\w.])/work/|\bissue #\d|\bissues show\b|\bshared/(?:DESIGN|reference|seeds)")


def files(*rooms: str, endings: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and path.suffix in endings and not {"node_modules", "__pycache__"} & set(path.parts):
                yield path


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_without_docs(path: Path) -> str:
    """The source without comments and docstrings: those may explain the wire to people."""
    kept = []
    previous = tokenize.INDENT
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        is_docstring = token.type == tokenize.STRING and previous in (
            tokenize.INDENT, tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENCODING,
        )  # fmt: skip
        if token.type != tokenize.COMMENT and not is_docstring:
            kept.append(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            previous = token.type
    return " ".join(kept)


def test_words_of_the_wire_stay_in_their_room() -> None:
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(WIRE_WORDS))})\b")

    found = [
        f"{short(path)}: {word}"
        for path in files("cms", "federation", "site")
        if not short(path).startswith(AT_HOME)
        for word in sorted(set(pattern.findall(code_without_docs(path))))
    ]

    assert found == []


def test_the_words_of_the_wire_are_found_where_they_belong() -> None:
    """Or the test above would pass with a list of misspelt words."""
    text = " ".join(path.read_text() for path in files("federation/vocab"))

    assert [word for word in sorted(WIRE_WORDS) if word not in text] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = files(*ROOMS, endings=(".py", ".html", ".css", ".js", ".md"))

    found = [short(path) for path in named if BANNED_NAMES & set(re.split(r"[_\W]+", path.stem))]

    assert found == []


@pytest.mark.parametrize(("rooms", "limit"), [(("cms", "federation", "site"), LONGEST), (("tests",), LONGEST_TEST)])
def test_no_file_is_too_long(rooms: tuple[str, ...], limit: int) -> None:
    ours = (path for path in files(*rooms) if "migrations" not in path.parts)

    found = {short(path): lines for path in ours if (lines := path.read_text().count("\n")) > limit}

    assert found == {}


def test_nothing_tells_where_it_was_made() -> None:
    endings = (".py", ".html", ".md", ".css", ".js", ".mjs", ".sh", ".conf", ".service", ".example", ".toml", "")
    # In a worktree .git is a file, which names where it lies.
    tops = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in endings and path.name != ".git"]
    ours = [*files(*ROOMS, endings=endings), *tops]

    found = [
        short(path) for path in ours if path != Path(__file__) and WORKPLACE.search(path.read_text(errors="replace"))
    ]

    assert found == []
