"""Asks whether a server is there, by the one document that nearly all of them have (FEP-f1d5). Called by ``outbox``."""

from __future__ import annotations

from federation.errors import NetworkError

from .client import Client
from .fetch import read_document

_MAX_BYTES = 64 * 1024


def is_there(origin: str, client: Client) -> bool:
    """Whether the NodeInfo index of ``origin`` (scheme://host[:port]) answers as one. A parked domain answers as well,
    but not with that. Unsigned; raises nothing for what the network does."""
    try:
        answer = client.get(f"{origin}/.well-known/nodeinfo", accept="application/json", limit=_MAX_BYTES)
        found = read_document(answer, _MAX_BYTES)
    except NetworkError:
        return False
    return 200 <= answer.status < 300 and isinstance(found.get("links"), list)
