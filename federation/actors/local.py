"""Those who speak from here. An actor comes into being when it is first needed and then answers until somebody deletes
it on purpose; a publisher whose page is hidden keeps its actor. Nothing here sends: a caller that gets ``changed``
tells the followers. Called by ``outbox``, ``inbox`` and ``views``."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from federation.conf import federation_settings, source
from federation.contract import Publisher
from federation.errors import FederationError
from federation.models import Handle, LocalActor

from .document import BUILDER, build_document, build_farewell, build_hidden, fingerprint, new_addresses
from .keystore import create_keys

SITE, INSTANCE = "site", "instance"
# No publisher may have a dot in its handle, so nobody can have taken this one.
_SPARE_INSTANCE_HANDLE = "instance.actor"
_HANDLE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HIDDEN = "hidden:"  # in front of a fingerprint, where the builder's version stands otherwise
_KINDS = {SITE: LocalActor.Kind.SITE, INSTANCE: LocalActor.Kind.INSTANCE}
_log = logging.getLogger(__name__)


class HandleTaken(FederationError):
    """Another publisher has, or had, the handle. Handles are never given to somebody else (WF-05)."""

    status = 409
    sentence = "This handle belongs or belonged to somebody else."


class ActorDeleted(FederationError):
    """The actor was deleted on purpose; peers were told so and never accept it again."""

    status = 410
    sentence = "This profile has been deleted."


def ensure_publisher(publisher: Publisher, now: datetime) -> tuple[LocalActor, bool]:
    """The publisher's actor, and whether its profile changed since it was last made (then followers are to be told).

    The first call makes it, with keys and handle. A new handle is added, the old one keeps resolving; if the new one is
    somebody else's, the actor keeps the old. Raises :class:`HandleTaken` for a new actor and :class:`ActorDeleted`.
    """
    mark = fingerprint(publisher)
    found = find_by_key(publisher.key) or _create(publisher, mark, now)
    if found.deleted_at is not None:
        raise ActorDeleted(found.uri)
    if found.fingerprint == _versioned(mark):
        return found, False
    with transaction.atomic():
        actor = LocalActor.objects.select_for_update().get(pk=found.pk)
        if actor.deleted_at is not None:
            raise ActorDeleted(actor.uri)
        if actor.fingerprint == _versioned(mark):  # another process was faster, and tells it
            return actor, False
        changed = actor.fingerprint.partition(":")[2] != mark
        if changed:
            _rename(actor, publisher.handle)
            actor.updated = max(now, actor.updated)
        _describe(actor, publisher, mark)
    return actor, changed


def ensure_site_actor(now: datetime) -> LocalActor | None:
    """The site's own actor; None only if it never existed and the site has no public front page yet."""
    publisher = source().publisher(SITE)
    return find_by_key(SITE) if publisher is None else ensure_publisher(publisher, now)[0]


def get_instance_actor() -> LocalActor:
    """The actor that signs fetches; nobody follows it. Its handle is the host's name, as Mastodon's is."""
    found = find_by_key(INSTANCE)
    if found is not None:
        return found
    settings = federation_settings()
    host = urlsplit(settings.ORIGIN).hostname or ""
    usable = bool(_HANDLE.fullmatch(host)) and handle_is_free(host, INSTANCE)
    now = timezone.now()
    publisher = Publisher(
        key=INSTANCE,
        handle=host if usable else _SPARE_INSTANCE_HANDLE,
        name=settings.host,
        summary="",
        url=f"{settings.ORIGIN}/",
        language="",
        since=now,
    )
    return _create(publisher, fingerprint(publisher), now)


def find_by_handle(name: str) -> LocalActor | None:
    """By any handle that it ever had, in any case."""
    if not _HANDLE.fullmatch(name):
        return None
    handles = Handle.objects.annotate(folded=Lower("name")).filter(folded=name.lower())
    found = handles.select_related("actor").first()
    return found.actor if found else None


def find_by_uri(uri: str) -> LocalActor | None:
    return None if "\x00" in uri else LocalActor.objects.filter(uri=uri).first()


def find_by_key(key: str) -> LocalActor | None:
    """By the publisher's key."""
    return LocalActor.objects.filter(key=key).first()


def handle_is_free(handle: str, publisher_key: str) -> bool:
    """Whether this publisher may take the handle: nobody else ever had it."""
    taken = Handle.objects.annotate(folded=Lower("name")).filter(folded=handle.lower())
    return not taken.exclude(actor__key=publisher_key).exists()


def is_known(actor: LocalActor, publisher: Publisher) -> bool:
    """Whether the actor's profile says already what the publisher looks like, in the words of any version."""
    return actor.fingerprint.partition(":")[2] == fingerprint(publisher)


def is_outdated(actor: LocalActor) -> bool:
    """Whether another version of this program made the profile that is shown."""
    made_by = actor.fingerprint.partition(":")[0]
    return actor.deleted_at is None and f"{made_by}:" != _HIDDEN and made_by != BUILDER


def hide_pictures(publisher_key: str) -> None:
    """For a publisher whose page is hidden: the profile stays, without pictures, since whether those may be seen cannot
    be asked any more. They come back with the page, and nobody is told of either."""
    with transaction.atomic():
        actor = LocalActor.objects.select_for_update().filter(key=publisher_key, deleted_at=None).first()
        if actor is None or actor.fingerprint.startswith(_HIDDEN):
            return
        actor.document, actor.etag = build_hidden(actor)
        actor.fingerprint = f"{_HIDDEN}{actor.fingerprint.partition(':')[2]}"
        actor.save(update_fields=["document", "etag", "fingerprint"])


def delete_actor(actor: LocalActor, now: datetime) -> None:
    """For good: from now on its address says 410, upon which peers delete all that they know of it (AC-13). Keys stay,
    to sign the farewell. Raises ValueError for the instance actor, without which nothing can be fetched."""
    if actor.kind == LocalActor.Kind.INSTANCE:
        raise ValueError("the instance actor cannot be deleted")
    with transaction.atomic():
        locked = LocalActor.objects.select_for_update().get(pk=actor.pk)
        if locked.deleted_at is None:
            locked.deleted_at = now
            locked.document, locked.etag = build_farewell(locked)
            locked.save(update_fields=["deleted_at", "document", "etag"])
    actor.deleted_at, actor.document, actor.etag = locked.deleted_at, locked.document, locked.etag


def _create(publisher: Publisher, mark: str, now: datetime) -> LocalActor:
    """Two processes may come here at once; the second finds what the first made."""
    number = uuid.uuid4()
    actor = LocalActor(
        id=number,
        uri=new_addresses(number).uri,
        key=publisher.key,
        kind=_KINDS.get(publisher.key, LocalActor.Kind.ORGANISATION),
        handle=publisher.handle,
        created=now,
        updated=now,
    )
    try:
        with transaction.atomic():
            actor.save(force_insert=True)
            Handle.objects.create(name=publisher.handle, actor=actor)
            create_keys(actor)
            _describe(actor, publisher, mark)
    except IntegrityError as error:
        found = find_by_key(publisher.key)
        if found is None:
            raise HandleTaken(publisher.handle) from error
        return found
    return actor


def _rename(actor: LocalActor, handle: str) -> None:
    if handle == actor.handle:
        return
    if not handle_is_free(handle, actor.key):
        _log.warning("%s keeps its handle %r: %r is somebody else's", actor.key, actor.handle, handle)
        return
    if not actor.handles.annotate(folded=Lower("name")).filter(folded=handle.lower()).exists():
        Handle.objects.create(name=handle, actor=actor)
    actor.handle = handle


def _describe(actor: LocalActor, publisher: Publisher, mark: str) -> None:
    actor.name, actor.url, actor.fingerprint = publisher.name[:255], publisher.url, _versioned(mark)
    actor.document, actor.etag = build_document(actor, publisher)
    actor.save(update_fields=["handle", "name", "url", "fingerprint", "document", "etag", "updated"])


def _versioned(mark: str) -> str:
    return f"{BUILDER}:{mark}"
