"""Builds what peers ask for before they know us: WebFinger, host-meta and NodeInfo. ``views`` serves it; all facts are
given, none is counted or invented here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from federation.contract import Picture

from .terms import ACTIVITY_JSON, AS, NODEINFO_SCHEMA

NODEINFO_VERSIONS = ("2.0", "2.1")
_PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
_AVATAR = "http://webfinger.net/rel/avatar"


def build_webfinger(  # noqa: PLR0913 -- what a JRD of an actor consists of
    handle: str, host: str, actor_uri: str, profile_url: str, aliases: Iterable[str], avatar: Picture | None
) -> dict[str, Any]:
    """The JRD of an actor. One ``self`` link, of exactly this type: Mastodon and Takahē take no other (WF-01)."""
    links = [
        {"rel": "self", "type": ACTIVITY_JSON, "href": actor_uri},
        {"rel": _PROFILE_PAGE, "type": "text/html", "href": profile_url},
    ]
    if avatar is not None:
        links.append({"rel": _AVATAR, "type": avatar.media_type, "href": avatar.url})
    known = list(dict.fromkeys([actor_uri, profile_url, *aliases]))
    return {"subject": f"acct:{handle}@{host}", "aliases": known, "links": links}


def build_host_meta(origin: str) -> str:
    """The XRD that says where WebFinger is; Takahē asks for it first (WF-07)."""
    template = quoteattr(f"{origin}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="application/jrd+json" template={template}/>\n'
        "</XRD>\n"
    )


def build_nodeinfo_index(origin: str, instance_actor: str | None = None) -> dict[str, Any]:
    """Where the NodeInfo documents are; with ``instance_actor``, also who signs our fetches (FEP-2677)."""
    links = [
        {"rel": f"{NODEINFO_SCHEMA}{version}", "href": f"{origin}/nodeinfo/{version}"} for version in NODEINFO_VERSIONS
    ]
    if instance_actor is not None:
        links.append({"rel": f"{AS}Application", "href": instance_actor})
    return {"links": links}


def build_nodeinfo(  # noqa: PLR0913 -- every fact is the caller's
    version: str,
    *,
    software_version: str,
    name: str,
    description: str,
    users: int | None,
    posts: int | None,
    homepage: str = "",
    staff_accounts: Sequence[str] = (),
) -> dict[str, Any]:
    """The NodeInfo document "2.0" or "2.1". ``users`` or ``posts`` of ``None`` are not told (FEP-0151)."""
    if version not in NODEINFO_VERSIONS:
        raise ValueError(version)
    software = {"name": "commonwire", "version": software_version}
    if version == "2.1" and urlsplit(homepage).scheme in ("http", "https"):
        software["homepage"] = homepage
    usage: dict[str, Any] = {"users": {} if users is None else {"total": users}}
    if posts is not None:
        usage["localPosts"] = posts
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": usage,
        "metadata": {
            "nodeName": name,
            "nodeDescription": description,
            "staffAccounts": list(staff_accounts),
            "federation": {"enabled": True},
        },
    }
