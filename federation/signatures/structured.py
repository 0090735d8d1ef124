"""The part of Structured Fields (RFC 8941) that signatures need: dictionaries of items and inner lists, read strictly
and written canonically. Stricter than the RFC in one thing: a name that comes twice is an error, where the RFC lets the
last one win, because two readers that disagree about which one wins is how signatures get forged (and RFC 9421 §4
demands unique labels). Decimals, dates and display strings do not occur in signatures and are refused."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_BOOLEAN = re.compile(r"\?([01])")
_ESCAPED = re.compile(r'\\(["\\])')


class StructuredFieldError(ValueError):
    """The text is not a structured field, or uses a part of the format that signatures do not need."""


@dataclass(frozen=True, slots=True)
class Token:
    """An unquoted word; distinct from a quoted string, which is a ``str``."""

    text: str


Bare = int | str | bytes | bool | Token


@dataclass(frozen=True, slots=True)
class Item:
    value: Bare
    parameters: Mapping[str, Bare] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    items: tuple[Item, ...]
    parameters: Mapping[str, Bare] = field(default_factory=dict)


Member = Item | InnerList


def parse_dictionary(text: str) -> dict[str, Member]:
    """The members of a Dictionary in their order; raises StructuredFieldError. An empty field gives an empty one."""
    reader = _Reader(text.strip(" "))
    members: dict[str, Member] = {}
    while not reader.done():
        if members:
            reader.skip(" \t")
            reader.expect(",")
            reader.skip(" \t")
        name = reader.match(_KEY)
        if name in members:
            raise StructuredFieldError("a name comes twice")
        members[name] = reader.member() if reader.accept("=") else Item(True, reader.parameters())
    return members


def serialize_inner_list(value: InnerList) -> str:
    """The one canonical text of an inner list with its parameters (RFC 8941 §4.1.1.1)."""
    items = " ".join(serialize_bare(item.value) + _serialize_parameters(item.parameters) for item in value.items)
    return f"({items}){_serialize_parameters(value.parameters)}"


def serialize_bare(value: Bare) -> str:
    """Raises StructuredFieldError for a string that is not printable ASCII."""
    return _WRITE[type(value)](value)


def _serialize_parameters(parameters: Mapping[str, Bare]) -> str:
    return "".join(
        f";{name}" + ("" if value is True else f"={serialize_bare(value)}") for name, value in parameters.items()
    )


def _write_string(value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise StructuredFieldError("a string may hold printable ASCII only")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# By exact type: a bool is an int to isinstance().
_WRITE: dict[type, Callable[..., str]] = {
    int: str,
    str: _write_string,
    bytes: lambda value: f":{base64.b64encode(value).decode()}:",
    bool: lambda value: "?1" if value else "?0",
    Token: lambda value: value.text,
}


def _read_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise StructuredFieldError("unreadable byte sequence") from error


# By first character, as RFC 8941 §4.2.3.1 tells the kinds apart.
_READ: dict[str, tuple[re.Pattern[str], Callable[[str], Bare]]] = {
    '"': (_STRING, lambda text: _ESCAPED.sub(r"\1", text)),
    ":": (_BYTES, _read_bytes),
    "?": (_BOOLEAN, lambda text: text == "1"),
    **dict.fromkeys("-0123456789", (_INTEGER, int)),
}


class _Reader:
    """Reads from left to right and never looks back, so its cost grows with the length of the text alone."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def done(self) -> bool:
        return self._at >= len(self._text)

    def skip(self, characters: str) -> None:
        while not self.done() and self._text[self._at] in characters:
            self._at += 1

    def accept(self, character: str) -> bool:
        if not self._text.startswith(character, self._at):
            return False
        self._at += 1
        return True

    def expect(self, character: str) -> None:
        if not self.accept(character):
            raise StructuredFieldError(f"expected {character!r}")

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if not found:
            raise StructuredFieldError("unreadable")
        self._at = found.end()
        return found[found.lastindex or 0]

    def member(self) -> Member:
        return self._inner_list() if self.accept("(") else self._item()

    def parameters(self) -> dict[str, Bare]:
        parameters: dict[str, Bare] = {}
        while self.accept(";"):
            self.skip(" ")
            name = self.match(_KEY)
            if name in parameters:
                raise StructuredFieldError("a parameter comes twice")
            parameters[name] = self._bare() if self.accept("=") else True
        return parameters

    def _inner_list(self) -> InnerList:
        items: list[Item] = []
        self.skip(" ")
        while not self.accept(")"):
            items.append(self._item())
            if not self._text.startswith((" ", ")"), self._at):
                raise StructuredFieldError("expected a space or the end of the list")
            self.skip(" ")
        return InnerList(tuple(items), self.parameters())

    def _item(self) -> Item:
        return Item(self._bare(), self.parameters())

    def _bare(self) -> Bare:
        pattern, convert = _READ.get(self._text[self._at : self._at + 1], (_TOKEN, Token))
        return convert(self.match(pattern))
