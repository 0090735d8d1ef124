"""Reads JSON that a stranger sent. Python's own reader accepts what other readers refuse (duplicate names, NaN, lone
surrogates, numbers of any length) and breaks on deep nesting; every such difference is a way to show two documents to
two programs, or to stop a worker. This file decides only whether bytes may become a ``dict``, never what they mean.
Called, through ``parse``, by the inbox and by whoever fetched a document."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from federation.errors import BadInput, TooLarge

MAX_DEPTH = 32
MAX_NODES = 10_000
_LARGEST_INTEGER = 2**63 - 1

# One match is a whole string or one structural mark. The closing quote is optional so that an unterminated string
# swallows the rest at once: otherwise each quote inside it would start a new search (quadratic time for the sender's
# choice of bytes). Possessive repeats keep the engine from going back.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_SUSPECT_ESCAPES = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def read_json(data: bytes, limit: int = 1_048_576) -> dict[str, Any]:
    """The object that ``data`` holds; an array around one single object is taken off (expanded JSON-LD).

    Refuses (SV-14): more than ``limit`` bytes, nesting over 32, over 10,000 values, anything but UTF-8, a name twice,
    NaN and infinities, integers beyond 64 bits, and U+0000 or half surrogate pairs, which PostgreSQL cannot store.
    Raises :class:`~federation.errors.TooLarge` or :class:`~federation.errors.BadInput`, and nothing else.
    """
    if len(data) > limit:
        raise TooLarge(f"{len(data)} bytes, at most {limit} are read")
    _check_shape(data)
    try:
        document = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are both ValueErrors
        raise BadInput(f"not JSON in UTF-8: {error}") from error
    if _SUSPECT_ESCAPES.search(data):
        _check_strings(document)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        raise BadInput("not a JSON object")
    return document


def _check_shape(data: bytes) -> None:
    """Bounds depth and number of values before the parser runs, which recurses in C and builds everything first."""
    depth = 0
    nodes = 1
    for match in _TOKENS.finditer(data):
        mark = data[match.start()]
        if mark in b"[{":
            depth += 1
            nodes += 1
            if depth > MAX_DEPTH:
                raise BadInput(f"nested deeper than {MAX_DEPTH}")
        elif mark in b"]}":
            depth -= 1
        elif mark == 0x2C:  # a comma: one more value follows
            nodes += 1
        if nodes > MAX_NODES:
            raise BadInput(f"more than {MAX_NODES} values")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        # Python keeps the last of two equal names, others the first: the signature would cover both readings. The
        # canonical form of proofs (RFC 8785 on I-JSON, RFC 7493 §2.3) forbids them as well.
        raise BadInput("a name is given twice in one object")
    return result


def _integer(literal: str) -> int:
    value = int(literal)  # a ValueError beyond 4,300 digits, which is slow to convert
    if not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        raise BadInput("an integer does not fit 64 bits")
    return value


def _number(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise BadInput("a number is too large")
    return value


def _constant(name: str) -> float:
    raise BadInput(f"{name} is not JSON")


def _check_strings(value: Any) -> None:
    """Depth is already bounded, so recursion is safe here."""
    if isinstance(value, str):
        if "\x00" in value:
            raise BadInput("a string holds U+0000")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadInput("a string holds half of a surrogate pair")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_strings(name)
            _check_strings(member)
    elif isinstance(value, list):
        for member in value:
            _check_strings(member)
