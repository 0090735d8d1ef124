"""One delivery, tried now: signed afresh, posted through the guarded client, and the answer judged. Runs in a pump's
threads with plain values; never touches the ORM, never raises."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.utils.translation import gettext_noop

from federation.errors import NetworkError, Refused
from federation.net.client import Answer, Client
from federation.signatures.sign import Scheme, Signer
from federation.vocab.terms import ACTIVITY_JSON

from .freight import Attempt, Item
from .retry import KNOCK_AGAIN, UNHEARD, Outcome, Result, classify, read_retry_after

_log = logging.getLogger(__name__)
# Seconds. A lease is made for two knocks of thirty; a third has what is left of them.
_LAST_KNOCK_WITHIN = 30.0
_OTHER = {Scheme.CAVAGE: Scheme.RFC9421, Scheme.RFC9421: Scheme.CAVAGE}

OUR_KEY = gettext_noop("Our own key cannot be read; see the log.")
OUR_FAULT = gettext_noop("Something went wrong on our side; see the log.")


def attempt(client: Client, item: Item, scheme: Scheme, now: datetime) -> Attempt:
    """Signs with ``scheme``; where the answer may be about that (400, 401), the same bytes once more with the other."""
    if item.signer is None:
        return Attempt(item, Outcome(Result.FAILED), error=OUR_KEY)
    try:
        return _knock(client, item, item.signer, scheme, now)
    except NetworkError as error:
        if isinstance(error, Refused):
            result = Result.RESTS if error.temporary else Result.FORBIDDEN
            return Attempt(item, Outcome(result), error=_clean(error.sentence), unheard=error.unsent)
        result = Result.RESTS if error.holds else Result.FAILED
        return Attempt(item, Outcome(result), error=_clean(f"{error.sentence} {error.detail}"), unheard=error.unsent)
    except Exception:  # noqa: BLE001 -- a thread that dies takes its outcome along, and the row waits for its lease
        _log.exception("delivery %s", item.id)
        return Attempt(item, Outcome(Result.FAILED), error=OUR_FAULT)


def _knock(client: Client, item: Item, signer: Signer, scheme: Scheme, now: datetime) -> Attempt:
    began = time.monotonic()
    answer = _post(client, item, signer, scheme)
    if answer.status in KNOCK_AGAIN:
        scheme = _OTHER[scheme]
        answer = _post(client, item, signer, scheme)  # whatever becomes of this one: the first was not taken
    if answer.status in KNOCK_AGAIN and item.rotation is not None and time.monotonic() - began < _LAST_KNOCK_WITHIN:
        # The server may know the other key. Not more than three knocks (SO-06), so the scheme takes turns.
        signer, scheme = item.rotation.other, scheme if item.attempts % 2 else _OTHER[scheme]
        answer = _post(client, item, signer, scheme)
    result = classify(answer.status)
    if result is Result.ACCEPTED:
        return Attempt(item, Outcome(result), answer.status, scheme=scheme, signer=signer)
    waits = read_retry_after(answer.headers.get("retry-after"), now)
    words = answer.body.decode("utf-8", "replace")
    error = _clean(words) or f"HTTP {answer.status}"
    return Attempt(item, Outcome(result, waits), answer.status, error, unheard=answer.status in UNHEARD)


def _post(client: Client, item: Item, signer: Signer, scheme: Scheme) -> Answer:
    return client.post(
        item.inbox,
        item.body.data,
        content_type=ACTIVITY_JSON,  # GoToSocial answers 406 to anything else
        signer=signer,
        scheme=scheme,
        digest=item.body.digest,
    )


def _clean(words: str) -> str:
    """One line that the database and the admin can show: a stranger wrote it."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:1024]
