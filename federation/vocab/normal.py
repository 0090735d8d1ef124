"""Gives every spelling of a document one form: ``@id``, ``as:actor`` and full addresses become short names, value and
list objects become what they hold. It looks names up in a small fixed table and interprets no context (JL-01, JL-03).
Blind recipients (``bto``, ``bcc``) are left out, so that nothing behind it can store or show them (JL-08)."""

from __future__ import annotations

from typing import Any

from federation.errors import BadInput

from .contexts import CORE
from .terms import AS, LDP, SECURITY, TOOT

_KEYWORDS = {"@id": "id", "@type": "type"}
_BLIND = frozenset({"bto", "bcc"})
_TRANSLATED = frozenset({"content", "name", "summary"})
# Namespaces of which every name is taken, then the others, of which only these are.
_WHOLE = (AS, "as:")
_SOME: dict[tuple[str, ...], frozenset[str]] = {
    (LDP, "ldp:"): frozenset({"inbox"}),
    (SECURITY, "sec:"): frozenset(name for name, address in CORE.items() if address == f"{SECURITY}{name}"),
    (TOOT, "toot:"): frozenset(
        {*("featured", "featuredTags", "discoverable", "indexable", "suspended"), "focalPoint", "blurhash", "Emoji"}
    ),
    ("http://schema.org#", "http://schema.org/", "https://schema.org/", "schema:", "sc:"): frozenset(
        {"PropertyValue", "value"}
    ),
    ("http://litepub.social/ns#", "litepub:"): frozenset({"directMessage", "EmojiReact"}),
    ("https://misskey-hub.net/ns#", "misskey:"): frozenset({"_misskey_content", "_misskey_reaction"}),
    ("https://purl.archive.org/socialweb/webfinger#",): frozenset({"webfinger"}),
}
_NAMES = {f"{prefix}{name}": name for prefixes, names in _SOME.items() for prefix in prefixes for name in names}


def short_name(name: str) -> str:
    """``as:Note`` and its full address become ``Note``; names outside the table stay."""
    if ":" not in name:
        return name
    for prefix in _WHOLE:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return _NAMES.get(name, name)


def normal_form(document: dict[str, Any]) -> dict[str, Any]:
    """A new document in short names, without ``@context`` and blind recipients.

    Raises :class:`~federation.errors.BadInput` if two spellings of one core name stand side by side: readers would
    disagree about which counts.
    """
    result: dict[str, Any] = {}
    for given, value in document.items():
        name = _KEYWORDS.get(given) or short_name(given)
        if name in _BLIND or given == "@context":
            continue
        if name in result and name in CORE:
            raise BadInput(f"{name} is given in two spellings")
        if name == "type":
            result[name] = _types(value)
            continue
        result[name] = _value(value)
        if name in _TRANSLATED and f"{name}Map" not in document and (found := _tagged(value)):
            result[f"{name}Map"] = found
    return result


def kinds(node: dict[str, Any]) -> list[str]:
    """The types of a document in normal form, in short names."""
    given = node.get("type")
    return [kind for kind in (given if isinstance(given, list) else [given]) if isinstance(kind, str)]


def _types(value: Any) -> Any:
    if isinstance(value, list):
        return [short_name(kind) for kind in value if isinstance(kind, str)]
    return short_name(value) if isinstance(value, str) else None


def _value(value: Any) -> Any:
    if isinstance(value, list):
        # A list object inside a list is the list itself, in expanded form.
        found = [_value(item) for item in value]
        return [inner for item in found for inner in (item if isinstance(item, list) else [item])]
    if not isinstance(value, dict):
        return value
    for wrapper in ("@value", "@list", "@set"):
        if wrapper in value:
            return _value(value[wrapper])
    return normal_form(value)


def _tagged(value: Any) -> dict[str, str]:
    """Translations in expanded form: value objects with a language."""
    return {
        item["@language"]: item["@value"]
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, dict) and isinstance(item.get("@language"), str) and isinstance(item.get("@value"), str)
    }
