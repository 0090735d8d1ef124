"""Who is not listened to. A blocked server or actor is refused before anything is fetched for it, so that it can
neither cost us requests nor learn when we look. ``receive`` and the handlers ask here; who is blocked is decided by
people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from federation.actors.remote import origin_of
from federation.actors.remote_keys import KEY_COLUMNS, KEYS, key_from_row
from federation.errors import Blocked, FederationError
from federation.models import RemoteKey

# Each POST asks; put together by Django, the asking costs twice the answer.
_BLOCKED = """
    EXISTS (SELECT 1 FROM federation_peer WHERE origin = ANY(%(origins)s) AND blocked)
    OR EXISTS (SELECT 1 FROM federation_remoteactor WHERE uri = %(actor)s AND blocked)"""
_GREET = f"""
    SELECT {_BLOCKED}, EXISTS (SELECT 1 FROM federation_peer WHERE origin = %(home)s AND held_until IS NOT NULL),
           {KEY_COLUMNS}
      FROM (SELECT 1) AS always LEFT JOIN {KEYS} ON k.key_id = %(key)s"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Welcome:
    """``rests``: the actor's server is left alone for a while, by what we know of it. ``key`` is the one that was asked
    for, if it is known here."""

    rests: bool
    key: RemoteKey | None


def check_welcome(key_id: str, actor: str) -> Welcome:
    """Raises Blocked if the key's server, the actor's server or the actor is blocked. One query."""
    values = _values([key_id, actor], actor) | {"home": find_origin(actor), "key": key_id}
    with connection.cursor() as cursor:
        cursor.execute(_GREET, values)
        blocked, rests, *key = cursor.fetchone()
    if blocked:
        raise Blocked(f"blocked: {actor}")
    return Welcome(rests, key_from_row(key))


def is_welcome(actor: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_BLOCKED}", _values([actor], actor))
        return not cursor.fetchone()[0]


def _values(addresses: Iterable[str], actor: str) -> dict[str, Any]:
    origins = {origin for address in addresses if (origin := find_origin(address)) is not None}
    return {"origins": list(origins), "actor": actor}


def find_origin(address: str) -> str | None:
    """``scheme://host[:port]``, also of ``acct:user@host``, an old form of key ids; None for what is no address."""
    if address.startswith("acct:"):
        address = f"https://{address.rpartition('@')[2]}/"
    try:
        return origin_of(address)
    except (FederationError, ValueError):
        return None
