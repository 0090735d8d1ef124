"""Who hears an activity: one row per distinct inbox, found and written by the database alone, so that ten and a hundred
thousand followers cost the sender the same statements. ``send`` calls it inside its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Flag, auto

from django.db import connection

from federation.conf import federation_settings
from federation.models import Activity


class Audience(Flag):
    """``FOLLOWERS`` of the actor; ``REACHED``: every inbox that may know the activity's object; ``KNOWN``: every inbox
    that may know any object of the actor. A withdrawal goes to more than those who follow now (OU-02: boosted and
    fetched copies live on servers where nobody follows). ``MET``: one inbox of each server without followers that may
    know the actor, and so its key: because it was sent something, or the actor follows somebody there, or, for the
    instance actor, because something was fetched from there."""

    FOLLOWERS = auto()
    REACHED = auto()
    KNOWN = auto()
    MET = auto()


EVERYONE = Audience.FOLLOWERS | Audience.REACHED

# The shared inbox where there is one: 500 followers on 3 servers are 3 requests (OU-03).
_FOLLOWERS = """
    SELECT COALESCE(NULLIF(r.shared_inbox, ''), r.inbox) AS inbox
      FROM federation_follower f JOIN federation_remoteactor r ON r.id = f.remote_id
      JOIN federation_peer home ON home.origin = r.peer_id
     WHERE f.actor_id = %(actor)s AND NOT r.blocked AND NOT home.blocked AND r.gone_at IS NULL"""
_REACHED = "SELECT inbox FROM federation_reach WHERE object_id = %(object)s"
_KNOWN = """
    SELECT x.inbox FROM federation_reach x JOIN federation_publishedobject o ON o.id = x.object_id
     WHERE o.actor_id = %(actor)s"""
# A key is a server's affair, not an inbox's. Inboxes that are known to be lost tell nobody anything.
_MET = """
    SELECT DISTINCT ON (met.peer_id) met.inbox FROM (
        SELECT x.inbox, x.peer_id, 1 AS rank
          FROM federation_reach x JOIN federation_publishedobject o ON o.id = x.object_id
         WHERE o.actor_id = %(actor)s
         UNION ALL
        SELECT d.inbox, d.peer_id, 2
          FROM federation_delivery d JOIN federation_activity a ON a.id = d.activity_id
         WHERE a.actor_id = %(actor)s AND d.state = 'accepted'
         UNION ALL
        SELECT COALESCE(NULLIF(r.shared_inbox, ''), r.inbox), r.peer_id, 3
          FROM federation_remoteactor r
         WHERE r.gone_at IS NULL
           AND (r.id IN (SELECT remote_id FROM federation_following WHERE actor_id = %(actor)s)
                OR EXISTS (SELECT 1 FROM federation_localactor l WHERE l.id = %(actor)s AND l.kind = 'instance'))
    ) AS met(inbox, peer_id, rank)
     WHERE met.peer_id NOT IN (
        SELECT r.peer_id FROM federation_follower f JOIN federation_remoteactor r ON r.id = f.remote_id
         WHERE f.actor_id = %(actor)s)
       AND NOT EXISTS (SELECT 1 FROM federation_delivery g WHERE g.inbox = met.inbox AND g.status IN (404, 410))
     ORDER BY met.peer_id, met.rank, met.inbox"""
_SELECTS = {
    Audience.FOLLOWERS: _FOLLOWERS,
    Audience.REACHED: _REACHED,
    Audience.KNOWN: _KNOWN,
    Audience.MET: f"({_MET})",
}

# An inbox may live elsewhere than its owner. The default port is dropped, so that no server has two rows.
_ORIGIN = r"""regexp_replace(regexp_replace(lower(substring(inbox from '^[a-zA-Z]+://[^/?#]+')),
    '^(https://.*):443$', '\1'), '^(http://.*):80$', '\1')"""

_PEERS = """
    INSERT INTO federation_peer (origin, created, blocked, scheme, shares_inbox, hold_reason, holds)
    SELECT DISTINCT {origin}, %(now)s, false, '', false, '', 0 FROM ({inboxes}) AS audience(inbox)
     WHERE {origin} IS NOT NULL ORDER BY 1
    ON CONFLICT DO NOTHING"""  # in order of name: two fan-outs never wait for each other in a circle

_DELIVERIES = """
    INSERT INTO federation_delivery
           (activity_id, peer_id, inbox, lane, first, state, attempts, created, next_attempt, error)
    SELECT %(activity)s, p.origin, a.inbox, %(lane)s, %(first)s, 'waiting', 0, %(now)s, %(now)s, ''
      FROM (SELECT DISTINCT inbox, {origin} AS origin FROM ({inboxes}) AS audience(inbox)) AS a
      JOIN federation_peer p ON p.origin = a.origin
     WHERE NOT p.blocked AND p.origin <> %(own)s AND (%(only)s::text[] IS NULL OR p.origin = ANY(%(only)s))
     ORDER BY p.holds, p.origin
    ON CONFLICT DO NOTHING"""

_REACH = """
    INSERT INTO federation_reach (object_id, inbox, peer_id)
    SELECT %(object)s, inbox, peer_id FROM federation_delivery WHERE activity_id = %(activity)s
    ON CONFLICT DO NOTHING"""


def fan_out(activity: Activity, audience: Audience, *, first: bool, only: Sequence[str] | None = None) -> int:
    """Writes the deliveries of ``activity``, and remembers whom its object reached. Our own host and blocked servers
    are left out; ``only`` narrows it to these servers (origins). Returns how many servers' inboxes will hear it."""
    inboxes = " UNION ALL ".join(select for part, select in _SELECTS.items() if part in audience)
    values = {
        "activity": activity.pk,
        "actor": activity.actor_id,
        "object": activity.object_id,
        "lane": activity.lane,
        "first": first,
        "now": activity.created,
        "own": federation_settings().ORIGIN.lower(),
        "only": None if only is None else list(only),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEERS.format(origin=_ORIGIN, inboxes=inboxes), values)
        cursor.execute(_DELIVERIES.format(origin=_ORIGIN, inboxes=inboxes), values)
        count = cursor.rowcount
        if activity.object_id is not None:
            cursor.execute(_REACH, values)
    return count
