"""Who is not listened to. A blocked server or actor is refused before anything is fetched for it, so that it can
neither cost us requests nor learn when we look. ``receive`` and the handlers ask here; who is blocked is decided by
people."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from federation.actors.remote import origin_of
from federation.errors import Blocked, FederationError

# Each POST asks; put together by Django, the asking costs twice the answer.
_BLOCKED = """
    SELECT EXISTS (SELECT 1 FROM federation_peer WHERE origin = ANY(%s) AND blocked)
        OR EXISTS (SELECT 1 FROM federation_remoteactor WHERE uri = %s AND blocked)"""


def check_welcome(key_id: str, actor: str) -> None:
    """Raises Blocked if the key's server, the actor's server or the actor is blocked. One query."""
    if _is_blocked([key_id, actor], actor):
        raise Blocked(f"blocked: {actor}")


def is_welcome(actor: str) -> bool:
    return not _is_blocked([actor], actor)


def _is_blocked(addresses: Iterable[str], actor: str) -> bool:
    origins = {origin for address in addresses if (origin := find_origin(address)) is not None}
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKED, [list(origins), actor])
        return bool(cursor.fetchone()[0])


def find_origin(address: str) -> str | None:
    """``scheme://host[:port]``, also of ``acct:user@host``, an old form of key ids; None for what is no address."""
    if address.startswith("acct:"):
        address = f"https://{address.rpartition('@')[2]}/"
    try:
        return origin_of(address)
    except (FederationError, ValueError):
        return None
