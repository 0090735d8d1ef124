"""Every address at which anybody can ask this site for something, found from the site's own table of addresses, and
everything that a site of the tests has at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction

from cms.models import CustomDocument, CustomRendition, HandleClaim, OrganisationPage, SectionPage
from federation.models import Activity, LocalActor, PublishedObject
from tests.factories.page_cache import BROWSER
from tests.factories.publications import HUB

AS2 = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Place:
    """One address, asked in one way. ``about`` is what it is the address of, if of anything."""

    route: str
    path: str
    accept: str
    about: Any = None


def routes() -> set[str]:
    """Names of all addresses outside of the admin."""

    def names(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[str]:
        for pattern in patterns:
            route = above + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from names(pattern.url_patterns, route)
            elif not route.startswith("admin/"):
                yield str(pattern.name)

    return set(names(get_resolver().url_patterns, ""))


def places(old_paths: set[str]) -> Iterator[Place]:
    """Everything that is there now, and what was there once (``old_paths``, of pages)."""
    for route, list_paths in PLACES.items():
        for path, about in list_paths():
            yield from (Place(route, path, accept, about) for accept in _ACCEPT.get(route, [BROWSER, AS2]))
    for path in sorted(old_paths):
        yield Place("wagtail_serve", path, BROWSER)


class Stranger(Client):
    """Somebody without any cookie, however often they come."""

    def ask(self, place: Place) -> Any:
        self.cookies.clear()
        return self.get(place.path, headers={"accept": place.accept, "host": "hub.example"})


def page_path(page: Any) -> str:
    """As it would be served, whether it is or not."""
    return "/" + str(page.url_path).strip("/").partition("/")[2] + ("/" if page.depth > 2 else "")


def _pages() -> Iterator[tuple[str, Any]]:
    for page in Page.objects.filter(depth__gt=1).order_by("pk"):
        yield page_path(page), page


def _lists() -> Iterator[tuple[str, Any]]:
    yield from _pages()
    yield from ((f"{page_path(page)}?page=2", page) for page in SectionPage.objects.order_by("pk"))


def _actors(tail: str = "") -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: ((f"/ap/actors/{actor.pk}{tail}", actor) for actor in LocalActor.objects.order_by("handle"))


def _outboxes() -> Iterator[tuple[str, Any]]:
    for path, actor in _actors("/outbox")():
        yield from ((path, actor), (f"{path}?page=first", actor))


def _webfinger() -> Iterator[tuple[str, Any]]:
    asked = [f"acct:{actor.handle}@hub.example" for actor in LocalActor.objects.all()]
    asked += [f"{HUB}{path}" for path, _ in _pages()] + [f"{HUB}{r.old_path}" for r in Redirect.objects.all()]
    asked += [told.uri for told in PublishedObject.objects.all()]
    for resource in asked:
        yield f"/.well-known/webfinger?resource={quote(resource)}", None


def _documents(tail: str = "") -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: ((f"/documents/{d.uuid}/{tail}", d) for d in CustomDocument.objects.order_by("pk"))


def _rows(model: type[Any], path: str) -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: ((path.format(row=row), row) for row in model.objects.order_by("pk"))


def _one(*paths: str) -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: ((path, None) for path in paths)


def _nodeinfo() -> Iterator[tuple[str, Any]]:
    yield from (("/nodeinfo/2.0", None), ("/nodeinfo/2.1", None))


def _feeds(kind: str) -> Callable[[], Iterator[tuple[str, Any]]]:
    organisations = OrganisationPage.objects.exclude(handle="").order_by("pk")
    return lambda: ((f"/feeds/{page.handle}.{kind}", page) for page in organisations.all())


def _handles(tail: str = "") -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: ((f"/@{claim.handle}{tail}", None) for claim in HandleClaim.objects.order_by("pk"))


def _responses() -> Iterator[tuple[str, Any]]:
    for page in Page.objects.filter(depth__gt=1).order_by("pk"):
        yield f"/-/respond/{page.pk}/reply", None


def _passwords() -> Iterator[tuple[str, Any]]:
    for restriction in PageViewRestriction.objects.order_by("pk"):
        yield f"/_util/authenticate_with_password/{restriction.pk}/{restriction.page_id}/", None


PLACES: dict[str, Callable[[], Iterator[tuple[str, Any]]]] = {
    "health": _one("/-/health"),
    "cms_document": _documents(),
    "cms_document_named": _documents("x.pdf"),
    "wagtaildocs_serve": _rows(CustomDocument, "/documents/{row.pk}/x"),
    "wagtaildocs_authenticate_with_password": _rows(
        CollectionViewRestriction, "/documents/authenticate_with_password/{row.pk}/"
    ),
    "cms_image": _rows(CustomRendition, "/media/{row.file.name}"),
    "cms_invitation": _one("/-/invitation/x/"),
    "two_factor_show": _one("/-/two-factor/"),
    "two_factor_set_up": _one("/-/two-factor/set-up/"),
    "two_factor_picture": _one("/-/two-factor/picture.svg"),
    "cms_unsubscribe": _one("/-/unsubscribe/1:x/"),
    "cms_feed": _one("/feed.atom"),
    "cms_json_feed": _one("/feed.json"),
    "cms_organisation_feed": _feeds("atom"),
    "cms_organisation_json_feed": _feeds("json"),
    "cms_profile": _handles(),
    "cms_follow": _handles("/follow"),
    "cms_respond": _responses,
    "cms_sitemap": _one("/sitemap.xml"),
    "cms_robots": _one("/robots.txt"),
    "federation_actor": _actors(),
    "federation_actor_inbox": _actors("/inbox"),
    "federation_outbox": _outboxes,
    "federation_followers": _actors("/followers"),
    "federation_following": _actors("/following"),
    "federation_featured": _actors("/featured"),
    "federation_tags": _actors("/tags"),
    "federation_inbox": _one("/ap/inbox"),
    "federation_object": _rows(PublishedObject, "/ap/objects/{row.pk}"),
    "federation_activity": _rows(Activity, "/ap/activities/{row.pk}"),
    "federation_webfinger": _webfinger,
    "federation_host_meta": _one("/.well-known/host-meta"),
    "federation_nodeinfo_index": _one("/.well-known/nodeinfo"),
    "federation_nodeinfo": _nodeinfo,
    "federation_nothing": _one("/ap/", "/api/v1/instance"),
    "wagtailcore_authenticate_with_password": _passwords,
    "wagtailcore_login": _one("/_util/login/"),
    "wagtail_serve": _lists,
}
# Where the answer does not depend on it, one is enough.
_ACCEPT = {route: [BROWSER] for route in PLACES if not route.startswith("federation") and route != "wagtail_serve"}
_FOR_SERVERS = ("webfinger", "nodeinfo", "tags", "following", "followers", "nothing")
_ACCEPT |= {f"federation_{name}": [AS2] for name in _FOR_SERVERS} | {"cms_profile": [BROWSER, AS2]}
