"""Pages that are kept in memory: for whom, for how long, and what ends them. On a database where things are really
committed, with a listener that really listens."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.models import NewsPage
from cms.page_cache import listener as listening
from cms.page_cache.listener import listener
from cms.page_cache.middleware import LONGEST, is_for_everybody, mark_as_public, state, store_of
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_section, publish
from tests.factories.cms_people import make_admin
from tests.factories.instances import eventually
from tests.factories.page_cache import BROWSER, is_kept, page_cache, reader

MASTODON = (
    'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1'
)


@pytest.fixture(scope="module", autouse=True)
def cache(committed_database: None) -> Iterator[None]:
    with page_cache():
        reader().get("/")  # makes the row of the site's settings, which is a change that readers could see
        yield


@pytest.fixture
def page() -> Any:
    """A live page. What was announced when it was made has been heard."""
    made = make_news(make_section(make_organisation()), title="Kept page")
    listener.catch_up()
    return made


def _status(path: str) -> int:
    return int(reader().get(path).status_code)


def _see(page: Page) -> bytes:
    """What a reader gets, twice, so that it lies in memory."""
    reader().get(page.url)
    answer = reader().get(page.url)
    assert answer.status_code == 200
    return bytes(answer.content)


def test_the_second_reader_asks_the_database_nothing(page: Any) -> None:
    """Fails if nothing is ever stored."""
    assert [is_kept(page.url), is_kept(page.url)] == [False, True]


def test_the_kept_answer_is_the_same_one(page: Any) -> None:
    first, second = reader().get(page.url), reader().get(page.url)
    assert (first.content, dict(first.items())) == (second.content, dict(second.items()))


def test_whoever_has_it_already_is_told_so(page: Any) -> None:
    etag = reader().get(page.url)["ETag"]
    answer = reader().get(page.url, headers={"If-None-Match": f'W/{etag}, "other"'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)


def test_a_head_request_gets_the_headers_alone(page: Any) -> None:
    full = reader().get(page.url)
    head = reader().head(page.url)
    assert (head.content, head["Content-Length"]) == (b"", full["Content-Length"])


def test_caches_further_out_have_to_ask_each_time(page: Any) -> None:
    """Fails without the hook that says who may keep a page."""
    assert [reader().get(page.url)["Cache-Control"] for _ in range(2)] == ["no-cache", "no-cache"]


def test_a_correction_is_seen_at_once(page: Any) -> None:
    """Fails if announcements are not heard, or not counted."""
    _see(page)
    publish(page, title="Corrected page")
    listener.catch_up()
    assert b"Corrected page" in reader().get(page.url).content


def test_a_profile_is_kept_like_a_page_and_ends_with_what_it_lists(page: Any) -> None:
    """Fails if the view does not say that it is for everybody, or if it says so of the form."""
    path = f"/@{page.organisation.handle}"
    reader().get(path)
    assert is_kept(path)
    make_news(page.organisation, title="Newer page")
    listener.catch_up()
    assert b"Newer page" in reader().get(path).content
    page.organisation.unpublish()
    listener.catch_up()
    assert _status(path) == 404


GOING = {
    "unpublish": lambda page: page.unpublish(),
    "privacy": make_private,
    "privacy of the section": lambda page: make_private(page.get_parent()),
    "the organisation unpublished": lambda page: page.organisation.unpublish(),
    "raw column": lambda page: NewsPage.objects.filter(pk=page.pk).update(live=False),
    "an end that has passed": lambda page: NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now()),
    "delete": lambda page: page.delete(),
}


@pytest.mark.parametrize("change", GOING)
def test_a_page_is_gone_for_readers_after(change: str, page: Any) -> None:
    """Fails if the epoch is not compared."""
    _see(page)
    GOING[change](page)
    listener.catch_up()
    assert b"Kept page" not in reader().get(page.url).content


def test_without_any_help_a_change_elsewhere_is_heard_within_a_second(page: Any) -> None:
    """As another process or the worker makes it. The bound is what the listener promises."""
    _see(page)
    changed = threading.Event()

    def elsewhere() -> None:
        NewsPage.objects.filter(pk=page.pk).update(live=False)
        connection.close()
        changed.set()

    threading.Thread(target=elsewhere).start()
    assert changed.wait(20)
    time.sleep(listening.TRUST)
    assert _status(page.url) == 404


def test_the_clock_alone_ends_a_page(page: Any) -> None:
    """Nothing is announced when a page expires. Fails if ``until`` knows only its longest time."""
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() + timedelta(seconds=3))
    listener.catch_up()
    _see(page)
    time.sleep(3.1)
    assert _status(page.url) == 404


def test_a_list_ends_with_what_it_lists(page: Any) -> None:
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() + timedelta(seconds=3))
    listener.catch_up()
    assert b"Kept page" in _see(page.get_parent())
    time.sleep(3.1)
    assert b"Kept page" not in reader().get(page.get_parent().url).content


def test_nothing_is_kept_for_longer_than_a_minute(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _see(page)
    later = time.time() + LONGEST
    monkeypatch.setattr("cms.page_cache.middleware.time.time", lambda: later)
    assert not is_kept(page.url)


def test_a_change_during_the_making_of_a_page_keeps_it_out(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if the epoch is read after the page is made."""
    serve = NewsPage.serve

    def slowly(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = serve(self, request, *args, **kwargs).render()
        NewsPage.objects.filter(pk=page.pk).update(title="Corrected page")
        listener.catch_up()
        return response

    monkeypatch.setattr(NewsPage, "serve", slowly)
    reader().get(page.url)
    monkeypatch.undo()
    assert b"Corrected page" in reader().get(page.url).content


@pytest.mark.parametrize(
    "headers",
    [{"Accept": MASTODON}, {"Authorization": "Basic eDp5"}, {"Cookie": "__Host-commonwire_hub_example_session=x"}],
    ids=["a server", "credentials", "a session"],
)
def test_memory_answers_nobody_who_brings(headers: dict[str, str], page: Any) -> None:
    """Fails if the condition for this header is left out."""
    _see(page)
    assert not is_kept(page.url, **headers)


def test_a_foreign_cookie_changes_nothing(page: Any) -> None:
    _see(page)
    assert is_kept(page.url, Cookie="_somebody_elses=1")


def test_what_an_editor_sees_is_kept_for_nobody(page: Any) -> None:
    """The bar for editors stands on it. Fails if answers to a session are stored."""
    client = Client(headers={"accept": BROWSER, "host": "hub.example"})
    client.force_login(make_admin())
    listener.catch_up()
    answer = client.get(page.url)
    assert answer["Cache-Control"] == "private, no-cache"
    assert not is_kept(page.url)


def test_a_preview_is_kept_for_nobody_and_comes_from_no_memory(page: Any) -> None:
    """Fails if the middleware takes the preview's dummy request for a reader's."""
    dummy = page.make_preview_request()._request
    client = Client(headers={"accept": BROWSER, "host": dummy.get_host()})

    def read() -> bytes:
        """As the dummy request says of itself."""
        return bytes(client.get(page.url, secure=dummy.is_secure()).content)

    read(), read()
    page.title = "Draft words"
    preview = page.make_preview_request()
    assert b"Draft words" in preview.content
    assert b"Draft words" not in read()


def test_the_form_for_a_password_is_not_kept(page: Any) -> None:
    make_private(page)
    listener.catch_up()
    assert b"needs a password" in reader().get(page.url).content
    assert not is_kept(page.url)


def test_whoever_knows_the_password_does_not_show_the_page_to_others(page: Any) -> None:
    """Fails if only the absence of a form decides."""
    restriction = make_private(page)
    client = Client(headers={"accept": BROWSER, "host": "hub.example"})
    address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
    client.post(address, {"password": "secret", "return_url": page.url})
    listener.catch_up()
    assert b"Kept page" in client.get(page.url).content
    assert b"Kept page" not in reader().get(page.url).content


@pytest.mark.parametrize("address", ["/nothing-here/", "/feed.atom", "/sitemap.xml", "/-/health"])
def test_only_pages_are_kept(address: str, page: Any) -> None:
    store = store_of(8 * 1024 * 1024)
    before = len(store)
    reader().get(address)
    assert len(store) in (0, before)


def test_parts_of_a_list_are_kept_each_and_other_questions_not(page: Any) -> None:
    section = page.get_parent().url
    reader().get(f"{section}?page=2"), reader().get(f"{section}?q=1")
    assert [is_kept(f"{section}?page=2"), is_kept(section), is_kept(f"{section}?q=1")] == [True, False, False]


def test_each_host_has_its_own(page: Any) -> None:
    _see(page)
    assert not is_kept(page.url, Client(headers={"accept": BROWSER, "host": "localhost"}))


def test_saving_a_draft_keeps_what_is_kept(page: Any) -> None:
    _see(page)
    page.title = "Draft words"
    page.save_revision()
    listener.catch_up()
    assert is_kept(page.url)


def test_an_editors_request_ends_when_readers_see_the_change(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the admin, as people do it, and with a listener that hears badly. Fails if the answer does not wait."""
    confirm = type(listener)._confirm
    monkeypatch.setattr(type(listener), "_confirm", lambda *given: time.sleep(0.4) or confirm(*given))
    client = Client(headers={"host": "hub.example"})
    client.force_login(make_admin())
    _see(page)
    client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
    assert _status(page.url) == 404


def test_while_nobody_listens_nothing_comes_from_memory(page: Any) -> None:
    """The server's operator ends the connection. Two things see to it: the loss is noted, and trust has an end."""
    _see(page)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND query IN ('SELECT 1', 'LISTEN cms_readers')"
        )
        assert cursor.rowcount >= 1
    eventually(lambda: state() == "waiting", what="the loss is noticed")
    assert not is_kept(page.url)
    eventually(lambda: state() == "on", what="it listens again")
    assert [is_kept(page.url), is_kept(page.url)] == [False, True]


def test_an_answer_that_is_overdue_ends_the_trust(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the network swallows everything. Fails if only a lost connection ends the trust."""
    _see(page)
    held, stuck = threading.Event(), threading.Event()
    confirm = type(listener)._confirm

    def hang(self: Any, connection: Any) -> None:
        stuck.set()
        held.wait(20)
        confirm(self, connection)

    monkeypatch.setattr(type(listener), "_confirm", hang)
    assert stuck.wait(10)
    time.sleep(listening.TRUST)
    assert not is_kept(page.url)
    held.set()
    eventually(lambda: state() == "on")


def test_behind_a_pooler_nothing_is_kept(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler gives its own greeting, so the session's number is another one than it said."""
    asked = listening.psycopg.Cursor.execute

    def through_a_pooler(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        return asked(self, str(query).replace("pg_backend_pid()", "pg_backend_pid() + 1"), *args, **kwargs)

    listener.stop()
    monkeypatch.setattr(listening.psycopg.Cursor, "execute", through_a_pooler)
    assert listener.epoch is None
    time.sleep(1)
    assert (state(), is_kept(page.url)) == ("waiting", False)
    monkeypatch.undo()
    eventually(lambda: state() == "on")


def test_a_child_process_begins_without_a_listener_and_without_trust(page: Any) -> None:
    _see(page)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"off" if listener.epoch is None else b"on")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"off"
    os.close(reading), os.close(writing)


def test_the_setting_turns_it_off(page: Any) -> None:
    with override_settings(PAGE_CACHE_BYTES=0):
        assert [is_kept(page.url), is_kept(page.url), state() == "off"] == [False, False, True]


def test_the_front_page_is_kept_too(page: Any) -> None:
    reader().get("/")
    assert is_kept(home_page().url)


FIT = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "Vary": "Cookie, Accept"}
UNFIT: dict[str, dict[str, Any]] = {
    "not marked": {"marked": False},
    "another status": {"status": 203},
    "no page": {"Content-Type": "application/json"},
    "private": {"Cache-Control": "private, no-cache"},
    "not to be stored": {"Cache-Control": "max-age=0, no-store"},
    "different by something else": {"Vary": "Cookie, Accept-Language"},
    "different by anything": {"Vary": "*"},
    "with a cookie": {"Set-Cookie": "a=b"},
    "with a token": {"token": True},
}


def _fits(marked: bool = True, status: int = 200, token: bool = False, **headers: str) -> bool:
    request = RequestFactory().get("/")
    if marked:
        mark_as_public(request)
    if token:
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return is_for_everybody(request, HttpResponse(status=status, headers=FIT | headers))


@pytest.mark.parametrize("reason", UNFIT)
def test_an_answer_is_for_somebody_in_particular_if_it_is(reason: str) -> None:
    """Each fails if its condition is left out."""
    assert (_fits(), _fits(**UNFIT[reason])) == (True, False)
