"""Takes what is due: leases servers, marks their deliveries as being tried, and loads what a thread needs. Two pumps
never hold the same server; a pump that dies loses its leases by the clock, and nobody is sent to faster than ``pace``
allows. Called by ``pump``, in its main thread."""

from __future__ import annotations

import uuid
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from federation.actors.keystore import SigningKeys, signing_keys
from federation.models import Activity, KeyHolder
from federation.signatures.digest import body_digest
from federation.vocab.kinds import Kind

from .freight import Body, Destination, Item, Rotation, Standing
from .health import Failures, Health
from .pace import allowance, latest_worth_a_lease, spend
from .retry import is_lasting

# Twice what one item may take: two knocks of at most 30 s each (FEDERATION["DELIVERY_DEADLINE"]).
DEADLINES = 4
LEASE = DEADLINES * timedelta(seconds=30)
MOST_ITEMS = 20
PERSONAL_LANES = 4
_BODIES_KEPT = 256

# Only the oldest waiting row of (lane, inbox) may go, and nothing of an actor that rests. OFFSET 0 keeps the planner
# from joining whole tables: just after a fan-out it believes that they are empty, and would compare all with all.
_DUE = """
    d.peer_id = {origin} AND d.state = 'waiting' AND d.next_attempt <= %(now)s
    AND NOT EXISTS (SELECT 1 FROM federation_delivery AS older
                     WHERE older.lane = d.lane AND older.inbox = d.inbox AND older.state = 'waiting'
                       AND older.id < d.id OFFSET 0)
    AND NOT EXISTS (SELECT 1 FROM federation_activity a JOIN federation_localactor l ON l.id = a.actor_id
                     WHERE a.id = d.activity_id AND l.paused OFFSET 0)"""

# What failed since the last success; no more than ``retry.tells_of_the_server`` asks for.
_FAILING = """ARRAY(
    SELECT DISTINCT f.{} FROM federation_delivery f
     WHERE f.peer_id = p.origin AND f.state = 'waiting' AND f.attempts > 0
       AND f.attempted_at > COALESCE(p.last_success, '-infinity') LIMIT 3)"""

# In order of name from where the last lease ended: every server gets its turn, and none is looked at twice in a round.
_LEASE = f"""
    WITH due AS (
        SELECT p.origin FROM federation_peer p
         WHERE p.origin > %(after)s AND NOT p.blocked AND (p.holds > 0) = %(troubled)s
           AND (p.lease_until IS NULL OR p.lease_until <= %(now)s)
           AND (p.held_until IS NULL OR p.held_until <= %(now)s)
           AND (p.shares_inbox OR p.full_at IS NULL OR p.full_at <= %(full)s)
           AND EXISTS (SELECT 1 FROM federation_delivery d WHERE {_DUE.format(origin="p.origin")} OFFSET 0)
         ORDER BY p.origin LIMIT %(count)s FOR UPDATE OF p SKIP LOCKED)
    UPDATE federation_peer p SET lease_token = %(token)s, lease_until = %(until)s
      FROM due WHERE p.origin = due.origin
    RETURNING p.origin, p.holds, p.held_until, p.hold_reason, p.last_success, p.failing_since, p.scheme,
              p.scheme_learned, p.shares_inbox,
              CASE WHEN p.failing_since IS NULL THEN ARRAY[]::text[] ELSE {_FAILING.format("lane")} END,
              CASE WHEN p.failing_since IS NULL THEN ARRAY[]::text[] ELSE {_FAILING.format("inbox")} END,
              p.full_at"""  # noqa: S608

# Written before anything is sent, as is the next: whatever dies after this may have been received.
_TAKE = f"""
    WITH chosen AS (
        SELECT picked.* FROM unnest(%(origins)s::text[], %(counts)s::int[]) AS o(origin, n)
         CROSS JOIN LATERAL (
            SELECT d.id, d.first_attempt, d.attempted_at, d.unheard FROM federation_delivery d
             WHERE {_DUE.format(origin="o.origin")}
             ORDER BY d.first DESC, d.attempts, d.id LIMIT o.n FOR UPDATE OF d SKIP LOCKED) AS picked)
    UPDATE federation_delivery d
       SET attempted_at = %(now)s, first_attempt = COALESCE(d.first_attempt, %(now)s), unheard = false
      FROM chosen, federation_activity a
     WHERE d.id = chosen.id AND a.id = d.activity_id
    RETURNING d.peer_id, d.id, d.inbox, d.lane, d.attempts, chosen.first_attempt, chosen.attempted_at, d.first,
              a.id, a.actor_id, a.kind, a.object_id, chosen.unheard"""  # noqa: S608

_PACE = """
    UPDATE federation_peer p SET full_at = v.full FROM unnest(%s::text[], %s::timestamptz[]) AS v(origin, "full")
     WHERE p.origin = v.origin"""


@dataclass(slots=True)
class Leaser:
    """Remembers, for one run of a pump, how far round it is, and bodies that it has loaded. Keys are asked for anew
    each time, for they may be replaced meanwhile; that they are parsed once is the key store's business. ``lasts`` is
    how long a lease is good."""

    lasts: timedelta = LEASE
    after: dict[bool, str] = field(default_factory=lambda: {False: "", True: ""})
    bodies: OrderedDict[Any, Body] = field(default_factory=OrderedDict)
    keys: dict[uuid.UUID, SigningKeys] = field(default_factory=dict)
    holders: set[tuple[int, str]] = field(default_factory=set)

    def lease(self, count: int, now: datetime, monotonic: float, *, troubled: bool) -> list[Destination]:
        """Up to ``count`` servers that have something due. ``troubled`` asks for those whose breaker is open: they get
        one probe each."""
        token = uuid.uuid4()
        with transaction.atomic():
            rows = self._rows(count, now, token, troubled)
            if not rows:
                return []
            taken = _take({row[0]: _most(row, now, troubled=troubled) for row in rows}, now)
            _pace(rows, taken, now)
            self._load(taken)
        found: dict[str, deque[Item]] = {row[0]: deque() for row in rows}
        # UPDATE returns rows in any order: answers and withdrawals first, then as they came.
        for row in sorted(taken, key=lambda row: (not row[7], row[1])):
            found[row[0]].append(self._item(row))
        good = monotonic + self.lasts.total_seconds()
        return [
            Destination(
                origin=row[0],
                token=token,
                health=_health(row),
                failed_here=Failures(row[8]),
                items=found[row[0]],
                width=1 if row[8] or troubled else min(PERSONAL_LANES, len(found[row[0]])),
                good_until=good,
                ends=now + self.lasts,
                touched=monotonic,
            )
            for row in rows
        ]

    def _rows(self, count: int, now: datetime, token: uuid.UUID, troubled: bool) -> list[Any]:
        rows: list[Any] = []
        for _ in range(2):
            values: dict[str, Any] = {"now": now, "until": now + self.lasts, "token": token, "troubled": troubled}
            values |= {"after": self.after[troubled], "count": count - len(rows), "full": latest_worth_a_lease(now)}
            with connection.cursor() as cursor:
                # In the index's order, so that it stops at the last row wanted. Sorting would ask about every server.
                cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
                cursor.execute(_LEASE, values)
                rows += cursor.fetchall()
                cursor.execute("SET LOCAL enable_sort = on; SET LOCAL enable_bitmapscan = on")
            if len(rows) >= count or not self.after[troubled]:
                break
            self.after[troubled] = ""  # once round
        self.after[troubled] = max((row[0] for row in rows), default="") if len(rows) >= count else ""
        return rows

    def _load(self, taken: Sequence[Any]) -> None:
        needed = {row[8] for row in taken} - self.bodies.keys()
        if needed:
            for key, body in Activity.objects.filter(pk__in=needed).values_list("pk", "body"):
                data = bytes(body)
                self.bodies[key] = Body(data, body_digest(data))
        self.keys = signing_keys({row[9] for row in taken})
        former = [keys.former_row for keys in self.keys.values() if keys.former_row is not None]
        holders = KeyHolder.objects.filter(key__in=former, peer__in={row[0] for row in taken}) if former else ()
        self.holders = {(holder.key_id, holder.peer_id) for holder in holders}

    def _item(self, row: Any) -> Item:
        body = self.bodies[row[8]]
        self.bodies.move_to_end(row[8])
        keys = self.keys.get(row[9], SigningKeys(None))
        # An Update that is about no publication is about its actor.
        rotation = self._rotation(keys, row[0], body, profile=row[10] == Kind.UPDATE and row[11] is None)
        holds = rotation is not None and rotation.standing is Standing.HOLDS
        return Item(
            id=row[1],
            inbox=row[2],
            lane=row[3],
            body=body,
            signer=keys.former if holds else keys.current,
            attempts=row[4],
            first_attempt=row[5],
            attempted_at=row[6],
            unheard=row[12],
            lasting=is_lasting(row[10], row[11] is not None),
            rotation=rotation,
        )

    def _rotation(self, keys: SigningKeys, origin: str, body: Body, *, profile: bool) -> Rotation | None:
        if keys.current is None or keys.former is None or keys.former_row is None:
            return None
        holds = (keys.former_row, origin) in self.holders
        return Rotation(
            current=keys.current,
            other=keys.current if holds else keys.former,
            former_row=keys.former_row,
            standing=Standing.HOLDS if holds else Standing.KNOWS,
            # One that was said before the rotation, and waits still, shows the former key.
            tells=profile and f'"{keys.current.key_id}"'.encode() in body.data,
        )

    def forget(self) -> None:
        """Lets go of bodies that were not needed lately."""
        while len(self.bodies) > _BODIES_KEPT:
            self.bodies.popitem(last=False)


def renew(destinations: Sequence[Destination], now: datetime, monotonic: float, lasts: timedelta = LEASE) -> None:
    """Keeps leases of servers that still make progress."""
    if not destinations:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE federation_peer p SET lease_until = %s FROM unnest(%s::text[], %s::uuid[]) AS v(origin, token)"
            " WHERE p.origin = v.origin AND p.lease_token = v.token RETURNING p.origin",
            [now + lasts, [d.origin for d in destinations], [d.token for d in destinations]],
        )
        ours = {origin for (origin,) in cursor.fetchall()}
    for destination in destinations:
        if destination.origin in ours:
            destination.good_until, destination.ends = monotonic + lasts.total_seconds(), now + lasts
        else:
            destination.halted = True  # somebody else has it now


def _health(row: Any) -> Health:
    return Health(
        holds=row[1],
        held_until=row[2],
        reason=row[3],
        last_success=row[4],
        failing_since=row[5],
        scheme=row[6],
        scheme_learned=row[7],
        failures=Failures(row[8], set(row[9]), set(row[10])),
    )


def _most(row: Any, now: datetime, *, troubled: bool) -> int:
    """How many items this lease may be for."""
    if troubled:
        return 1
    return MOST_ITEMS if row[8] else min(MOST_ITEMS, allowance(row[11], now))


def _take(counts: dict[str, int], now: datetime) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"origins": list(counts), "counts": list(counts.values()), "now": now})
        return list(cursor.fetchall())


def _pace(rows: Sequence[Any], taken: Sequence[Any], now: datetime) -> None:
    """Notes what is about to be sent to servers with personal inboxes only."""
    counts = Counter(row[0] for row in taken)
    moments = {row[0]: spend(row[11], counts[row[0]], now) for row in rows if not row[8]}
    if moments:
        with connection.cursor() as cursor:
            cursor.execute(_PACE, [list(moments), list(moments.values())])
