"""Behind a cache that ignores ``Vary``, whatever the order in which browsers and servers come: no browser ever gets a
document, and no server ever gets a page where it asked for a document's own address."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from cms.page_cache.listener import listener
from federation.models import LocalActor, PublishedObject
from federation.outbox import reconcile
from tests.factories.accepts import BROWSERS, SERVERS
from tests.factories.careless_cache import CarelessCache, Seen
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.page_cache import page_cache
from tests.factories.publications import HUB
from tests.factories.signed_requests import rsa_key

REQUESTS = 5000 if os.environ.get("COMMONWIRE_SOAK") == "1" else 250
NAMED_BROWSERS = ("Firefox", "Firefox, new", "Chrome", "Safari", "lynx", "HTML only")
NAMED = ("Mastodon, signed fetch", "Mastodon, search", "GoToSocial", "Misskey", "Fedify", "Pleroma")


@pytest.fixture(scope="module")
def addresses(committed_database: None) -> Iterator[tuple[list[str], list[str]]]:
    """Paths of pages, and of the documents of the same things."""
    with pytest.MonkeyPatch.context() as patch, page_cache():
        patch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
        organisation = make_organisation()
        pages = [make_news(organisation, share=True).url for _ in range(3)]
        while reconcile.drain(timezone.now()):
            pass
        listener.catch_up()
        told = PublishedObject.objects.values_list("uri", flat=True)
        profile = LocalActor.objects.get(key=organisation.publisher_key)
        documents = [uri.removeprefix(HUB) for uri in (*told, profile.uri, f"{profile.uri}/outbox")]
        yield [*pages, organisation.url, "/"], documents


@pytest.fixture(scope="module")
def crowd(addresses: tuple[list[str], list[str]]) -> list[tuple[str, str, list[Seen]]]:
    """(who, path, the answers up to the last redirect) of all requests."""
    cache, chance = CarelessCache(), random.Random(303)
    pages, documents = addresses
    found = []
    for _ in range(REQUESTS):
        who = chance.choice(["browser", "server"])
        accepts = [BROWSERS[name] for name in NAMED_BROWSERS] if who == "browser" else [SERVERS[name] for name in NAMED]
        path = chance.choice(chance.choice([pages, documents]))
        found.append((who, path, _follow(cache, path, chance.choice(accepts))))
    return found


def _follow(cache: CarelessCache, path: str, accept: str) -> list[Seen]:
    seen = [cache.get(path, accept)]
    while seen[-1].status in (301, 302, 303) and len(seen) < 6:
        seen.append(cache.get(seen[-1].headers["Location"].removeprefix(HUB), accept))
    return seen


def _is_json(seen: Seen) -> bool:
    try:
        json.loads(seen.body)
    except ValueError:
        return "json" in seen.headers.get("Content-Type", "")
    return True


def test_no_browser_gets_a_document(crowd: Any) -> None:
    """Fails if the redirect to a document lacks ``no-store``, or if documents are ``public``."""
    wrong = [path for who, path, seen in crowd if who == "browser" and any(map(_is_json, seen))]
    assert wrong == []


def test_every_browser_ends_at_a_page(crowd: Any) -> None:
    """Also after a document's own address. Fails if one of the redirects is kept: they then lead in a circle."""
    ends = Counter((seen[-1].status, seen[-1].headers["Content-Type"]) for who, _, seen in crowd if who == "browser")
    assert list(ends) == [(200, "text/html; charset=utf-8")]


def test_every_server_gets_the_document_at_its_own_address(crowd: Any) -> None:
    """Fails if the redirect of a browser to the page is kept."""
    asked = [seen for who, path, seen in crowd if who == "server" and path.startswith("/ap/")]
    assert len(asked) > REQUESTS / 6
    assert all(_is_json(seen[0]) and seen[0].status == 200 for seen in asked)


def test_the_cache_was_of_use(crowd: Any) -> None:
    """Or nothing would have been tried: pages are kept, and asked for again."""
    asked = [seen for who, path, seen in crowd if who == "browser" and path[:4] != "/ap/"]
    assert sum(seen[0].from_memory for seen in asked) > REQUESTS / 10


def test_what_a_cache_kept_is_not_shown_after_the_page_is_hidden(addresses: tuple[list[str], list[str]]) -> None:
    """Fails if pages may be kept without being asked for again."""
    cache, page = CarelessCache(), make_news(title="Soon hidden", share=True)
    listener.catch_up()
    for _ in range(2):
        assert b"Soon hidden" in cache.get(page.url, BROWSERS["Firefox"]).body
    for path in (page.get_parent().url, "/", "/feed.atom", "/sitemap.xml"):
        cache.get(path, BROWSERS["Firefox"])
    page.unpublish()
    listener.catch_up()
    for path in (page.url, page.get_parent().url, "/", "/feed.atom", "/sitemap.xml"):
        body = cache.get(path, BROWSERS["Firefox"]).body
        assert b"Soon hidden" not in body, path
        assert page.slug.encode() not in body, path
