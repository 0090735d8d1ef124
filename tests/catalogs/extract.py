"""Finds what can be translated, in Python and in templates, as Django's own ``makemessages`` does but without the
programs of GNU gettext."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from babel.messages.extract import extract
from django.utils.translation import templatize

from .rooms import ROOT, Room

_ONE = ("_", "_t", "gettext", "gettext_lazy", "gettext_noop")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(_ONE, (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
MARK = "Translators:"
Key = tuple[str | None, str]
Call = tuple[str | None, str, str | None, list[str]]


@dataclass(slots=True)
class Found:
    """One message: ``plural`` is None for most. ``places`` are paths of files, ``notes`` are for the translator."""

    plural: str | None = None
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def messages(room: Room) -> dict[Key, Found]:
    """By context (None for most) and English text, sorted by text."""
    found: dict[Key, Found] = {}
    for path in room.files():
        place = path.relative_to(ROOT).as_posix()
        source = path.read_text()
        code = source if path.suffix == ".py" else as_code(source, place)
        found_here = [*calls(code), *(sentences(source) if path.suffix == ".py" else ())]
        for context, text, plural, notes in found_here:
            message = found.setdefault((context, text), Found())
            message.plural = message.plural or plural
            if place not in message.places:
                message.places.append(place)
            message.notes += [note for note in notes if note not in message.notes]
    return dict(sorted(found.items(), key=lambda pair: (pair[0][1].casefold(), pair[0][1], pair[0][0] or "")))


def as_code(template: str, name: str) -> str:
    """Django's own rewriting of a template into calls. Babel reads those as Python, to which the template's indentation
    would mean something."""
    return "\n".join(line.lstrip() for line in templatize(template, origin=name).split("\n"))


def sentences(code: str) -> Iterator[Call]:
    """What is called ``sentence``: rooms that know no framework write it down, and whoever shows it translates it."""
    for node in ast.walk(ast.parse(code)):
        given: ast.expr | None = None
        if isinstance(node, ast.keyword) and node.arg == "sentence":
            given = node.value
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            given = node.value if any(name.lower().strip("_") == "sentence" for name in names) else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
            yield None, given.value, None, []


def calls(code: str) -> Iterator[Call]:
    """Context, text, plural and notes of each call in Python."""
    source = io.BytesIO(code.encode())
    for _line, message, notes, context in extract("python", source, KEYWORDS, [MARK], {"encoding": "utf-8"}):
        one, *more = message if isinstance(message, tuple) else (message,)
        if one:
            yield context, one, more[0] if more else None, list(notes)
