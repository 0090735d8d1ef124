"""Reads public keys from actors' documents and from documents of their own. It says whose key a document claims to be,
never whether that is true: the claim counts once the owner's own document lists the key (SV-06). ``parse`` passes it on
to ``actors`` and ``inbox``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.errors import BadInput

from .contexts import check_context
from .normal import kinds, normal_form
from .terms import ACTOR_TYPES
from .values import first_string, identity, items, reference, same_origin

MAX_KEYS = 10
_MAX_MATERIAL = 16_384


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """``owner`` is the actor that the document names. Either ``pem`` (SPKI or PKCS#1 of an RSA key) or ``multibase`` is
    given, unread."""

    id: str
    owner: str
    pem: str | None
    multibase: str | None


def parse_keys(actor: dict[str, Any], uri: str) -> tuple[ParsedKey, ...]:
    """The keys that an actor's document, in normal form, lists for itself on its own host; at most ten, as Mastodon."""
    given = [item for name in ("publicKey", "assertionMethod") for item in items(actor.get(name))[:MAX_KEYS]]
    found = (_parse_key(item, uri) for item in given if isinstance(item, dict))
    return tuple(key for key in found if key is not None and key.owner == uri)[:MAX_KEYS]


def parse_key_document(document: dict[str, Any], key_id: str) -> ParsedKey:
    """The key ``key_id`` from the document at its address: an actor, GoToSocial's stub of one, or the key alone.

    Where ``key_id`` is an actor's own id (old PeerTube), its first key is taken. The owner lies on the key's own
    host; the caller still has to find the key in the owner's document, unless this was it. Raises
    :class:`~federation.errors.BadInput`.
    """
    check_context(document)
    node = normal_form(document)
    uri = identity(node)
    if uri is None:
        raise BadInput("the key document has no id")
    if "publicKey" in node or "assertionMethod" in node or ACTOR_TYPES.intersection(kinds(node)):
        key = _from_actor(node, uri, key_id)
    else:
        key = _parse_key(node, None)
        if key is not None and key.id != key_id:
            raise BadInput("the key document is about another key")
    if key is None:
        raise BadInput("the document holds no such key")
    return key


def _from_actor(node: dict[str, Any], uri: str, key_id: str) -> ParsedKey | None:
    keys = parse_keys(node, uri)
    if key_id == uri and not any(key.id == key_id for key in keys):
        return next((ParsedKey(key_id, key.owner, key.pem, key.multibase) for key in keys), None)
    return next((key for key in keys if key.id == key_id), None)


def _parse_key(node: dict[str, Any], actor: str | None) -> ParsedKey | None:
    """``None`` for what is no usable key: peers with one odd key among others are common (JL-07)."""
    uri = identity(node)
    owner = reference(node.get("owner")) or reference(node.get("controller")) or actor
    pem = first_string(node.get("publicKeyPem"))
    multibase = first_string(node.get("publicKeyMultibase"))
    if uri is None or owner is None or not same_origin(uri, owner):
        return None
    material = pem or multibase
    if not material or len(material) > _MAX_MATERIAL:
        return None
    return ParsedKey(uri, owner, pem, None if pem else multibase)
