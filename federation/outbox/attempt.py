"""One delivery, tried now: signed afresh, posted through the guarded client, and the answer judged. Runs in a pump's
threads with plain values; never touches the ORM, never raises."""

from __future__ import annotations

import logging
from datetime import datetime

from federation.errors import NetworkError, Refused
from federation.net.client import Answer, Client
from federation.signatures.sign import Scheme, Signer
from federation.vocab.terms import ACTIVITY_JSON

from .freight import Attempt, Item
from .retry import KNOCK_AGAIN, Outcome, Result, classify, read_retry_after

_log = logging.getLogger(__name__)
_OTHER = {Scheme.CAVAGE: Scheme.RFC9421, Scheme.RFC9421: Scheme.CAVAGE}


def attempt(client: Client, item: Item, scheme: Scheme, now: datetime) -> Attempt:
    """Signs with ``scheme``; where the answer may be about that (400, 401), the same bytes once more with the other."""
    if item.signer is None:
        return Attempt(item, Outcome(Result.FAILED), error="Our own key cannot be read; see the log.")
    try:
        return _knock(client, item, item.signer, scheme, now)
    except NetworkError as error:
        if isinstance(error, Refused):
            result = Result.RESTS if error.temporary else Result.FORBIDDEN
            return Attempt(item, Outcome(result), error=_clean(error.sentence))
        result = Result.RESTS if error.holds else Result.FAILED
        return Attempt(item, Outcome(result), error=_clean(f"{error.sentence} {error.detail}"))
    except Exception:  # noqa: BLE001 -- a thread that dies takes its outcome along, and the row waits for its lease
        _log.exception("delivery %s", item.id)
        return Attempt(item, Outcome(Result.FAILED), error="Something went wrong on our side; see the log.")


def _knock(client: Client, item: Item, signer: Signer, scheme: Scheme, now: datetime) -> Attempt:
    answer = _post(client, item, signer, scheme)
    if answer.status in KNOCK_AGAIN:
        scheme = _OTHER[scheme]
        answer = _post(client, item, signer, scheme)
    result = classify(answer.status)
    if result is Result.ACCEPTED:
        return Attempt(item, Outcome(result), answer.status, scheme=scheme)
    waits = read_retry_after(answer.headers.get("retry-after"), now)
    words = answer.body.decode("utf-8", "replace")
    return Attempt(item, Outcome(result, waits), answer.status, _clean(words) or f"HTTP {answer.status}")


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
