"""The first look at a POST: its type, its size, and who claims to say what, read with hard limits. Nothing here is
verified and nothing may be done about it, but for one shortcut: news of somebody who is not known here costs nothing.
``receive`` calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.errors import BadInput, WrongMediaType
from federation.net.media_types import read_media_type
from federation.vocab.parse import parse_activity, peek, read_json

# Any parameters: Lemmy and others leave the profile out (SV-12).
_ACCEPTED = frozenset({"application/activity+json", "application/ld+json", "application/json"})
# PostgreSQL indexes at most 2,704 bytes per row, and the name of an activity stands beside its actor's.
MAX_ACTOR_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the document claims. ``kind`` is the type's short name; ``subject`` the address of what it is about."""

    document: dict[str, Any]
    kind: str | None
    actor: str
    subject: str | None

    @property
    def is_about_its_actor(self) -> bool:
        """Whether an actor tells of its own deletion or change. Such news is sent to every server that the sender ever
        heard of (IN-02)."""
        return self.kind in ("Delete", "Update") and self.actor == self.subject


def read_envelope(body: bytes, content_type: str, limit: int) -> Envelope:
    """Raises WrongMediaType (415), TooLarge (413) or BadInput (400) and nothing else; ``limit`` is in bytes."""
    name, parameters = read_media_type(content_type)
    if name not in _ACCEPTED or parameters.get("charset", "utf-8").strip().lower() not in ("utf-8", "utf8"):
        raise WrongMediaType(f"content type {content_type[:100]!r}")
    document = read_json(body, limit)
    kind, actor, subject = peek(document)
    if actor is None:  # written in full JSON-LD, which few do: reading that is dearer
        parsed = parse_activity(document)
        kind, actor, subject = parsed.kind, parsed.actor, parsed.object_uri
    if len(actor.encode()) > MAX_ACTOR_BYTES:
        raise BadInput("the actor's id is too long", sentence="The actor's id is too long.")
    return Envelope(document, kind, actor, subject)
