"""Says what is wrong with a description in the vocabulary of schema.org, by the vectors of its types and properties."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).resolve().parents[1] / "vectors" / "schema_org" / "vocabulary.json"
# What a plain text may stand for, and what it has to look like then.
TEXTS = {
    "Text": re.compile(r"(?s).+"),
    "URL": re.compile(r"https?://[^\s/]+/\S*"),
    "Date": re.compile(r"\d{4}(-\d\d(-\d\d)?)?"),
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)"),
}


def faults(node: dict[str, Any]) -> list[str]:
    """Empty for a valid description."""
    return list(_of_top(node))


def _of_top(node: dict[str, Any]) -> Iterator[str]:
    if node.get("@context") != "https://schema.org":
        yield f"its context is {node.get('@context')!r}"
    yield from _of_node({name: value for name, value in node.items() if name != "@context"}, "")


def _of_node(node: dict[str, Any], where: str) -> Iterator[str]:
    kind = node.get("@type")
    if kind not in _vocabulary():
        yield f"{where or '/'}: no type {kind!r}"
        return
    known = _properties(kind)
    for name, value in node.items():
        if name == "@type":
            continue
        if name not in known:
            yield f"{where}/{name}: not a property of {kind}"
            continue
        values = value if isinstance(value, list) else [value]
        if not values:
            yield f"{where}/{name}: empty"
        for each in values:
            yield from _of_value(each, known[name], f"{where}/{name}")


def _of_value(value: Any, allowed: list[str], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _of_node(value, where)
        if value.get("@type") in _vocabulary() and not _above(value["@type"]) & set(allowed):
            yield f"{where}: a {value['@type']} where one of {allowed} belongs"
    elif isinstance(value, bool):
        if "Boolean" not in allowed:
            yield f"{where}: true or false where one of {allowed} belongs"
    elif not isinstance(value, str):
        yield f"{where}: {value!r}"
    elif not any(TEXTS[kind].fullmatch(value) for kind in allowed if kind in TEXTS):
        yield f"{where}: {value!r} where one of {allowed} belongs"


@cache
def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VOCABULARY.read_text())
    return found


def _above(kind: str) -> set[str]:
    return {kind}.union(*(_above(parent) for parent in _vocabulary()[kind]["parents"]))


@cache
def _properties(kind: str) -> dict[str, list[str]]:
    return {name: kinds for each in _above(kind) for name, kinds in _vocabulary()[each]["properties"].items()}
