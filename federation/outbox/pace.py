"""How fast a server without a shared inbox is sent to. Each follower there is a request, and GoToSocial counts them:
300 within five minutes from one address, our own fetches included, then 429 (OU-11: at most one request a second,
sustained). Pure: what a server has left is one moment, kept in its row and moved on before anything is sent, so
that a pump that starts anew does not begin anew. ``lease`` calls it.

The moment is when the server would have its whole burst again (the virtual scheduling form of a leaky bucket, ITU-T
I.371 annex A). Whoever looks earlier may send as many fewer as there are turns in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# 20 at once and 240 in five minutes: 260 of the 300, so that fetches of profiles and keys have room.
TURN = timedelta(seconds=1.25)
BURST = 20
# Fewer than these are not worth a lease of their own: four are there again when the worker looks next, 5 s later.
LEAST = 4


def allowance(full_at: datetime | None, now: datetime) -> int:
    """How many requests may go now; ``full_at`` is the server's moment, None if nothing was sent yet."""
    if full_at is None or full_at <= now:
        return BURST
    return max(0, BURST - -(-(full_at - now) // TURN))


def spend(full_at: datetime | None, count: int, now: datetime) -> datetime:
    """The server's moment after ``count`` more requests."""
    return max(full_at or now, now) + count * TURN


def latest_worth_a_lease(now: datetime) -> datetime:
    """A server whose moment is later than this has fewer than ``LEAST`` left."""
    return now + (BURST - LEAST) * TURN
