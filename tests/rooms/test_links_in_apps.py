"""A link that is tapped in Mastodon's app opens the article and not the same post again (docs/decisions/0008): the
complaints of mastodon-android 739 and 1066, played through with our real pages and objects."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from cms.models import Attachment, NewsPage
from federation.actors.local import ensure_site_actor
from federation.models import PublishedObject
from federation.outbox import reconcile
from tests.factories.cms_media import make_document
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_report,
    make_section,
    publish,
)
from tests.factories.mastodon_app import BROWSER, LOOKS_LIKE_A_POST, POST, PROFILE, Post, receive, resolve, tap
from tests.factories.publications import HUB
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
MAKERS = {"news": make_news, "report": make_report, "document": make_document_page}


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> Any:
    return make_organisation("Aspen Watch", handle="aspen")


def tell(page: Any) -> Post:
    """The page is out, and Mastodon has it."""
    while reconcile.drain(timezone.now()):
        pass
    row = PublishedObject.objects.get(key=f"page:{page.pk}", withdrawn_at=None)
    answer = Client().get(row.uri.removeprefix(HUB), headers={"Accept": "application/activity+json"})
    return receive(json.loads(answer.content))


def out(organisation: Any, kind: str, form: str, **fields: Any) -> tuple[Any, Post]:
    """With a title of which an address has to be made carefully."""
    body = [{"type": "paragraph", "value": f'<p><a linktype="page" id="{organisation.pk}">We</a> met.</p>'}]
    page = MAKERS[kind](
        make_section(organisation, title="Čakavian Shelf"),
        title="Über 100 % & more",
        slug="über-100",
        share=True,
        form=form,
        body=NewsPage.body.field.stream_block.to_python(body),
        attachments=[Attachment(document=make_document())],
        **fields,
    )
    return page, tell(page)


@pytest.mark.parametrize("form", ["article", "note"])
@pytest.mark.parametrize("kind", MAKERS)
def test_the_link_and_the_card_of_a_post_open_its_article(organisation: Any, kind: str, form: str) -> None:
    """Without asking the reader's server, so also where that one does not answer. Fails if the object's address, the
    link in its text or the page's own name for its address is spelled in another way, or if a file is attached before
    the page."""
    _page, post = out(organisation, kind, form)
    assert post.links[0] == post.url == post.card
    assert tap(post.links[0], post) == BROWSER


@pytest.mark.parametrize("form", ["article", "note"])
def test_an_app_that_asks_finds_the_post_it_came_from(organisation: Any, form: str) -> None:
    """And then goes to the browser. Fails if pages point to another object than the one that was sent."""
    page, post = out(organisation, "report", form)
    found = resolve(f"{post.url}?from=somewhere")
    assert found is not None
    assert found["id"] == post.id
    assert tap(f"{post.url}?from=somewhere", post) == BROWSER
    publish(page, title="Corrected")
    assert tell(page).id == post.id


def test_after_a_move_old_and_new_address_open_the_article(organisation: Any) -> None:
    page, post = out(organisation, "news", "article")
    page.move(make_section(organisation, title="Elsewhere"), pos="last-child")
    moved = tell(page)
    assert (moved.id, moved.url != post.url) == (post.id, True)
    assert [tap(link, copy) for link in (post.url, moved.url) for copy in (post, moved)] == [BROWSER] * 4


def test_once_it_is_withdrawn_and_shared_again_the_new_post_is_the_one(organisation: Any) -> None:
    page, post = out(organisation, "news", "article")
    publish(page, share=False)
    while reconcile.drain(timezone.now()):
        pass
    publish(page, share=True)
    again = tell(page)
    assert again.id != post.id
    assert tap(again.links[0], again) == BROWSER


def test_papers_feeds_and_forms_open_in_the_browser(organisation: Any) -> None:
    """A note shows its list of files. Fails if any of these points to a document for servers."""
    page, post = out(organisation, "report", "note")
    files = [link for link in post.links if "/documents/" in link]
    forms = [f"{HUB}/@aspen/follow", f"{HUB}/-/respond/{page.pk}/reply", f"{HUB}/feeds/aspen.atom", f"{HUB}/feed.atom"]
    assert files
    assert {tap(link, post) for link in [*files, *forms]} == {BROWSER}


def test_another_piece_opens_as_its_post_and_an_organisation_as_its_profile(organisation: Any) -> None:
    """As readers get it from everybody, and as the app's authors want it."""
    _page, post = out(organisation, "report", "note")
    other = make_news(organisation, title="Other", share=True)
    tell(other)
    assert tap(f"{HUB}{other.url}", post) == POST
    assert {tap(link, post) for link in (f"{HUB}{organisation.url}", f"{HUB}/@aspen")} == {PROFILE}


def test_what_was_not_shared_opens_in_the_browser(organisation: Any) -> None:
    _page, post = out(organisation, "report", "note")
    quiet = make_news(organisation, title="Quiet")
    section = make_section(organisation)
    assert {tap(f"{HUB}{page.url}", post) for page in (quiet, section)} == {BROWSER}


def test_other_apps_take_the_address_of_a_page_for_what_it_is(organisation: Any) -> None:
    """Tusky and its kin guess by the path. Fails if addresses of pages lose their slash."""
    page, _post = out(organisation, "report", "article")
    ensure_site_actor(timezone.now())
    for shown in (page, page.get_parent(), organisation, home_page()):
        path = urlsplit(
            BeautifulSoup(Client().get(shown.url).content, "html.parser").find("link", rel="canonical")["href"]
        ).path  # type: ignore[index]
        assert not LOOKS_LIKE_A_POST.fullmatch(path), path
    assert LOOKS_LIKE_A_POST.fullmatch("/@aspen")
