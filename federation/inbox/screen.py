"""Who is not listened to. A blocked server or actor is refused before anything is fetched for it, so that it can
neither cost us requests nor learn when we look. ``receive`` and the handlers ask here; who is blocked is decided by
people."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from federation.actors.remote import origin_of
from federation.errors import Blocked, FederationError

# Each POST asks; put together by Django, the asking costs twice the answer.
_ASK = """
    SELECT coalesce(bool_or(blocked), false)
        OR EXISTS (SELECT 1 FROM federation_remoteactor WHERE uri = %(actor)s AND blocked),
           coalesce(bool_or(held_until IS NOT NULL AND origin = %(home)s), false)
      FROM federation_peer WHERE origin = ANY(%(origins)s)"""


def check_welcome(key_id: str, actor: str) -> bool:
    """Whether the actor's server rests, by what we know of it. Raises Blocked if the key's server, the actor's server
    or the actor is blocked. One query."""
    blocked, rests = _ask([key_id, actor], actor)
    if blocked:
        raise Blocked(f"blocked: {actor}")
    return rests


def is_welcome(actor: str) -> bool:
    return not _ask([actor], actor)[0]


def _ask(addresses: Iterable[str], actor: str) -> tuple[bool, bool]:
    origins = {origin for address in addresses if (origin := find_origin(address)) is not None}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, {"origins": list(origins), "home": find_origin(actor), "actor": actor})
        blocked, rests = cursor.fetchone()
    return blocked, rests


def find_origin(address: str) -> str | None:
    """``scheme://host[:port]``, also of ``acct:user@host``, an old form of key ids; None for what is no address."""
    if address.startswith("acct:"):
        address = f"https://{address.rpartition('@')[2]}/"
    try:
        return origin_of(address)
    except (FederationError, ValueError):
        return None
