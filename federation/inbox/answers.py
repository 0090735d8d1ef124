"""Which of our Follows an Accept or Reject answers. Only the one who was asked can answer (IN-06)."""

from __future__ import annotations

from federation.errors import BadInput
from federation.models import Following
from federation.vocab.parse import ParsedActivity, parse_activity


def find_asked(activity: ParsedActivity) -> Following | None:
    """By the id of our Follow; or, from peers that answer under an id of their own, by who follows whom. None if the
    sender was not asked by anybody here."""
    asked = Following.objects.select_for_update().filter(remote__uri=activity.actor)
    if activity.object_uri and (found := asked.filter(follow_uri=activity.object_uri).first()):
        return found
    if activity.object is None:
        return None
    try:
        follow = parse_activity(activity.object)
    except BadInput:
        return None
    if follow.kind != "Follow" or follow.object_uri != activity.actor:
        return None
    return asked.filter(actor__uri=follow.actor).first()
