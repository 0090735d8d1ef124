"""Builds the activities that we send, around documents that are built elsewhere. What is embedded carries neither a
context nor a proof of its own: the activity's proof covers it, and the object's own stands at its address. Only
``outbox`` and ``inbox`` (for answers) call it, through ``build``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from .normal import normal_form
from .object_document import timestamp
from .terms import CONTEXT, PUBLIC
from .values import reference


def build_create(uri: str, actor: str, obj: dict[str, Any]) -> dict[str, Any]:
    """Addressed exactly as ``obj`` is: a difference would be read as another visibility (OU-01)."""
    return _about(uri, "Create", actor, obj) | {"published": obj["published"], "object": embedded(obj)}


def build_update(uri: str, actor: str, obj: dict[str, Any]) -> dict[str, Any]:
    """``obj["updated"]`` must be later than what was told before, or Mastodon ignores the new content (OB-06)."""
    return _about(uri, "Update", actor, obj) | {"published": obj["updated"], "object": embedded(obj)}


def build_delete(uri: str, actor: str, obj: dict[str, Any], deleted: datetime) -> dict[str, Any]:
    """Withdraws ``obj`` for good: peers never accept its id again (OB-08). Addressed as it was."""
    tombstone = embedded(build_tombstone(obj["id"], obj["type"], deleted))
    return _about(uri, "Delete", actor, obj) | {"object": tombstone}


def build_announce(uri: str, actor: str, obj: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Boosts ``obj``, as loud as it is itself. Its address alone: peers have it, or fetch it from there (IN-12).
    Without a new date Mastodon would keep it out of home timelines (OB-07)."""
    return _about(uri, "Announce", actor, obj) | {"published": timestamp(now), "object": obj["id"]}


def build_tombstone(object_uri: str, former_type: str, deleted: datetime) -> dict[str, Any]:
    """What a withdrawn object's address answers, with 410."""
    document = {"@context": CONTEXT, "id": object_uri, "type": "Tombstone"}
    return document | {"formerType": former_type, "deleted": timestamp(deleted)}


def build_follow(uri: str, actor: str, target: str) -> dict[str, Any]:
    return _activity(uri, "Follow", actor) | {"to": [target], "object": target}


def build_accept(uri: str, actor: str, follow: dict[str, Any], to: str) -> dict[str, Any]:
    """Answers a Follow, which is embedded with its own id so that the asker recognises it (IN-04)."""
    return _activity(uri, "Accept", actor) | {"to": [to], "object": _plain_follow(follow)}


def build_reject(uri: str, actor: str, follow: dict[str, Any], to: str) -> dict[str, Any]:
    return _activity(uri, "Reject", actor) | {"to": [to], "object": _plain_follow(follow)}


def build_undo(uri: str, actor: str, activity: dict[str, Any]) -> dict[str, Any]:
    """Takes back our own ``activity``, which is embedded whole: GoToSocial ignores an Undo of a mere address."""
    return _about(uri, "Undo", actor, activity) | {"object": embedded(activity)}


def build_update_actor(uri: str, actor: str, document: dict[str, Any], followers: str) -> dict[str, Any]:
    """Tells a changed profile or key, the whole actor embedded (AC-16)."""
    return _activity(uri, "Update", actor) | {"to": [PUBLIC], "cc": [followers], "object": embedded(document)}


def build_delete_actor(uri: str, actor: str) -> dict[str, Any]:
    """Takes leave for good. The bare address, as Mastodon sends it: few peers read a Tombstone here."""
    return _activity(uri, "Delete", actor) | {"to": [PUBLIC], "object": actor}


def embedded(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` as it stands inside another one."""
    return {name: value for name, value in document.items() if name not in ("@context", "proof")}


def to_bytes(document: dict[str, Any]) -> bytes:
    """The bytes that are stored, signed and sent, made once (SO-12): compact UTF-8, members in the order given."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _activity(uri: str, kind: str, actor: str) -> dict[str, Any]:
    return {"@context": CONTEXT, "id": uri, "type": kind, "actor": actor}


def _about(uri: str, kind: str, actor: str, subject: dict[str, Any]) -> dict[str, Any]:
    addressed = {name: subject[name] for name in ("to", "cc") if name in subject}
    return _activity(uri, kind, actor) | addressed


def _plain_follow(follow: dict[str, Any]) -> dict[str, Any]:
    """The Follow with addresses only: Takahē cannot read an answer whose Follow holds an embedded actor."""
    given = normal_form(follow)
    plain = {"id": reference(given.get("id")), "type": "Follow"}
    plain |= {name: reference(given.get(name)) for name in ("actor", "object")}
    return {name: value for name, value in plain.items() if value is not None}
