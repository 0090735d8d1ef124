"""Everything that goes out is built by the functions named here. Each returns a ``dict`` in a stable order, with arrays
where peers want arrays, no nulls and dates in UTC (JL-06); ``to_bytes`` makes the bytes. A proof, if any, is added by
``signatures`` before that. ``outbox``, ``actors`` and ``inbox`` call them."""

from __future__ import annotations

from .activities import (
    build_accept,
    build_announce,
    build_create,
    build_delete,
    build_delete_actor,
    build_follow,
    build_reject,
    build_tombstone,
    build_undo,
    build_update,
    build_update_actor,
    to_bytes,
)
from .actor_document import ActorAddresses, ActorKeys, ActorKind, build_actor, with_keys, without_pictures
from .object_document import build_object

__all__ = [
    "ActorAddresses",
    "ActorKeys",
    "ActorKind",
    "build_accept",
    "build_actor",
    "build_announce",
    "build_create",
    "build_delete",
    "build_delete_actor",
    "build_follow",
    "build_object",
    "build_reject",
    "build_tombstone",
    "build_undo",
    "build_update",
    "build_update_actor",
    "to_bytes",
    "with_keys",
    "without_pictures",
]
