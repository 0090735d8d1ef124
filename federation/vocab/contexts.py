"""Refuses documents whose ``@context`` would make a JSON-LD reader see another document than a plain JSON reader does
(JL-05; CVE-2022-24307, CVE-2026-42462, CVE-2026-46349). Contexts are never interpreted and never fetched here: what is
refused is any inline context that changes what a name means on which identity or authority rests. ``parse`` calls this
for every document; whoever verifies a proof may call it earlier."""

from __future__ import annotations

from typing import Any

from federation.errors import BadInput

from .terms import ACTIVITY_TYPES, ACTOR_TYPES, AS, EXTENSION_ACTIVITIES, LDP, SECURITY

# Keywords that may stand in a document, and those that may stand in a context. "@graph", "@reverse", "@included",
# "@nest", "@base", "@vocab", "@import" and "@propagate" are in neither: they move or rename content.
_DOCUMENT_KEYWORDS = frozenset(
    {"@context", "@id", "@type", "@value", "@language", "@direction", "@list", "@set", "@index", "@none"}
)
_CONTEXT_KEYWORDS = frozenset({"@version", "@protected", "@language", "@direction"})
_DEFINITION_KEYWORDS = frozenset(
    {"@id", "@type", "@container", "@context", "@language", "@direction", "@protected", "@prefix", "@index"}
)
_CORE_DEFINITION_KEYWORDS = frozenset({"@id", "@type", "@container", "@protected"})
_CORE_CONTAINERS = (None, "@list", "@set", "@language")

_WHO = ("actor", "attributedTo", "to", "cc", "bto", "bcc", "audience", "movedTo", "alsoKnownAs", "preferredUsername")
_WHAT = ("object", "target", "result", "instrument", "inReplyTo", "replies", "preview", "formerType", "deleted")
_WORDS = ("content", "name", "summary", "url", "href", "rel", "mediaType", "published", "updated", "tag", "attachment")
_PLACES = ("outbox", "followers", "following", "endpoints", "sharedInbox", "icon", "image")
_PAGES = ("items", "first", "last", "next", "prev", "partOf", "totalItems")
_TYPES = ("Note", "Article", "Page", "Tombstone", "Link")
_KEYS = ("publicKey", "owner", "publicKeyPem", "controller", "assertionMethod", "publicKeyMultibase", "Multikey")
_PROOFS = ("DataIntegrityProof", "proof", "proofPurpose", "proofValue", "cryptosuite", "verificationMethod")

CORE: dict[str, str] = {
    "id": "@id",
    "type": "@type",
    "as": AS,
    "sec": SECURITY,
    "ldp": LDP,
    "inbox": f"{LDP}inbox",
    **{name: f"{AS}{name}" for name in (*_WHO, *_WHAT, *_WORDS, *_PLACES, *_PAGES)},
    **{name: f"{AS}{name}" for name in (*_TYPES, *ACTOR_TYPES, *(ACTIVITY_TYPES - EXTENSION_ACTIVITIES))},
    "orderedItems": f"{AS}items",
    "contentMap": f"{AS}content",
    "nameMap": f"{AS}name",
    "summaryMap": f"{AS}summary",
    **{name: f"{SECURITY}{name}" for name in (*_KEYS, *_PROOFS)},
}
# Core addresses and every beginning of one, from which a prefix could make it.
_STEMS = frozenset(address[:end] for address in CORE.values() for end in range(1, len(address) + 1))


def check_context(document: dict[str, Any]) -> None:
    """Passes, or raises :class:`~federation.errors.BadInput`. Looks at every level, since an embedded object may
    carry a context of its own."""
    _check_node(document)


def _check_node(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_node(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "@context":
                _check_context_value(member)
                continue
            if name.startswith("@") and name not in _DOCUMENT_KEYWORDS:
                raise BadInput(f"{name} is not read")
            _check_node(member)


def _check_context_value(value: Any) -> None:
    """``None`` is refused as well: it forgets every definition before it, so that a JSON-LD reader sees nothing."""
    if isinstance(value, str):
        return
    if isinstance(value, list):
        for item in value:
            if isinstance(item, list):
                raise BadInput("a context inside a list of contexts is a list")
            _check_context_value(item)
    elif isinstance(value, dict):
        _check_inline(value)
    else:
        raise BadInput("a context is neither an address nor an object")


def _check_inline(context: dict[str, Any]) -> None:
    for name, definition in context.items():
        if name.startswith("@"):
            if name not in _CONTEXT_KEYWORDS:
                raise BadInput(f"{name} in a context")
            continue
        target = _expand(_target(name, definition), context)
        if name in CORE:
            if target != CORE[name] or not _is_plain(name, definition):
                raise BadInput(f"the context redefines {name}")
        elif target is not None and _reaches_core(target):
            raise BadInput(f"the context gives {name} the meaning of a core name")
        if isinstance(definition, dict):
            if not _DEFINITION_KEYWORDS.issuperset(definition):
                raise BadInput(f"the context defines {name} with a keyword that is not read")
            if "@context" in definition:
                _check_context_value(definition["@context"])


def _target(name: str, definition: Any) -> str | None:
    """What the definition points to; a definition without ``@id`` points to the name itself."""
    if isinstance(definition, dict):
        target = definition.get("@id", name if ":" in name else None)
    else:
        target = definition
    if target is not None and not isinstance(target, str):
        raise BadInput(f"the context defines {name} wrongly")
    return target


def _expand(target: str | None, context: dict[str, Any], steps: int = 5) -> str | None:
    """Follows prefixes and names to a full address, as JSON-LD does, but no further than ``steps``."""
    if target is None or target.startswith("@") or steps == 0:
        return target
    prefix, colon, rest = target.partition(":")
    if colon and not rest.startswith("//"):
        base = _meaning(prefix, context, steps)
        return target if base is None else base + rest
    if not colon:
        return _meaning(target, context, steps) or target
    return target


def _meaning(name: str, context: dict[str, Any], steps: int) -> str | None:
    if name in context:
        definition = context[name]
        target = definition.get("@id") if isinstance(definition, dict) else definition
        if isinstance(target, str) and target != name:
            return _expand(target, context, steps - 1)
    return CORE.get(name)


def _is_plain(name: str, definition: Any) -> bool:
    """Whether a core name keeps its ordinary kind of value. ``@json`` or a graph container would hide its content;
    only proofs are defined with one."""
    if not isinstance(definition, dict):
        return True
    container = definition.get("@container")
    return (
        _CORE_DEFINITION_KEYWORDS.issuperset(definition)
        and definition.get("@type") not in ("@json", "@none")
        and (container in _CORE_CONTAINERS or container == ["@set"] or (name == "proof" and container == "@graph"))
    )


def _reaches_core(target: str) -> bool:
    """Whether ``target`` is a core address, a keyword, or a stem from which a prefix could make either."""
    return target.startswith("@") or target in _STEMS
