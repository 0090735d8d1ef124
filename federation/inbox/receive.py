"""Takes one POST in: envelope, block list, authentication, owner, replay, and one row for a worker. It acts on nothing
and fetches nothing but a key, so that the sender has its answer at once: after a 5xx GoToSocial's next attempt comes
without a body, and Mastodon drops for good what gets a 4xx. ``views`` calls it and turns errors into answers."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q

from federation.conf import federation_settings
from federation.errors import NotAuthenticated, TryLater
from federation.models import InboundActivity, LocalActor, RemoteActor
from federation.outbox.heard import note_heard
from federation.queue import DISPATCH, nudge
from federation.signatures.message import Message
from federation.vocab.parse import ParsedActivity, parse_activity

from .authenticate import Verified, authenticate, claimed_key
from .envelope import Envelope, read_envelope
from .replay import came_signed, identity
from .screen import check_welcome, find_origin

ACCEPTED = 202
# One statement, so one transaction; written out, since each POST needs it and Django takes longer for it than the
# database.
_INSERT = """
    INSERT INTO federation_inboundactivity
           (identity, signer, kind, document, received_at, state, reason, attempts, next_attempt)
    VALUES (%(identity)s, %(signer)s, %(kind)s, %(document)s::jsonb, %(now)s, 'waiting', '', 0, %(now)s)
    ON CONFLICT DO NOTHING"""
_LONGEST_KIND = 64
log = logging.getLogger(__name__)


def receive(message: Message, *, content_type: str, recipient: LocalActor | None, now: datetime) -> int:
    """The status to answer with: 202 for what was stored, came before, or is not worth a look.

    Raises the federation's own errors for all else: 400, 401, 403, 413, 415, and 503 for trouble that passes.
    ``recipient`` is whose inbox it came to, None for the shared one. That is only logged: what an activity is about
    stands in it, and the same one comes to several inboxes.
    """
    envelope = read_envelope(message.body, content_type, federation_settings().MAX_INBOX_BYTES)
    try:
        return _receive(message, envelope, recipient, now)
    except (OperationalError, InterfaceError) as error:
        raise TryLater(f"the database: {error}") from error


def _receive(message: Message, envelope: Envelope, recipient: LocalActor | None, now: datetime) -> int:
    if is_about_a_stranger(envelope):
        return ACCEPTED
    welcome = check_welcome(claimed_key(message, envelope), envelope.actor)
    verified = authenticate(message, envelope, now, welcome.key)
    activity = read_verified(verified)
    if not _store(verified, activity, now):
        _note_repetition(verified, activity)
    # A proof alone may come from anybody, at any time; a signed request comes from a server that is up.
    elif welcome.rests and verified.occasion and (origin := find_origin(verified.signer)) is not None:
        note_heard(origin, now)
    log.debug("%s by %s for %s", activity.kind, verified.signer, recipient or "everybody here")
    return ACCEPTED


def is_about_a_stranger(envelope: Envelope) -> bool:
    """A deletion is told to every server that ever heard of anybody, when the key is gone already (IN-02). It costs one
    indexed read here: no fetch, no row."""
    if not envelope.is_about_its_actor:
        return False
    known = RemoteActor.objects.filter(uri=envelope.actor)
    if envelope.kind == "Delete":
        known = known.filter(Q(gone_at=None) | Q(keys__isnull=False))  # the keys go when the farewell was handled
    return not known.exists()


def read_verified(verified: Verified) -> ParsedActivity:
    """The whole document, now that somebody vouches for it. Raises BadInput, also for a poisoned context (JL-05), and
    NotAuthenticated if a closer look finds another actor than the signer (SV-07)."""
    activity = parse_activity(verified.document)
    if activity.actor != verified.signer:
        raise NotAuthenticated(f"signed by {verified.signer}, said by {activity.actor}")
    return activity


def _store(verified: Verified, activity: ParsedActivity, now: datetime) -> bool:
    """Whether it is new. A worker is woken once it is stored."""
    if not verified.occasion and came_signed(verified.signer, activity):
        return False
    values: dict[str, Any] = {
        "identity": identity(activity, verified.occasion),
        "signer": verified.signer,
        "kind": activity.kind[:_LONGEST_KIND],
        "document": json.dumps(_kept(activity)),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        is_new = cursor.rowcount == 1
    if is_new:
        nudge(DISPATCH)
    return is_new


def _kept(activity: ParsedActivity) -> dict[str, Any]:
    """Without a linked-data signature: nobody here checks one, so nobody may come to trust one (SV-16)."""
    return {name: value for name, value in activity.raw.items() if name != "signature"}


def _note_repetition(verified: Verified, activity: ParsedActivity) -> None:
    """The same id with other content is ignored, but somebody may want to know."""
    name = identity(activity, verified.occasion)
    first = InboundActivity.objects.filter(signer=verified.signer, identity=name).values_list("document", flat=True)
    if first and first[0] != _kept(activity):
        log.warning("ignored: %s came again with another content, from %s", name[:200], verified.signer[:200])
