"""Whatever happens to a page, from that moment nothing of it can be read anywhere by anybody: a random site, random
things that happen to it, and after each of them a walk through every public address, with the page cache on and before
any worker has run. What may be seen, an oracle says that asks none of the code under test.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from wagtail.models import Collection, Page

from cms.models import CustomDocument, CustomImage
from cms.page_cache.listener import listener
from cms.scheduling import run_due_pages
from federation.models import Activity, LocalActor, PublishedObject
from federation.outbox import reconcile
from tests.factories.page_cache import BROWSER, page_cache
from tests.factories.public_surfaces import AS2, PLACES, Place, Stranger, page_path, places, routes
from tests.factories.publications import HUB
from tests.factories.secret_tree import MARKER, Oracle
from tests.factories.signed_requests import rsa_key
from tests.factories.transitions import (
    TRANSITIONS,
    Site,
    Transition,
    expire,
    hide_files,
    lift,
    plant,
    rename_unseen,
    restrict,
    unpublish,
    write_draft,
)

SOAK = os.environ.get("COMMONWIRE_SOAK") == "1"
# In the usual run one story, which goes through what has leaked before; random ones in a soak run.
PHASES = (Phase.explicit, Phase.generate) if SOAK else (Phase.explicit,)
STORY: list[tuple[Transition, int, int, bool]] = [
    (rename_unseen, 3, 0, False),  # the old address of a page that has become private
    (lift, 3, 0, True),
    (hide_files, 0, 1, False),  # pictures and papers in stored documents
    (unpublish, 4, 0, False),  # an organisation that took part elsewhere
    (expire, 1, 0, False),  # a section above a page that stays
    (write_draft, 2, 0, False),
    (restrict, 0, 1, False),
]
_TOLD = ("localactor", "publishedobject", "ledgerentry", "wake", "activity")

shapes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans(), st.booleans()), min_size=2, max_size=5)
steps = st.lists(
    st.tuples(st.sampled_from(TRANSITIONS), st.integers(0, 99), st.integers(0, 99), st.booleans()),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module", autouse=True)
def running(committed_database: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, page_cache():
        patch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
        yield


def test_every_public_address_is_walked() -> None:
    """Fails when an address is added that ``places`` does not know."""
    assert routes() == set(PLACES)


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    phases=PHASES,  # none to make an example smaller: it takes minutes, and what failed is said in words
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
@given(shape=shapes, story=steps)
@example(shape=[(1, 1, True, True), (3, 2, False, True)], story=STORY)
def test_nothing_that_is_not_public_can_be_read_anywhere(
    shape: list[tuple[int, int, bool, bool]], story: list[tuple[Transition, int, int, bool]]
) -> None:
    walk = Walk(plant([(0, 0, True, True), *shape]))
    try:
        walk.work()
        walk.look("planted")
        for act, which, number, works in story:
            walk.happen(act, which, number)
            if works:
                walk.work()
                walk.look(f"{act.__name__}, and the worker")
    finally:
        walk.clear()


class Walk:
    """One example: remembers what pages were called, and what profiles said while they were public."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.paths: set[str] = set()
        self.once: dict[int, set[str]] = defaultdict(set)
        self.remember()

    def happen(self, act: Transition, which: int, number: int) -> None:
        pages = self.site.pages()
        page = pages[which % len(pages)]
        before = Page.objects.get(pk=page.pk)
        act(self.site, page, number)
        # As at the end of an editor's request: from here on, nothing of it may be seen.
        listener.catch_up()
        self.look(f"{act.__name__} of {type(page).__name__} {before.title}")

    def work(self) -> None:
        run_due_pages(timezone.now())
        while reconcile.drain(timezone.now()):
            pass

    def remember(self) -> None:
        self.paths |= {page_path(page) for page in Page.objects.filter(depth__gt=1)}

    def look(self, after: str) -> None:
        """Twice, so that everything that can come from the cache does."""
        self.remember()
        oracle = Oracle()
        for page in filter(oracle.readable, oracle.pages.values()):
            self.once[page["id"]] |= page["said"]
        look = Look(oracle, self.once, after)
        look.at(places(self.paths - {page_path(page) for page in Page.objects.filter(depth__gt=1)}))
        look.at(place for place in places(self.paths) if place.route == "wagtail_serve" and place.accept == BROWSER)

    def clear(self) -> None:
        for page in Page.objects.filter(pk__in=self.site.organisations):
            page.specific.delete()
        CustomImage.objects.all().delete(), CustomDocument.objects.all().delete()
        Collection.objects.get(name="Files").delete()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(f'federation_{name}' for name in _TOLD)} CASCADE")


class Look:
    """``once`` is what pages said whenever they were public."""

    def __init__(self, oracle: Oracle, once: dict[int, set[str]], after: str) -> None:
        self.oracle, self.after, self.stranger = oracle, after, Stranger()
        self.allowed = oracle.allowed()
        still = [page for page in oracle.pages.values() if oracle.public(page)]
        self.profiles = set().union(*(once[page["id"]] for page in oracle.pages.values() if page["depth"] < 4))
        self.before = set().union(*(once[page["id"]] for page in still))
        self.out = oracle.objects_out()
        self.private_papers = [row["uuid"] for row in oracle.private_files("cms_customdocument")]
        self.told = {str(number): number in self.out for number in PublishedObject.objects.values_list("pk", flat=True)}

    def at(self, asked: Iterable[Place]) -> None:
        for place in asked:
            answer = self.stranger.ask(place)
            text = _text(answer)
            self.words(place, text)
            self.objects(place, text)
            check = CHECKS.get(place.route)
            if check is not None:
                check(self, place, answer)

    def words(self, place: Place, text: str) -> None:
        """No word of what may not be read, but those that the question itself contains. Profiles answer until somebody
        deletes them, as they were when they were last public; and who is sent from an id to a page that is still there
        may come by its former address."""
        allowed = self.allowed | set(MARKER.findall(place.path))
        if place.route in PROFILES or (place.route in COLLECTIONS and place.accept == BROWSER):
            allowed |= self.profiles
        if place.route in ("federation_object", "federation_activity") and place.accept == BROWSER:
            allowed |= self.before
        leaked = set(MARKER.findall(text)) - allowed
        assert not leaked, self.report(place, text, leaked.pop())

    def objects(self, place: Place, text: str) -> None:
        """No id of what is not out, but at its own address and in the news of its end; no address of a private
        document, but at its own."""
        if place.route in ("federation_object", "federation_webfinger") or _is_farewell(place.about):
            return
        leaked = [number for number, out in self.told.items() if not out and number in text]
        if not place.route.startswith(("cms_document", "wagtaildocs")):
            leaked += [number for number in self.private_papers if number in text]
        assert not leaked, self.report(place, text, leaked[0])

    def report(self, place: Place, text: str, word: str) -> str:
        at = text.index(word)
        return f"after {self.after}: {place.path} ({place.accept}) says …{text[max(0, at - 300) : at + 100]}…"

    def page(self, place: Place, answer: Any) -> None:
        """The page itself: there for everybody, or for nobody."""
        if place.about is None or "?" in place.path:
            return
        row = self.oracle.pages[place.about.pk]
        if self.oracle.readable(row):
            there = {200} if place.accept != AS2 or not self.is_told(row) else {303}
        elif self.oracle.served(row):
            there = {200, 302}  # a form for the password, or the login
            if place.accept == AS2 and self.is_told(row):
                there = {303}  # its profile is public, whatever becomes of its page
        else:
            there = {404}
        assert answer.status_code in there, f"after {self.after}: {place} answers {answer.status_code}, not {there}"
        if there == {200}:
            assert row["title"] in answer.content.decode(), place

    def is_told(self, row: dict[str, Any]) -> bool:
        """Pages and profiles that servers are sent on to."""
        keys = PublishedObject.objects.filter(pk__in=self.out).values_list("key", flat=True)
        urls = LocalActor.objects.filter(deleted_at=None).exclude(kind="instance").values_list("url", flat=True)
        return f"page:{row['id']}" in keys or f"{HUB}{page_path(Page(**_bare(row)))}" in urls

    def object(self, place: Place, answer: Any) -> None:
        number = place.about.pk
        there = {200, 303} if number in self.out else {410} if place.about.withdrawn_at else {404}
        assert answer.status_code in there, f"after {self.after}: {place} answers {answer.status_code}, not {there}"

    def outbox(self, place: Place, answer: Any) -> None:
        if place.accept == AS2 and "?" not in place.path:
            mine = PublishedObject.objects.filter(actor=place.about, pk__in=self.out).count()
            assert answer.json()["totalItems"] == mine, f"after {self.after}: {place}"

    def nodeinfo(self, place: Place, answer: Any) -> None:
        assert answer.json()["usage"]["localPosts"] == len(self.out), f"after {self.after}: {place}"


PROFILES = {"federation_actor", "federation_webfinger", "federation_activity"}
COLLECTIONS = {"federation_outbox", "federation_featured"}
CHECKS = {
    "wagtail_serve": Look.page,
    "federation_object": Look.object,
    "federation_outbox": Look.outbox,
    "federation_nodeinfo": Look.nodeinfo,
}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {"url_path": row["url_path"], "depth": row["depth"]}


def _is_farewell(about: Any) -> bool:
    return isinstance(about, Activity) and about.kind == "Delete"


def _text(answer: Any) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{answer.status_code}\n{headers}\n{body.decode(errors='replace')}"
