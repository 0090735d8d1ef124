"""Whatever is asked of any public address: an answer of the 200s to the 400s with a sentence, never an error of ours.
Requests go through ``config.wsgi`` as a web server hands them over. Each address is asked 60 times, and 5,000 times if
``COMMONWIRE_SOAK=1``; the requests are the same in every run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from cms.digests.unsubscribe import unsubscribe_address
from cms.partnership.invitations import invite
from federation.actors.local import ensure_publisher
from federation.conf import source
from federation.models import Activity, LocalActor, PublishedObject
from federation.outbox import reconcile
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import make_news, make_organisation, make_private
from tests.factories.cms_people import make_editor
from tests.factories.odd_requests import odd_requests
from tests.factories.raw_requests import Sent, ask, kept_connection
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
SOAK = os.environ.get("COMMONWIRE_SOAK") == "1"
EACH = 5000 if SOAK else 60
UNKNOWN = "6f1c0b0e-0000-4000-8000-000000000001"
NUMBERS = ["0", "1", "9223372036854775807", "9223372036854775808", "9" * 30, "9" * 5000, "-1", "1.0", "٣", "%00"]
HANDLES = ["partner", "PARTNER", "news", "%00", "é", "a" * 3000, "%ff", "@", "partner%0d%0aX:y", "partner@hub.example"]
# Of the admin, what anybody may open without having logged in.
OPEN_ADMIN = ("admin/login/", "admin/password_reset/", "admin/sprite/", "admin/jsi18n/")


@dataclass
class World:
    """One of each thing that has an address."""

    news: Any
    private: Any
    document: Any
    locked: Any
    picture: str
    actor: LocalActor
    told: PublishedObject
    said: Activity

    def actor_paths(self, tail: str = "") -> list[str]:
        path = self.actor.uri.removeprefix("https://hub.example")
        return [f"{path}{tail}", f"/ap/actors/{UNKNOWN}{tail}", f"/ap/actors/{self.actor.pk.hex}{tail}"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    organisation = make_organisation(title="Partner", handle="partner")
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    actor = ensure_publisher(publisher, timezone.now())[0]
    news = make_news(organisation, title="Launch", share=True)
    private = make_news(organisation, title="Secret")
    make_private(private)
    while reconcile.drain(timezone.now()):
        pass
    told = PublishedObject.objects.get()
    with kept_connection():
        yield World(
            news=news,
            private=private,
            document=make_document(),
            locked=make_document(collection=make_private_collection()),
            picture=make_image().get_rendition("max-100x100").url,
            actor=actor,
            told=told,
            said=Activity.objects.get(object=told),
        )


def _objects(world: World) -> list[str]:
    return [f"/ap/objects/{world.told.pk}", f"/ap/objects/{UNKNOWN}", "/ap/objects/x"]


def _restricted(world: World) -> list[str]:
    restriction = world.private.view_restrictions.get()
    known = f"/_util/authenticate_with_password/{restriction.pk}/{world.private.pk}/"
    return [known, *(f"/_util/authenticate_with_password/{number}/{number}/" for number in NUMBERS)]


def _locked(world: World) -> list[str]:
    restriction = world.locked.collection.view_restrictions.get()
    prefix = "/documents/authenticate_with_password"
    return [f"{prefix}/{restriction.pk}/", *(f"{prefix}/{number}/" for number in NUMBERS)]


def _resets(world: World) -> list[str]:
    return ["/admin/password_reset/confirm/%00/%00/", "/admin/password_reset/confirm/MQ/set-password/"] + [
        f"/admin/password_reset/confirm/{number}/{number}-x/" for number in NUMBERS
    ]


def _invitations(world: World) -> list[str]:
    organisation = world.news.organisation
    issued = invite(organisation, ["ana@partner.example"], make_editor(organisation), timezone.now())[0]
    return [f"/-/invitation/{secret}/" for secret in (issued.secret, "x", "%00", "%ff", "é", "x" * 3000)]


# Paths that are right or nearly so, by the address's pattern.
ADDRESSES: dict[str, Callable[[World], list[str]]] = {
    "-/health": lambda world: ["/-/health"],
    "-/invitation/<str:secret>/": _invitations,
    "-/unsubscribe/<str:signed>/": lambda world: [
        unsubscribe_address(make_editor(world.news.organisation)).removeprefix("https://hub.example"),
        *(f"/-/unsubscribe/{signed}/" for signed in ("1:x", "%00", "%ff", ":", "1", "é:é", "9" * 3000)),
    ],
    "-/two-factor/": lambda world: ["/-/two-factor/", "/-/two-factor/?next=//evil.example"],
    "-/two-factor/set-up/": lambda world: ["/-/two-factor/set-up/"],
    "-/two-factor/picture.svg": lambda world: ["/-/two-factor/picture.svg"],
    "documents/<uuid:number>/": lambda world: [f"/documents/{d.uuid}/" for d in (world.document, world.locked)],
    "documents/<uuid:number>/<str:filename>": lambda world: [
        f"/documents/{world.document.uuid}/{name}" for name in (world.document.filename, "%00", "x" * 3000, "%ff", "é")
    ],
    r"^documents/(\d+)/(.*)$": lambda world: [
        f"/documents/{number}/{name}" for number in [world.document.pk, *NUMBERS] for name in ("", "a.pdf", "%0a")
    ],
    "documents/authenticate_with_password/<int:restriction_id>/": _locked,
    "media/images/<path:name>": lambda world: [
        *(world.picture, "/media/images/x.jpg", "/media/images/%00.jpg", "/media/images/a/b/..%2f../x.png"),
        *(f"/media/images/{'a' * 300}.jpg", "/media/images/%ff.gif", "/media/images//etc/x.png", "/media/images/.jpg"),
    ],
    "feed.atom": lambda world: ["/feed.atom"],
    "feed.json": lambda world: ["/feed.json"],
    "feeds/<str:handle>.json": lambda world: [f"/feeds/{name}.json" for name in HANDLES],
    "robots.txt": lambda world: ["/robots.txt"],
    "feeds/<str:handle>.atom": lambda world: ["/feeds/partner.atom", "/feeds/%00.atom", f"/feeds/{'a' * 3000}.atom"],
    "@<str:handle>": lambda world: [f"/@{name}" for name in HANDLES],
    "@<str:handle>/follow": lambda world: [f"/@{name}/follow" for name in HANDLES],
    r"^-/respond/(?P<number>[0-9]{1,18})/(?P<gesture>reply|boost|like)$": lambda world: [
        f"/-/respond/{number}/{gesture}"
        for number in (world.news.pk, world.private.pk, *NUMBERS)
        for gesture in ("reply", "boost", "like", "follow", "%00")
    ],
    "sitemap.xml": lambda world: ["/sitemap.xml"],
    "ap/actors/<uuid:number>": lambda world: world.actor_paths(),
    **{
        f"ap/actors/<uuid:number>/{name}": lambda world, name=name: world.actor_paths(f"/{name}")
        for name in ("inbox", "outbox", "followers", "following", "featured", "tags")
    },
    "ap/inbox": lambda world: ["/ap/inbox"],
    "ap/objects/<uuid:number>": _objects,
    "ap/activities/<uuid:number>": lambda world: [f"/ap/activities/{world.said.pk}", f"/ap/activities/{UNKNOWN}"],
    ".well-known/webfinger": lambda world: ["/.well-known/webfinger"],
    ".well-known/host-meta": lambda world: ["/.well-known/host-meta"],
    ".well-known/nodeinfo": lambda world: ["/.well-known/nodeinfo"],
    "nodeinfo/<str:number>": lambda world: [
        "/nodeinfo/2.0",
        "/nodeinfo/2.1",
        "/nodeinfo/%00",
        f"/nodeinfo/{'9' * 500}",
    ],
    r"^(?:ap/|api/v[12]/instance/?$)": lambda world: ["/ap/", "/ap/x", "/api/v1/instance", "/api/v2/instance/"],
    "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/": _restricted,
    "_util/login/": lambda world: ["/_util/login/"],
    r"^((?:[\w\-]+/)*)$": lambda world: [
        *("/", world.news.url, world.private.url, "/nothing/", world.news.url[:-1], "//", "/ü/", f"/{'a' * 300}/"),
        *(
            "/" + "a/" * 500,
            "/%00/",
            "/%ff/",
            "/static/x.css",
            "/static/..%2f..%2fx",
            "/static/commonwire/css/base.css",
        ),
    ],
    "admin/login/": lambda world: ["/admin/login/"],
    "admin/password_reset/": lambda world: ["/admin/password_reset/"],
    "admin/password_reset/done/": lambda world: ["/admin/password_reset/done/"],
    "admin/password_reset/confirm/<uidb64>/<token>/": _resets,
    "admin/password_reset/complete/": lambda world: ["/admin/password_reset/complete/"],
    "admin/sprite/": lambda world: ["/admin/sprite/"],
    "admin/jsi18n/": lambda world: ["/admin/jsi18n/"],
}


def routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for found in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from routes(found.url_patterns, route)
        elif isinstance(found, URLPattern):
            yield route


def test_every_public_address_is_asked() -> None:
    """Fails if an address is added to any ``urls.py``."""
    public = [route for route in routes() if not route.startswith("admin/") or route.startswith(OPEN_ADMIN)]
    assert sorted(ADDRESSES) == sorted(public)


def test_nothing_else_of_the_admin_answers_strangers() -> None:
    """Fails if one does."""
    closed = [route for route in routes() if route.startswith("admin/") and not route.startswith(OPEN_ADMIN)]
    with kept_connection():
        for route in (route for route in closed if route.endswith("/") and "<" not in route):
            reply = ask(Sent("GET", f"/{route}"))
            assert (reply.status, reply.raised) == (302, []), route
            assert reply.headers["location"].startswith("/admin/login/"), route


@pytest.mark.parametrize("route", ADDRESSES)
def test_whatever_is_asked_of_an_address_it_answers_with_sense(world: World, route: str) -> None:
    """Fails for most addresses if ``config.wsgi`` lets every charset through, or without ``config.sentences``."""
    paths = ADDRESSES[route](world)
    faults: dict[str, str] = {}
    for sent in odd_requests(paths, route, EACH):
        if fault := ask(sent).fault(sent):
            faults.setdefault(fault[:80], f"{sent!r:.800}")
    assert not faults
