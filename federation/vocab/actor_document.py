"""Builds the document of an actor of ours: an organisation, the site, or the instance that signs fetches. ``actors``
calls it, through ``build``, with keys and addresses that it owns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from federation.contract import Publisher

from .html import clean_outbound, paragraph, plain_text
from .media import build_profile_image
from .object_document import timestamp
from .rel_me import spelled_out
from .terms import CONTEXT

# What the smallest readers keep (AC-14, AC-09).
MAX_NAME = 128
MAX_SUMMARY = 2048
MAX_FIELDS = 50
MAX_FIELD = 2047
MAX_DOMAINS = 100


class ActorKind(StrEnum):
    """The site is an organisation to readers; the instance actor (Application) can be followed by nobody (AF-01)."""

    ORGANISATION = "organisation"
    SITE = "site"
    INSTANCE = "instance"


_PICTURES = ("icon", "image")
_TYPES = {
    ActorKind.ORGANISATION: "Organization",
    ActorKind.SITE: "Organization",
    ActorKind.INSTANCE: "Application",
}


@dataclass(frozen=True, slots=True)
class ActorAddresses:
    """Full addresses, all on one host (OB-01)."""

    uri: str
    inbox: str
    outbox: str
    followers: str
    following: str
    featured: str
    tags: str
    shared_inbox: str


@dataclass(frozen=True, slots=True)
class ActorKeys:
    """Public halves with their ids: SPKI PEM of an RSA key of 2048 bits, and base58 multibase Ed25519 keys (``z6Mk…``)
    as (id, key): first the one in use, then those that made proofs until lately."""

    rsa_id: str
    rsa_public_pem: str
    proof_keys: tuple[tuple[str, str], ...]


def build_actor(  # noqa: PLR0913 -- facts from the site, the key store and the settings meet here
    publisher: Publisher,
    kind: ActorKind,
    addresses: ActorAddresses,
    keys: ActorKeys,
    *,
    handle: str,
    host: str,
    created: datetime,
    updated: datetime,
    attribution_domains: Iterable[str],
    manually_approves: bool = False,
    discoverable: bool = True,
    indexable: bool = True,
) -> dict[str, Any]:
    """The actor's document with its own ``@context`` (AC-01). ``host`` is what stands after the ``@`` of the handle;
    ``attribution_domains`` are hosts whose pages may name this actor as their author (AC-08)."""
    document: dict[str, Any] = {"@context": CONTEXT, "id": addresses.uri, "type": _TYPES[kind]}
    document |= {"preferredUsername": handle, "webfinger": f"{handle}@{host}"}
    document |= {"name": publisher.name[:MAX_NAME], "summary": _summary(publisher), "url": publisher.url}
    document |= _addresses(addresses)
    for name, picture in zip(_PICTURES, (publisher.avatar, publisher.header), strict=True):
        if (image := build_profile_image(picture)) is not None:
            document[name] = image
    document |= {
        "attachment": [_field(label, value, publisher.url) for label, value in publisher.fields[:MAX_FIELDS]],
        "published": timestamp(created),
        "updated": timestamp(updated),
        "manuallyApprovesFollowers": manually_approves,
        "discoverable": discoverable,
        "indexable": indexable,
        "attributionDomains": list(attribution_domains)[:MAX_DOMAINS],
    }
    return document | _keys(addresses.uri, keys)


def without_pictures(document: dict[str, Any]) -> dict[str, Any]:
    """The profile of somebody whose page is hidden: whether its pictures may be seen, nobody can say."""
    return {name: value for name, value in document.items() if name not in _PICTURES}


def with_keys(document: dict[str, Any], keys: ActorKeys, updated: datetime) -> dict[str, Any]:
    """An actor's ``document`` that is otherwise as it was: keys change also while the actor's page is hidden."""
    return document | {"updated": timestamp(updated)} | _keys(document["id"], keys)


def _addresses(addresses: ActorAddresses) -> dict[str, Any]:
    return {
        "inbox": addresses.inbox,
        "outbox": addresses.outbox,
        "followers": addresses.followers,
        "following": addresses.following,
        "featured": addresses.featured,
        "featuredTags": addresses.tags,
        "endpoints": {"sharedInbox": addresses.shared_inbox},
    }


def _keys(uri: str, keys: ActorKeys) -> dict[str, Any]:
    """One RSA key as a single object, since Misskey and Pleroma take no list and GoToSocial takes the first; the proof
    keys as FEP-521a has them."""
    return {
        "publicKey": {"id": keys.rsa_id, "owner": uri, "publicKeyPem": keys.rsa_public_pem},
        "assertionMethod": [
            {"id": key_id, "type": "Multikey", "controller": uri, "publicKeyMultibase": multibase}
            for key_id, multibase in keys.proof_keys
        ],
    }


def _summary(publisher: Publisher) -> str:
    """Too long a profile loses its markup rather than being cut inside of it."""
    cleaned = clean_outbound(publisher.summary, publisher.url)
    if len(cleaned) <= MAX_SUMMARY:
        return cleaned
    return paragraph(plain_text(cleaned)[: MAX_SUMMARY // 2].rsplit(" ", 1)[0] + "…")


def _field(label: str, value: str, base_url: str) -> dict[str, Any]:
    cleaned = spelled_out(clean_outbound(value, base_url))
    if len(cleaned) > MAX_FIELD:
        cleaned = plain_text(cleaned)[: MAX_FIELD // 2]
    return {"type": "PropertyValue", "name": label[:MAX_FIELD], "value": cleaned}
