"""Where another server lets its people act on something of ours: the templates in its WebFinger answers, and the
addresses filled in from them. Pure; whether anybody may be sent there is for the caller to judge.

Activity Intents (FEP-3b86) come first, the one made for the gesture before the one that merely opens the thing; then
the template of OStatus, which all but a few servers have; then the address that Mastodon has had since 2018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from federation.contract import Gesture

_FEP: Final = "https://w3id.org/fep/3b86/"
_SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
_OBJECT, _REPLIED, _URI = "object", "inReplyTo", "uri"
_OPEN = (f"{_FEP}Object", _OBJECT)
_LEGACY = (_SUBSCRIBE, _URI)
# Relation and the variable without which a template would lead nowhere in particular: Mastodon's "Create" takes only
# words, so that it is no way to answer something.
_WANTED: Final[dict[Gesture, tuple[tuple[str, str], ...]]] = {
    Gesture.FOLLOW: ((f"{_FEP}Follow", _OBJECT), _OPEN, _LEGACY),
    Gesture.REPLY: ((f"{_FEP}Create", _REPLIED), _OPEN, _LEGACY),
    Gesture.BOOST: ((f"{_FEP}Announce", _OBJECT), _OPEN, _LEGACY),
    Gesture.LIKE: ((f"{_FEP}Like", _OBJECT), _OPEN, _LEGACY),
}
_USUAL: Final = "/authorize_interaction?uri={uri}"
# What these say of themselves in NodeInfo, and the address that each gives in the WebFinger answers of its accounts.
_MISSKEY = ("misskey", "calckey", "firefish", "foundkey", "iceshrimp", "sharkey", "cherrypick")
_OTHER: Final = dict.fromkeys(_MISSKEY, "/authorize-follow?acct={uri}")

# RFC 6570: simple expansion, and the two that make a query. Nobody was seen to use another.
_EXPRESSION = re.compile(r"\{([?&]?)([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_BRACES = re.compile(r"[{}]")


def intent_values(uri: str, handle: str, page: str) -> dict[str, str]:
    """What may stand in a template. ``uri`` is the id of the actor or object; ``handle`` is ``name@host`` for an actor,
    which servers older than ActivityPub understand too, and empty for an object; ``page`` is where the reader was."""
    return {
        _OBJECT: uri,
        _REPLIED: uri,
        _URI: handle or uri,
        "type": "Note",
        "on-success": page,
        "on-cancel": page,
    }


def find_intents(document: Mapping[str, Any], gesture: Gesture, values: Mapping[str, str]) -> Iterator[str]:
    """Filled-in addresses from a WebFinger answer, the best first. What is malformed is passed over."""
    templates = dict(reversed(list(_templates(document))))  # of several with one relation, the first
    for relation, variable in _WANTED[gesture]:
        template = templates.get(relation.lower(), "")
        if variable in _variables(template):
            address = expand(template, values)
            if address is not None:
                yield address


def usual_intent(software: str, values: Mapping[str, str]) -> str:
    """Path and query where a server lets people act on things of others, if its answers name none. ``software`` is its
    name in NodeInfo; empty if unknown."""
    filled = expand(_OTHER.get(software.lower(), _USUAL), values)
    assert filled is not None
    return filled


def expand(template: str, values: Mapping[str, str]) -> str | None:
    """Fills in a template; None if it is not one. Each value is percent-encoded whole, names that we do not know become
    empty (FEP-3b86 §3.2, §3.3)."""

    def fill(found: re.Match[str]) -> str:
        operator, names = found.group(1), found.group(2).split(",")
        if operator:
            known = [f"{name}={_encoded(values[name])}" for name in names if values.get(name)]
            return (operator if known else "") + "&".join(known)
        return ",".join(_encoded(values.get(name, "")) for name in names)

    if not all(_NAME.fullmatch(name) for name in _variables(template)):
        return None
    filled = _EXPRESSION.sub(fill, template)
    return None if _BRACES.search(filled) else filled


def actor_address(document: Mapping[str, Any]) -> str:
    """The address of the account's actor, whose host is the account's server; empty if none is named. It may be another
    host than that of the handle."""
    for link in _links(document):
        if link.get("rel") == "self" and isinstance(link.get("href"), str):
            return str(link["href"])
    return ""


def software_name(document: Mapping[str, Any]) -> str:
    """Of a NodeInfo document."""
    software = document.get("software")
    name = software.get("name") if isinstance(software, dict) else None
    return name if isinstance(name, str) else ""


def nodeinfo_address(document: Mapping[str, Any]) -> str:
    """Where the newest NodeInfo document of an index lies; empty if it names none."""
    found = [
        (link["rel"], link["href"])
        for link in _links(document)
        if isinstance(link.get("rel"), str) and isinstance(link.get("href"), str) and "nodeinfo" in link["rel"]
    ]
    return str(max(found)[1]) if found else ""


def _templates(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for link in _links(document):
        relation, template = link.get("rel"), link.get("template")
        if isinstance(relation, str) and isinstance(template, str):
            yield relation.lower(), template  # some write the activity's name small


def _links(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    links = document.get("links")
    yield from (link for link in (links if isinstance(links, list) else []) if isinstance(link, dict))


def _variables(template: str) -> list[str]:
    return [name for _operator, names in _EXPRESSION.findall(template) for name in names.split(",")]


def _encoded(value: str) -> str:
    return quote(value, safe="")
