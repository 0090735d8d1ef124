"""What leaves the house, one document of each form, and the stored ones to compare with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from federation.contract import Audience, Form, Quotes, Replies, Showing, Topic
from federation.vocab import build, collections, discovery
from federation.vocab.object_document import build_object
from tests.factories.publications import (
    ACTIVITY,
    ACTOR,
    CHANGED,
    FOLLOWERS,
    HUB,
    OBJECT,
    TOLD,
    make_addresses,
    make_keys,
    make_picture,
    make_publication,
    make_publisher,
)

VECTORS = Path(__file__).parent.parent / "vectors" / "vocab"
PEER_FOLLOW = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://peer.example/follows/1",
    "type": "Follow",
    "actor": {"id": "https://peer.example/users/ada", "type": "Person", "name": "Ada"},
    "object": ACTOR,
}


def make_object(updated: Any = None, **given: Any) -> dict[str, Any]:
    publication = make_publication(**given)
    return build_object(publication, uri=OBJECT, actor=ACTOR, followers=FOLLOWERS, published=TOLD, updated=updated)


def make_actor(kind: build.ActorKind = build.ActorKind.ORGANISATION, **given: Any) -> dict[str, Any]:
    publisher = make_publisher(
        **{name: given.pop(name) for name in list(given) if name in ("name", "summary", "avatar", "fields")}
    )
    options: dict[str, Any] = {
        "handle": "partner",
        "host": "hub.example",
        "created": TOLD,
        "updated": CHANGED,
        "attribution_domains": ["hub.example"],
    }
    return build.build_actor(publisher, kind, make_addresses(), make_keys(), **(options | given))


def built_documents() -> dict[str, dict[str, Any]]:
    """Every form that we send, by the name of its stored document."""
    article = make_object()
    pictures = tuple(make_picture(url=f"{HUB}/media/images/{number}.jpg") for number in range(6))
    follow = build.build_follow(ACTIVITY, ACTOR, "https://peer.example/users/ada")
    topics = [Topic("water rights", f"{HUB}/topics/water-rights/"), Topic("2030", f"{HUB}/topics/2030/")]
    create = build.build_create(ACTIVITY, ACTOR, article)
    return {
        "article": article,
        "article_photos": make_object(showing=Showing.PHOTOS, pictures=pictures, updated=CHANGED),
        "article_bare": make_object(pictures=(), files=(), topics=(), byline="", language=""),
        "article_careful": make_object(
            content_note="Violence & threats",
            quotes=Quotes.FOLLOWERS,
            replies=Replies.NOBODY,
            audience=Audience.QUIET,
        ),
        "note": make_object(form=Form.NOTE),
        "note_careful": make_object(
            form=Form.NOTE, content_note="Violence & threats", quotes=Quotes.NOBODY, pictures=(), files=()
        ),
        "note_photos": make_object(form=Form.NOTE, showing=Showing.PHOTOS, pictures=pictures[:2], files=()),
        "actor_organisation": make_actor(),
        "actor_site": make_actor(build.ActorKind.SITE),
        "actor_instance": make_actor(build.ActorKind.INSTANCE, manually_approves=True, discoverable=False),
        "create": create,
        "update": build.build_update(ACTIVITY, ACTOR, make_object(updated=CHANGED)),
        "delete": build.build_delete(ACTIVITY, ACTOR, make_object(), CHANGED),
        "tombstone": build.build_tombstone(OBJECT, "Article", CHANGED),
        "follow": follow,
        "accept": build.build_accept(ACTIVITY, ACTOR, PEER_FOLLOW, "https://peer.example/users/ada"),
        "reject": build.build_reject(ACTIVITY, ACTOR, PEER_FOLLOW, "https://peer.example/users/ada"),
        "undo_follow": build.build_undo(f"{ACTIVITY}-undo", ACTOR, follow),
        "update_actor": build.build_update_actor(ACTIVITY, ACTOR, make_actor(), FOLLOWERS),
        "outbox": collections.build_collection(f"{ACTOR}/outbox", 41, f"{ACTOR}/outbox?page=1", attributed_to=ACTOR),
        "followers": collections.build_collection(FOLLOWERS, 12, None, ordered=False),
        "outbox_page": collections.build_page(
            f"{ACTOR}/outbox?page=1", f"{ACTOR}/outbox", [create, ACTIVITY], f"{ACTOR}/outbox?page=2", None
        ),
        "featured": collections.build_featured(f"{ACTOR}/featured", [OBJECT]),
        "tags": collections.build_featured_tags(f"{ACTOR}/tags", topics),
        "webfinger": discovery.build_webfinger(
            "partner",
            "hub.example",
            ACTOR,
            f"{HUB}/partner/",
            [f"{HUB}/partner/", f"{HUB}/en/partner/"],
            make_picture(),
        ),
        "nodeinfo_index": discovery.build_nodeinfo_index(HUB),
        "nodeinfo_2_1": make_nodeinfo("2.1"),
    }


def make_nodeinfo(version: str, **given: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "software_version": "0.1.0",
        "name": "Hub",
        "description": "News of forty partners",
        "users": 3,
        "posts": 41,
        "homepage": "https://commonwire.example/",
    }
    return discovery.build_nodeinfo(version, **(options | given))


def stored(name: str) -> Any:
    return json.loads((VECTORS / "built" / f"{name}.json").read_text())


def peer(name: str) -> Any:
    """A document in the shape of other software, as ``json`` gives it."""
    return json.loads((VECTORS / "peers" / f"{name}.json").read_text())
