"""Servers that fetch a publication have a copy of it, and have to hear of its changes and its end (OU-02: without that,
copies that were boosted or looked up stay for ever). A signature tells who they are. The views of documents call it
before they answer; it never changes or delays what a reader without a signature gets."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from federation.actors.remote import ensure_peer, is_ours
from federation.errors import FederationError
from federation.inbox.authenticate import find_signer
from federation.models import Reach, RemoteActor
from federation.signatures.message import Message

from .inbox import wire_url

log = logging.getLogger(__name__)


def note_reader(request: HttpRequest, number: UUID) -> None:
    """Remembers that the signer's server has the object with this id. Only keys that are known here already count: to
    fetch one for a GET would let anybody make us ask others. Peers sign with their instance's actor, which has an inbox
    as well."""
    if request.method != "GET" or "Signature" not in request.headers:
        return
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        reader = find_signer(Message("GET", wire_url(request), headers), timezone.now())
        if reader is not None:
            _remember(reader, number)
    except FederationError as error:
        log.info("a reader was not noted: %s", error)
    except DatabaseError:
        log.exception("a reader of %s was not noted", number)  # the document can be read all the same


def _remember(reader: RemoteActor, number: UUID) -> None:
    inbox = reader.shared_inbox or reader.inbox
    if reader.blocked or reader.peer.blocked or reader.gone_at is not None or is_ours(inbox):
        return
    if Reach.objects.filter(object_id=number, inbox=inbox).exists():
        return
    with transaction.atomic():
        # An inbox may live elsewhere than its owner.
        Reach.objects.get_or_create(object_id=number, inbox=inbox, defaults={"peer": ensure_peer(inbox)})
