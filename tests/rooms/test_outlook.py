"""What will happen elsewhere is said before it is done, with the numbers of all pages that it is about."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.models import NewsPage, OrganisationPage
from federation.actors.local import find_by_key
from federation.models import Activity
from federation.outbox import reconcile
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section, publish
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.outbox import follow
from tests.factories.page_form import as_user, news_form

pytestmark = pytest.mark.django_db
REMOVES = "removes the post from Mastodon and others, with its boosts and replies there"


def _settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


@pytest.fixture
def mine() -> OrganisationPage:
    """With three followers on two servers."""
    organisation = make_organisation("Aspen Watch")
    _settle()
    actor = find_by_key(organisation.publisher_key)
    assert actor is not None
    for name in ("a", "b"):
        follow(actor, f"https://peer.example/users/{name}", shared_inbox="https://peer.example/inbox")
    follow(actor, "https://other.example/users/c")
    return organisation


@pytest.fixture
def editor(mine: OrganisationPage) -> Client:
    return as_user(make_editor(mine))


def _out(parent: Page, **fields: Any) -> NewsPage:
    page = publish(make_news(parent, share=True, **fields))
    _settle()
    return page


def _text(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def _outlook(client: Client, page: Page, **changes: Any) -> str:
    url = reverse("wagtailadmin_pages:edit", args=[page.pk]) + "outlook/"
    return " ".join(client.post(url, news_form("", **changes)).json()["said"])


# While somebody writes


def test_a_page_that_was_never_saved_is_foreseen(editor: Client, mine: OrganisationPage) -> None:
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk]) + "outlook/"
    assert editor.post(url, news_form("")).json()["said"] == ["3 followers on 2 servers get a post."]
    assert not NewsPage.objects.exists()


def test_a_change_is_foreseen_as_it_stands_in_the_form(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the saved page is asked instead."""
    page = _out(mine, slug="our-piece", title="As it was")
    assert "3 followers on 2 servers get an update." in _outlook(editor, page, title="Corrected")
    assert NewsPage.objects.get(pk=page.pk).title == "As it was"


def test_an_edit_that_leaves_the_post_equal_sends_nothing(editor: Client, mine: OrganisationPage) -> None:
    page = _out(mine, slug="our-piece", title="As it was")
    same = {"title": "As it was", "search_description": "Only for search engines."}
    assert _outlook(editor, page, **same) == "The post looks the same as before. Nothing will be sent."


def test_taking_the_tick_away_says_what_that_means(editor: Client, mine: OrganisationPage) -> None:
    page = _out(mine, slug="our-piece")
    said = _outlook(editor, page, share=None)
    assert (REMOVES in said, "It reached 2 servers." in said) == (True, True)


def test_a_page_in_a_private_section_goes_nowhere(editor: Client, mine: OrganisationPage) -> None:
    section = make_section(mine)
    make_private(section)
    page = make_news(section, live=False)
    assert _outlook(editor, page) == "Not everybody may read the page. Nothing will be sent."


def test_a_date_and_the_moment_to_undo_are_said(editor: Client, mine: OrganisationPage, settings: Any) -> None:
    settings.SENDING_DELAY = 60
    page = make_news(mine, live=False)
    assert "You can undo it for 60 seconds." in _outlook(editor, page)
    later = timezone.now() + timedelta(days=2)
    said = _outlook(editor, page, go_live_at=f"{later:%Y-%m-%d %H:%M}")
    assert (f"goes out on {later.day} " in said, "undo" in said) == (True, False)


def test_nothing_is_said_about_a_form_with_an_error(editor: Client, mine: OrganisationPage) -> None:
    page = make_news(mine, live=False)
    assert _outlook(editor, page, published_on="no date") == ""


def test_an_organisation_is_no_post(editor: Client, mine: OrganisationPage) -> None:
    assert _outlook(editor, mine) == ""


def test_a_neighbour_learns_no_numbers(mine: OrganisationPage) -> None:
    """Fails if the address is open to whoever knows a page's number."""
    page = _out(mine)
    neighbour = as_user(make_editor(make_organisation("Birch Forum")))
    url = reverse("wagtailadmin_pages:edit", args=[page.pk]) + "outlook/"
    assert neighbour.post(url, news_form("")).status_code == 404
    add = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk]) + "outlook/"
    assert neighbour.post(add, news_form("")).status_code == 404


def test_the_line_stands_in_both_forms(editor: Client, mine: OrganisationPage) -> None:
    page = make_news(mine, live=False)
    for url in (
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk]),
    ):
        assert _text(editor.get(url)).count('data-controller="cw-outlook"') == 2


# Before a page is taken back


def test_unpublishing_says_what_it_takes_back(editor: Client, mine: OrganisationPage) -> None:
    page = _out(mine)
    text = _text(editor.get(reverse("wagtailadmin_pages:unpublish", args=[page.pk])))
    assert (REMOVES in text, "It reached 2 servers." in text) == (True, True)


def test_what_nobody_has_is_taken_back_without_a_word(editor: Client, mine: OrganisationPage) -> None:
    page = make_news(mine)
    assert "Mastodon" not in _messages(editor.get(reverse("wagtailadmin_pages:unpublish", args=[page.pk])))


def _messages(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_deleting_counts_all_pages_below(mine: OrganisationPage) -> None:
    """Fails if only the page itself is counted."""
    section = make_section(mine)
    _out(section)
    _out(section)
    admin = as_user(make_admin())
    text = _text(admin.get(reverse("wagtailadmin_pages:delete", args=[section.pk])))
    assert "removes 2 posts" in text
    assert "profile ends for good" in _text(admin.get(reverse("wagtailadmin_pages:delete", args=[mine.pk])))


def test_unpublishing_a_section_leaves_what_lies_below_unless_asked(mine: OrganisationPage) -> None:
    section = make_section(mine)
    _out(section)
    admin = as_user(make_admin())
    text = _messages(admin.get(reverse("wagtailadmin_pages:unpublish", args=[section.pk])))
    assert text == "With all pages below, 1 more post is removed."
    text = _messages(admin.get(reverse("wagtailadmin_pages:unpublish", args=[mine.pk])))
    assert REMOVES in text


def test_of_very_many_pages_only_the_number_is_told(mine: OrganisationPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms.outlook.pages.MOST_ASKED", 1)
    _out(mine)
    _out(mine)
    text = _messages(as_user(make_admin()).get(reverse("wagtailadmin_pages:delete", args=[mine.pk])))
    assert "removes 2 posts" in text


def test_moving_under_a_restriction_takes_it_back(editor: Client, mine: OrganisationPage) -> None:
    page, section = _out(mine), make_section(mine)
    move = reverse("wagtailadmin_pages:move_confirm", args=[page.pk, section.pk])
    assert "address of 1 post changes: 3 followers on 2 servers are told" in _messages(editor.get(move))
    make_private(section)
    assert REMOVES in _messages(editor.get(move))


def test_moving_to_another_organisation_makes_a_new_post(mine: OrganisationPage) -> None:
    page, other = _out(mine), make_organisation("Birch Forum")
    text = _messages(as_user(make_admin()).get(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, other.pk])))
    assert (REMOVES in text, "Birch Forum publishes it then, as a new post." in text) == (True, True)


def test_moving_out_of_a_private_section_shares_it(editor: Client, mine: OrganisationPage) -> None:
    section = make_section(mine)
    make_private(section)
    page = make_news(section, share=True)
    text = _messages(editor.get(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, mine.pk])))
    assert "1 page that is shared goes out" in text


def test_restricting_a_section_says_so_in_its_dialogue(editor: Client, mine: OrganisationPage) -> None:
    section = make_section(mine)
    _out(section)
    privacy = reverse("wagtailadmin_pages:set_privacy", args=[section.pk])
    assert REMOVES in _text(editor.get(privacy))
    make_private(section)
    assert "1 page that is shared goes out" in _text(editor.get(privacy))


@pytest.mark.parametrize(
    ("action", "words"),
    [("unpublish", "removes 2 posts"), ("delete", "removes 2 posts"), ("move", "2 of the pages are shared")],
)
def test_in_bulk_all_are_counted(editor: Client, mine: OrganisationPage, action: str, words: str) -> None:
    pages = _out(mine), _out(mine), make_news(mine)
    ids = "&".join(f"id={page.pk}" for page in pages)
    url = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{ids}"
    assert words in _messages(editor.get(url))


# Taking a post back and keeping the page; sharing it once more


def test_the_menu_offers_both_for_a_page_that_others_have(editor: Client, mine: OrganisationPage) -> None:
    edit = reverse("wagtailadmin_pages:edit", args=[_out(mine).pk])
    text = _text(editor.get(edit))
    assert ("Remove from Mastodon and others (keep the page)" in text, "Share again as a boost" in text) == (True, True)
    text = _text(editor.get(reverse("wagtailadmin_pages:edit", args=[make_news(mine).pk])))
    assert "Remove from Mastodon" not in text


def test_the_post_is_taken_back_after_a_question(editor: Client, mine: OrganisationPage) -> None:
    page = _out(mine)
    url = reverse("cms_stop_sharing", args=[page.pk])
    text = _text(editor.get(url))
    assert (REMOVES in text, "stays on this site" in text) == (True, True)
    assert NewsPage.objects.get(pk=page.pk).share
    assert "Here it stays" in _text(editor.post(url, follow=True))
    page = NewsPage.objects.get(pk=page.pk)
    assert (page.live, page.share) == (True, False)
    assert "was not shared" in _text(editor.post(url, follow=True))


def test_a_boost_is_asked_for_after_a_question(editor: Client, mine: OrganisationPage) -> None:
    page = _out(mine)
    url = reverse("cms_boost", args=[page.pk])
    assert "once more in the timelines of 3 followers on 2 servers" in _text(editor.get(url))
    assert "shared within a day" in _text(editor.post(url, follow=True))
    Activity.objects.update(created=timezone.now() - timedelta(days=2))
    assert "shared again in a moment" in _text(editor.post(url, follow=True))


@pytest.mark.parametrize("name", ["cms_stop_sharing", "cms_boost"])
def test_a_neighbour_and_a_writer_can_do_neither(mine: OrganisationPage, name: str) -> None:
    page = _out(mine)
    url = reverse(name, args=[page.pk])
    writer = make_editor(mine)
    mine.editors.page_permissions.filter(permission__codename="publish_page").delete()
    for client in (as_user(writer), as_user(make_editor(make_organisation("Birch Forum")))):
        assert client.post(url).status_code in (302, 404)
        assert "Mastodon" not in client.get(url).content.decode()
    assert NewsPage.objects.get(pk=page.pk).share
    assert as_user(make_admin()).get(reverse(name, args=[mine.pk])).status_code == 404
