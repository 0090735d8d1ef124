"""Everything that strangers send is read by the functions named here: bytes to a checked ``dict`` (``read_json``), a
``dict`` to one of our values (``parse_*``). They raise only :class:`~federation.errors.BadInput` and its kind, with a
sentence; they trust nothing, fetch nothing and interpret no JSON-LD context."""

from __future__ import annotations

from .contexts import check_context
from .media import ParsedMedia
from .parsed_activity import ParsedActivity, parse_activity, peek
from .parsed_actor import ParsedActor, parse_actor
from .parsed_keys import ParsedKey, parse_key_document
from .parsed_object import ParsedObject, parse_object
from .reading import read_json

__all__ = [
    "ParsedActivity",
    "ParsedActor",
    "ParsedKey",
    "ParsedMedia",
    "ParsedObject",
    "check_context",
    "parse_activity",
    "parse_actor",
    "parse_key_document",
    "parse_object",
    "peek",
    "read_json",
]
