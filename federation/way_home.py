"""Finds the place on a reader's own server where they follow, answer, boost or like what is ours. The desk asks, on
behalf of somebody whom nobody knows, so whoever asks much is refused before anything is fetched."""

from __future__ import annotations

import logging

from .actors.local import find_by_key
from .actors.remote import check_peer
from .conf import federation_settings
from .contract import Gesture, Trouble, Way
from .errors import BadInput, Blocked, FederationError, Gone, Missing
from .models import LedgerEntry
from .net.allowance import Allowance, Answer
from .net.client import client
from .net.homes import Home, NoServer, fetch_way, read_home
from .vocab.intents import intent_values

WAIT = 8.0  # seconds that a reader waits for all questions together
log = logging.getLogger(__name__)
allowance = Allowance()  # this process's
# What went wrong, from the particular to the general.
_TROUBLES: tuple[tuple[type[FederationError], Trouble], ...] = (
    (Blocked, Trouble.BLOCKED),
    (Missing, Trouble.NOBODY),
    (Gone, Trouble.NOBODY),
    (NoServer, Trouble.NO_SERVER),
    (BadInput, Trouble.NOT_AN_ADDRESS),
    (FederationError, Trouble.NO_ANSWER),
)
_LIMITS = {Answer.TOO_MANY: Trouble.TOO_MANY, Answer.BUSY: Trouble.BUSY}


def fetch_way_home(gesture: Gesture, key: str, typed: str, asker: str) -> Way:
    """See :class:`federation.contract.Desk`."""
    values = _find_target(gesture, key)
    if values is None:
        return Way(trouble=Trouble.GONE)
    try:
        home = read_home(typed)
    except BadInput:
        return Way(trouble=Trouble.NOT_AN_ADDRESS)
    if home.host == federation_settings().host.lower():
        return Way(trouble=Trouble.OURS, server=home.host)
    with allowance.asking(asker) as answer:
        if answer is not Answer.YES:
            return Way(trouble=_LIMITS[answer], server=home.host)
        return _fetch_way(gesture, home, values)


def _find_target(gesture: Gesture, key: str) -> dict[str, str] | None:
    """What stands for the publisher or the publication in an address; None if there is no such thing now."""
    if gesture is Gesture.FOLLOW:
        actor = find_by_key(key)
        if actor is None or actor.deleted_at:
            return None
        return intent_values(actor.uri, f"{actor.handle}@{federation_settings().host}", actor.url)
    entry = LedgerEntry.objects.filter(key=key, state=LedgerEntry.State.LIVE).select_related("current").first()
    return intent_values(entry.current.uri, "", entry.current.url) if entry and entry.current else None


def _fetch_way(gesture: Gesture, home: Home, values: dict[str, str]) -> Way:
    try:
        check_peer(f"https://{home.host}/")
        with client(seconds=WAIT, total=WAIT) as own:
            return Way(fetch_way(home, gesture, values, own), server=home.host)
    except FederationError as error:
        # Neither who asked nor what they wrote.
        log.info("no way to a reader's server: %s", type(error).__name__)
        return Way(trouble=next(trouble for kind, trouble in _TROUBLES if isinstance(error, kind)), server=home.host)
