"""What a new activity makes needless, inbox by inbox, in the transaction that stores it. Only what nobody can
have heard may go: what a pump has taken may have arrived, although nobody saw the answer, unless it knows better."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from federation.models import Activity
from federation.vocab.kinds import Kind

# Rows about the same thing, for an inbox that the new activity goes to as well.
_OLDER = """
    UPDATE federation_delivery AS old
       SET state = 'dropped', done_at = %(now)s, error = %(why)s
      FROM federation_activity AS said
     WHERE said.id = old.activity_id AND old.activity_id <> %(activity)s
       AND said.actor_id = %(actor)s AND said.object_id IS NOT DISTINCT FROM %(object)s AND said.kind = ANY(%(kinds)s)
       AND old.lane = %(lane)s AND old.state = 'waiting'
       AND (old.first_attempt IS NULL OR old.unheard)
       AND EXISTS (SELECT 1 FROM federation_delivery AS new
                    WHERE new.activity_id = %(activity)s AND new.inbox = old.inbox)"""

_WITH_WHAT_IT_UNDOES = f"""
    WITH gone AS ({_OLDER} RETURNING old.inbox, said.kind)
    UPDATE federation_delivery AS mine
       SET state = 'dropped', done_at = %(now)s, error = %(why)s
      FROM gone
     WHERE mine.activity_id = %(activity)s AND mine.inbox = gone.inbox AND gone.kind = %(undone)s"""  # noqa: S608


def supersede(activity: Activity) -> None:
    """An Update replaces Updates that still wait. A Delete replaces what still waits of its object; where the Create
    itself was never heard, the Delete goes with it and that server hears nothing. Where a try of the Create ended
    unseen, both stay: its row is older, so it goes first (GoToSocial keeps a zombie if the Delete comes first). The end
    of a boost is to the boost what the Delete is to the Create."""
    rule = _RULES.get(Kind(activity.kind))
    if rule is not None:
        rule(activity)


def _coalesce(activity: Activity) -> None:
    _run(_OLDER, activity, [Kind.UPDATE], "a later update took its place", undone=Kind.UPDATE)


def _take_back(activity: Activity) -> None:
    # A Delete of an actor has no object: it makes its Updates needless. Posts have lanes and Deletes of their own.
    kinds = [Kind.CREATE, Kind.UPDATE, Kind.ANNOUNCE, Kind.UNDO]
    _run(_WITH_WHAT_IT_UNDOES, activity, kinds, "withdrawn before it was sent", undone=Kind.CREATE)


def _end_boost(activity: Activity) -> None:
    _run(_WITH_WHAT_IT_UNDOES, activity, [Kind.ANNOUNCE], "taken back before it was sent", undone=Kind.ANNOUNCE)


def _run(statement: str, activity: Activity, kinds: list[Kind], why: str, *, undone: Kind) -> None:
    values = {
        "activity": activity.pk,
        "actor": activity.actor_id,
        "object": activity.object_id,
        "lane": activity.lane,
        "now": activity.created,
        "kinds": [str(kind) for kind in kinds],
        "undone": str(undone),
        "why": why,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


_RULES: dict[Kind, Callable[[Activity], None]] = {
    Kind.UPDATE: _coalesce,
    Kind.DELETE: _take_back,
    Kind.UNDO: _end_boost,
}
