"""Those who speak from elsewhere: fetched from their own server through the guarded client, signed by the instance
actor, and kept. What is stored is what the server at that address says about itself and nothing more (AU-02); a row is
found by its address, never overwritten by a handle that somebody claims (AU-08). Called by ``inbox`` and ``exchange``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from federation.conf import federation_settings
from federation.errors import BadAnswer, BadInput, Blocked, FederationError, Gone, Refused
from federation.models import KeyHolder, Peer, RemoteActor, RemoteKey
from federation.net.client import Client
from federation.net.fetch import fetch_document
from federation.net.location import read_location
from federation.net.webfinger import fetch_actor_address, parse_handle
from federation.signatures.sign import Signer
from federation.vocab.parse import ParsedActor, ParsedKey, parse_actor

from .keystore import signer_for, signing_keys
from .local import get_instance_actor

_MAX_HANDLE = 400
_OURS = "This address is one of ours."


@dataclass(frozen=True, slots=True)
class Profile:
    """An actor in the words of its own server, and the handle that may be shown for it, empty if there is none."""

    parsed: ParsedActor
    handle: str


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` in lower case, without a default port. Raises :class:`Refused` for any other text."""
    location = read_location(url)
    return f"{location.scheme}://{location.authority}"


def is_ours(url: str) -> bool:
    """Whether the address lies on this instance; such are looked up in the database, never fetched (SV-09)."""
    return origin_of(url) == origin_of(federation_settings().ORIGIN)


def fetch_signers(url: str) -> tuple[Signer, Signer | None]:
    """Who signs a fetch from there, and who else may if that is refused. While the instance actor's keys are being
    changed that depends on which of them the server knows."""
    instance = get_instance_actor()
    current = signer_for(instance)
    keys = signing_keys([instance.pk])[instance.pk]
    if keys.former is None:
        return current, None
    knows_former = KeyHolder.objects.filter(key=keys.former_row, peer=origin_of(url)).exists()
    return (keys.former, current) if knows_former else (current, keys.former)


def ensure_peer(origin_or_url: str) -> Peer:
    return Peer.objects.get_or_create(origin=origin_of(origin_or_url))[0]


def find_actor(uri: str) -> RemoteActor | None:
    return RemoteActor.objects.select_related("peer").filter(uri=uri).first()


def fetch_actor(
    uri: str, now: datetime, *, max_age: timedelta | None = None, client: Client | None = None
) -> RemoteActor:
    """The actor as its server describes it now, or as stored if that is not older than ``max_age``.

    Raises :class:`Blocked` before any request, and the :class:`NetworkError` family; with :class:`Gone` the actor is
    marked as gone.
    """
    found = find_actor(uri)
    if found is not None and max_age is not None and now - found.fetched_at <= max_age:
        return found
    try:
        return store_actor(fetch_profile(uri, client=client), now)
    except Gone:
        mark_gone(uri, now)
        raise


def fetch_profile(uri: str, *, client: Client | None = None) -> Profile:
    """What the actor's server says of it now. Writes nothing, so that a caller can store it later, in a transaction of
    its own. Raises :class:`Blocked` before any request, and the :class:`NetworkError` family."""
    check_peer(uri)
    signer, other = fetch_signers(uri)
    fetched = fetch_document(uri, signer, other=other, client=client)
    try:
        parsed = parse_actor(fetched.document)
    except BadInput as error:
        raise BadAnswer(f"{error.detail or error.sentence} ({uri[:200]!r})", sentence=error.sentence) from error
    return fetch_handle(parsed, client=client)


def resolve_handle(handle: str, now: datetime, *, client: Client | None = None) -> RemoteActor:
    """The actor that ``@name@host`` leads to. Raises :class:`BadInput` for the handle, and as :func:`fetch_actor`."""
    name, host = parse_handle(handle)
    if host == federation_settings().host.lower():
        raise BadInput(handle, sentence=_OURS)
    actor = fetch_actor(fetch_actor_address(handle, client=client), now, client=client)
    # The handle was seen to lead here; it replaces one that nobody has checked, if the actor has that name too.
    checked = f"{name}@{host}"
    if actor.handle.partition("@")[0].lower() == name.lower() and actor.handle.lower() != checked.lower():
        actor.handle = checked
        actor.save(update_fields=["handle"])
    return actor


def check_peer(url: str) -> None:
    """Raises :class:`Refused` for an address of ours and :class:`Blocked` for that of a blocked server."""
    if is_ours(url):
        raise Refused(url[:200], sentence=_OURS)
    if Peer.objects.filter(origin=origin_of(url), blocked=True).exists():
        raise Blocked(url[:200])


def mark_gone(uri: str, now: datetime) -> None:
    RemoteActor.objects.filter(uri=uri, gone_at=None).update(gone_at=now)


def store_actor(profile: Profile, now: datetime) -> RemoteActor:
    """Keeps what an actor's own server said of it. Needs no network."""
    parsed = profile.parsed
    with transaction.atomic():
        peer = ensure_peer(parsed.uri)
        if parsed.shared_inbox and not peer.shares_inbox:
            Peer.objects.filter(pk=peer.pk).update(shares_inbox=True)
        actor, _ = RemoteActor.objects.select_related("peer").update_or_create(
            uri=parsed.uri,
            defaults={
                "peer": peer,
                "kind": parsed.kind,
                "handle": profile.handle,
                "name": parsed.name,
                "summary": parsed.summary_html,
                "url": parsed.url,
                "icon_url": parsed.icon_url or "",
                "inbox": parsed.inbox,
                "shared_inbox": parsed.shared_inbox or "",
                "outbox": parsed.outbox or "",
                "fetched_at": now,
                "gone_at": None,
                "missing_since": None,
                "missing_count": 0,
            },
        )
        _store_keys(actor, parsed.public_keys, now)
    return actor


def _store_keys(actor: RemoteActor, keys: tuple[ParsedKey, ...], now: datetime) -> None:
    """Exactly those that it lists now, so that a key which was taken out ends. One user of a server may list another's
    key id as their own; that takes nothing from whom it belongs to, unless the id says that it is theirs."""
    actor.keys.exclude(key_id__in=[key.id for key in keys]).delete()
    for key in keys:
        theirs = key.id.partition("#")[0] == actor.uri
        if not theirs and RemoteKey.objects.filter(key_id=key.id).exclude(actor=actor).exists():
            continue
        values = {"actor": actor, "public": key.pem or key.multibase or "", "fetched_at": now}
        RemoteKey.objects.update_or_create(key_id=key.id, defaults=values)


def fetch_handle(parsed: ParsedActor, *, client: Client | None = None) -> Profile:
    """``parsed``, which must have come from its own address, with the handle that it claims, where that lies on its own
    host and nobody else has it. Any other claim is looked up; one that leads elsewhere is not shown."""
    return Profile(parsed, _choose_handle(parsed, client))


def _choose_handle(parsed: ParsedActor, client: Client | None) -> str:
    default = f"{parsed.handle}@{read_location(parsed.uri).authority}" if parsed.handle else ""
    claimed = parsed.webfinger or default
    if not claimed or len(claimed) > _MAX_HANDLE:
        return ""
    known = RemoteActor.objects.filter(handle__iexact=claimed)
    if known.filter(uri=parsed.uri).exists():
        return claimed
    if claimed.lower() == default.lower() and not known.exists():
        return claimed
    with suppress(FederationError):
        if fetch_actor_address(claimed, client=client) == parsed.uri:
            return claimed
    return "" if claimed.lower() == default.lower() or _is_taken(default) else default


def _is_taken(handle: str) -> bool:
    return RemoteActor.objects.filter(handle__iexact=handle).exists()
