"""What the editor chose about sharing, on its way from the page to what is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cms.keys import page_key
from cms.models import NewsPage
from cms.publications import CmsSource
from federation.contract import Audience, Quotes, Replies
from tests.factories.admin_work import Editor, filled_in
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.cms_people import make_editor

pytestmark = pytest.mark.django_db


def test_a_publication_carries_what_the_editor_chose_about_readers() -> None:
    chosen = {"content_note": "Violence", "quotes": "followers", "replies": "nobody", "audience": "quiet"}
    page = make_news(share=True, **chosen)
    found = CmsSource().publication(page_key(page.pk))
    assert found is not None
    assert (found.content_note, found.quotes) == ("Violence", Quotes.FOLLOWERS)
    assert (found.replies, found.audience) == (Replies.NOBODY, Audience.QUIET)


def test_a_page_for_this_site_only_is_not_shared_however_it_was_saved() -> None:
    """Fails if ``save`` does not look at the audience."""
    page = publish(make_news(share=True), audience="site")
    assert not page.share
    assert CmsSource().publication(page_key(page.pk)) is None


def test_the_choices_travel_in_the_draft_and_hold_from_its_publishing_on(
    django_capture_on_commit_callbacks: Any,
) -> None:
    page = make_news(share=True)
    Editor(django_capture_on_commit_callbacks).saves(page, quotes="nobody", content_note="Violence")
    stored = NewsPage.objects.get(pk=page.pk)
    assert (stored.quotes, stored.content_note) == ("anybody", "")
    stored.get_latest_revision().publish()
    stored.refresh_from_db()
    assert (stored.quotes, stored.content_note) == ("nobody", "Violence")


def test_to_share_a_page_and_to_keep_it_on_the_site_is_refused_in_words() -> None:
    """Fails if the form does not compare the two."""
    organisation = make_organisation()
    page = make_news(organisation)
    client = Client()
    client.force_login(make_editor(organisation))
    data = filled_in(page, "publish", {"share": "on", "audience": "site"})
    response = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert response.context["form"].errors["audience"] == ["Either share the page, or keep it on this site only."]
