"""Publications, publishers and what belongs to them, as the site would hand them over. Each call takes what a test
cares about and fills in the rest, always the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from federation.contract import File, Form, Picture, Publication, Publisher, Topic
from federation.vocab.build import ActorAddresses, ActorKeys

HUB = "https://hub.example"
ACTOR = f"{HUB}/ap/actors/6f1c0b0e-0000-4000-8000-000000000001"
OBJECT = f"{HUB}/ap/objects/6f1c0b0e-0000-4000-8000-000000000002"
ACTIVITY = f"{HUB}/ap/activities/6f1c0b0e-0000-4000-8000-000000000003"
FOLLOWERS = f"{ACTOR}/followers"
TOLD = datetime(2026, 3, 1, 9, 30, 15, 250_000, tzinfo=UTC)
CHANGED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_picture(**given: Any) -> Picture:
    values: dict[str, Any] = {
        "url": f"{HUB}/media/images/well.width-1200.jpg",
        "alt": "Two women at a well",
        "media_type": "image/jpeg",
        "width": 1200,
        "height": 800,
        "credit": "Ama Example",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "focus": (0.25, -0.5),
    }
    return Picture(**(values | given))


def make_file(**given: Any) -> File:
    values: dict[str, Any] = {
        "url": f"{HUB}/documents/6f1c0b0e-0000-4000-8000-000000000009/",
        "title": "Minutes <final>",
        "media_type": "application/pdf",
        "size": 2_350_000,
        "language": "en",
        "pages": 24,
    }
    return File(**(values | given))


def make_publication(**given: Any) -> Publication:
    values: dict[str, Any] = {
        "key": "page:7",
        "publisher": "organisation:6f1c",
        "kind": "report",
        "form": Form.ARTICLE,
        "title": 'Wells & "rights"',
        "summary": "What forty villages agreed on <in June>.",
        "content": f'<p>Day one, <a href="{HUB}/people/">people</a>.</p><h3>Day two</h3><ul><li>Water</li></ul>',
        "language": "en",
        "url": f"{HUB}/partner/reports/wells/",
        "dated": datetime(2025, 6, 30, 12, 0, tzinfo=UTC),
        "byline": "Ama Example, Jo Example",
        "pictures": (make_picture(),),
        "files": (make_file(),),
        "topics": (Topic("water rights", f"{HUB}/topics/water-rights/"),),
    }
    return Publication(**(values | given))


def make_publisher(**given: Any) -> Publisher:
    values: dict[str, Any] = {
        "key": "organisation:6f1c",
        "handle": "partner",
        "name": "Partner for Water",
        "summary": "<p>We work for <strong>wells</strong>.</p>",
        "url": f"{HUB}/partner/",
        "language": "en",
        "since": datetime(2019, 1, 1, tzinfo=UTC),
        "avatar": make_picture(url=f"{HUB}/media/images/logo.png", media_type="image/png", alt="A drop", focus=None),
        "header": make_picture(),
        "fields": (("Website", f'<a href="{HUB}/partner/" rel="me">hub.example</a>'), ("Since", "2019")),
    }
    return Publisher(**(values | given))


def make_addresses() -> ActorAddresses:
    return ActorAddresses(
        uri=ACTOR,
        inbox=f"{ACTOR}/inbox",
        outbox=f"{ACTOR}/outbox",
        followers=FOLLOWERS,
        following=f"{ACTOR}/following",
        featured=f"{ACTOR}/featured",
        tags=f"{ACTOR}/tags",
        shared_inbox=f"{HUB}/ap/inbox",
    )


def make_keys() -> ActorKeys:
    return ActorKeys(
        rsa_id=f"{ACTOR}#main-key",
        rsa_public_pem="-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAtest\n-----END PUBLIC KEY-----\n",
        proof_keys=((f"{ACTOR}#ed25519-key", "z6MkweqJajqa5jRAJTBVxxu47oCdB7HzmYbBKN8VGbFJmKkC"),),
    )
