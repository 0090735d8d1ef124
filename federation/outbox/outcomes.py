"""Writes what came of attempts: in bulk, and only while the lease under which they were made still stands. A pump that
was believed dead, and whose servers somebody else has leased, changes nothing. Called by ``pump``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from .freight import Attempt, Destination, Item, Standing
from .retry import Fate, Progress, Result, Verdict, next_step

# "= ANY" says what the join says too; it makes sure of the index while the planner knows nothing about new rows.
_DELIVERIES = """
    UPDATE federation_delivery d
       SET state = v.state, attempts = d.attempts + 1, next_attempt = COALESCE(v.at, d.next_attempt),
           done_at = CASE WHEN v.state = 'waiting' THEN NULL ELSE %(now)s END, status = v.status, error = v.error,
           unheard = v.unheard
      FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(states)s::text[], %(ats)s::timestamptz[],
                  %(statuses)s::int[], %(errors)s::text[], %(unheards)s::bool[])
           AS v(id, token, state, at, status, error, unheard)
     WHERE d.id = ANY(%(ids)s) AND d.id = v.id AND d.state = 'waiting'
       AND EXISTS (SELECT 1 FROM federation_peer p WHERE p.origin = d.peer_id AND p.lease_token = v.token)"""

# As if nobody had taken them: only so may a later withdrawal drop them unsent.
_UNTRIED = """
    UPDATE federation_delivery d SET first_attempt = v.first, attempted_at = v.last, unheard = v.unheard
      FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[],
                  %(unheards)s::bool[]) AS v(id, token, first, last, unheard)
     WHERE d.id = ANY(%(ids)s) AND d.id = v.id AND d.state = 'waiting'
       AND EXISTS (SELECT 1 FROM federation_peer p WHERE p.origin = d.peer_id AND p.lease_token = v.token)"""

_PEERS = """
    UPDATE federation_peer p
       SET holds = v.holds, held_until = v.held, hold_reason = v.reason, last_success = v.success,
           failing_since = v.failing, scheme = v.scheme, scheme_learned = v.learned,
           lease_token = CASE WHEN v.release THEN NULL ELSE p.lease_token END,
           lease_until = CASE WHEN v.release THEN NULL ELSE p.lease_until END
      FROM unnest(%(origins)s::text[], %(tokens)s::uuid[], %(holds)s::int[], %(helds)s::timestamptz[],
                  %(reasons)s::text[], %(successes)s::timestamptz[], %(failings)s::timestamptz[], %(schemes)s::text[],
                  %(learneds)s::timestamptz[], %(releases)s::bool[])
           AS v(origin, token, holds, held, reason, success, failing, scheme, learned, release)
     WHERE p.origin = ANY(%(origins)s) AND p.origin = v.origin AND p.lease_token = v.token"""

# A server that took the new key, or the announcement of it, is sent to with the new one from now on; one that took only
# the former is told again (``rotation.remind``).
_HELD = """unnest(%(keys)s::bigint[], %(origins)s::text[], %(tokens)s::uuid[]) AS v(key, origin, token)
      JOIN federation_peer p ON p.origin = v.origin AND p.lease_token = v.token"""
_HOLDERS = {
    Standing.KNOWS: f"""
        DELETE FROM federation_keyholder h USING {_HELD} WHERE h.key_id = v.key AND h.peer_id = v.origin""",  # noqa: S608
    Standing.HOLDS: f"""
        INSERT INTO federation_keyholder (key_id, peer_id)
        SELECT v.key, v.origin FROM {_HELD}
          JOIN federation_actorkey k ON k.id = v.key AND k.ended_at IS NULL
        ON CONFLICT DO NOTHING""",  # noqa: S608
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt with what follows from it, decided the moment that it came in."""

    destination: Destination
    attempt: Attempt
    verdict: Verdict


def judge(destination: Destination, attempt: Attempt, now: datetime, jitter: float) -> Judged:
    """Takes one attempt into the server's account. Where the server rests, the item waits as long as it does."""
    item, health = attempt.item, destination.health
    progress = Progress(item.attempts, item.first_attempt or now, item.lasting)
    verdict = next_step(attempt.outcome, progress, now, jitter)
    rests = health.note(attempt.outcome, item, attempt.error, now, jitter)
    if attempt.scheme is not None:
        health.learn(attempt.scheme, now)
    if rests:
        destination.halted = True
    if rests and verdict.fate is Fate.WAITING and attempt.outcome.result is Result.RESTS:
        verdict = Verdict(Fate.WAITING, health.held_until)
    return Judged(destination, attempt, verdict)


def write(judged: list[Judged], finished: Iterable[Destination], now: datetime) -> None:
    """One transaction for everything; ``finished`` servers are given back, with what was not tried there."""
    done = list(finished)
    touched = {(d.origin, d.token): d for d in [*(j.destination for j in judged), *done]}
    released = {(d.origin, d.token) for d in done}
    with transaction.atomic(), connection.cursor() as cursor:
        if judged:
            cursor.execute(_DELIVERIES, _delivery_values(judged) | {"now": now})
        for standing, values in _standings(judged).items():
            cursor.execute(_HOLDERS[standing], values)
        untried = [(d, item) for d in done for item in d.items]
        if untried:
            cursor.execute(_UNTRIED, _untried_values(untried))
        if touched:
            cursor.execute(_PEERS, _peer_values(list(touched.values()), released))


def _delivery_values(judged: list[Judged]) -> dict[str, Any]:
    return {
        "ids": [j.attempt.item.id for j in judged],
        "tokens": [j.destination.token for j in judged],
        "states": [str(j.verdict.fate) for j in judged],
        "ats": [j.verdict.at for j in judged],
        "statuses": [j.attempt.status for j in judged],
        "errors": [j.attempt.error for j in judged],
        "unheards": [_is_unheard(j.attempt) for j in judged],
    }


def _standings(judged: list[Judged]) -> dict[Standing, dict[str, Any]]:
    """What was learned about who knows which key: the last word of each server."""
    last = {
        (j.attempt.item.rotation.former_row, j.destination.origin): (j.attempt.standing, j.destination.token)
        for j in judged
        if j.attempt.item.rotation is not None and j.attempt.standing is not None
    }
    found: dict[Standing, dict[str, Any]] = {}
    for (key, origin), (standing, token) in last.items():
        values = found.setdefault(standing, {"keys": [], "origins": [], "tokens": []})
        for name, value in (("keys", key), ("origins", origin), ("tokens", token)):
            values[name].append(value)
    return found


def _untried_values(untried: list[tuple[Destination, Item]]) -> dict[str, Any]:
    return {
        "ids": [item.id for _, item in untried],
        "tokens": [destination.token for destination, _ in untried],
        "firsts": [item.first_attempt for _, item in untried],
        "lasts": [item.attempted_at for _, item in untried],
        "unheards": [item.unheard for _, item in untried],
    }


def _is_unheard(attempt: Attempt) -> bool:
    """Only if that is sure of every attempt, this one and those before."""
    item = attempt.item
    return attempt.unheard and (item.first_attempt is None or item.unheard)


def _peer_values(touched: list[Destination], released: set[tuple[str, UUID]]) -> dict[str, Any]:
    return {
        "origins": [d.origin for d in touched],
        "tokens": [d.token for d in touched],
        "holds": [d.health.holds for d in touched],
        "helds": [d.health.held_until for d in touched],
        "reasons": [d.health.reason for d in touched],
        "successes": [d.health.last_success for d in touched],
        "failings": [d.health.failing_since for d in touched],
        "schemes": [d.health.scheme for d in touched],
        "learneds": [d.health.scheme_learned for d in touched],
        "releases": [(d.origin, d.token) in released for d in touched],
    }
