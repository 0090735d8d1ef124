"""Reads activities. What is embedded is handed on as a claim: whoever acts on it checks that its id and owner belong to
the verified actor, or fetches it (AU-03). ``inbox`` calls it, through ``parse``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.errors import BadInput

from .contexts import check_context
from .normal import kinds, normal_form, short_name
from .terms import ACTIVITY_TYPES
from .values import identity, items, reference, references, same_origin, web_address

_BLIND = frozenset({"bto", "bcc"})


@dataclass(frozen=True, slots=True)
class ParsedActivity:
    """``kind`` is the type's short name, known or not. ``uri`` is ``None`` if the activity names none of its actor's
    host. ``object`` is what is embedded, in normal form; ``raw`` is the document as it came, less blind recipients."""

    uri: str | None
    kind: str
    actor: str
    object_uri: str | None
    object: dict[str, Any] | None
    target: str | None
    raw: dict[str, Any]


def parse_activity(document: dict[str, Any]) -> ParsedActivity:
    """The activity, or :class:`~federation.errors.BadInput`: no type, no actor, or several (IN-01). An id on another
    host than the actor's is dropped, since it may be somebody else's (SV-13)."""
    check_context(document)
    node = normal_form(document)
    kind = _kind(node)
    if kind is None:
        raise BadInput("the activity has no type", sentence="The activity has no type.")
    actors = {name for item in items(node.get("actor")) for name in references(item)}
    if len(actors) != 1 or (actor := web_address(next(iter(actors)))) is None:
        raise BadInput("the activity does not have exactly one actor", sentence="The activity needs exactly one actor.")
    uri = identity(node)
    return ParsedActivity(
        uri=uri if uri is not None and same_origin(uri, actor) else None,
        kind=kind,
        actor=actor,
        object_uri=reference(node.get("object")),
        object=_embedded(node),
        target=reference(node.get("target")),
        raw=_without_blind(document),
    )


def peek(document: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Type, actor and object of a document nobody has checked yet, at no cost: only for deciding that it is not worth
    checking (IN-02). What is written in an unusual way is ``None``."""
    kind = document.get("type", document.get("@type"))
    actor, subject = (reference(document.get(name)) for name in ("actor", "object"))
    return (short_name(kind) if isinstance(kind, str) else None), actor, subject


def _kind(node: dict[str, Any]) -> str | None:
    """Of several types the first that is known."""
    given = kinds(node)
    return next((kind for kind in given if kind in ACTIVITY_TYPES), given[0] if given else None)


def _embedded(node: dict[str, Any]) -> dict[str, Any] | None:
    """The only embedded object. One without recipients of its own has the activity's, as Mastodon reads it (OU-01)."""
    found = [item for item in items(node.get("object")) if isinstance(item, dict)]
    if len(found) != 1 or len(items(node.get("object"))) != 1:
        return None
    embedded: dict[str, Any] = found[0]
    if "to" in embedded or "cc" in embedded:
        return embedded
    return embedded | {name: node[name] for name in ("to", "cc") if name in node}


def _without_blind(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_blind(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_blind(item) for name, item in value.items() if short_name(name) not in _BLIND}
    return value
