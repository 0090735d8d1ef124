"""The panel “Sharing (Mastodon and others)” in the form of every type of page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.models import Page

from cms.models import NewsPage, OrganisationPage
from cms.panels import NOTES_HOOK
from federation.models import LedgerEntry, PublishedObject
from federation.outbox import reconcile
from tests.factories.admin_work import Editor, filled_in
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.cms_people import make_editor, make_user
from tests.factories.full_forms import OWN_FIELDS

pytestmark = pytest.mark.django_db
IN_SIGHT = ["share", "summary", "showing"]
UNDER_MORE = ["form", "content_note", "quotes", "replies", "audience"]


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation()


@pytest.fixture
def client(organisation: OrganisationPage) -> Client:
    made = Client()
    made.force_login(make_editor(organisation))
    return made


@pytest.fixture
def editor(django_capture_on_commit_callbacks: Any) -> Editor:
    return Editor(django_capture_on_commit_callbacks)


def _form_of(client: Client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def _new(model: type[Page], organisation: OrganisationPage) -> str:
    return reverse("wagtailadmin_pages:add", args=["cms", model._meta.model_name, organisation.pk])


def _edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _panel(soup: BeautifulSoup) -> Tag:
    heading = next(tag for tag in soup.find_all("h2") if "Sharing (Mastodon and others)" in tag.text)
    found = heading.find_parent("section")
    assert found is not None
    return found


def _fields(place: Tag) -> list[str]:
    """Names of the controls, each once, in order."""
    found = (str(tag["name"]) for tag in place.find_all(["input", "select", "textarea"]) if tag.get("name"))
    return list(dict.fromkeys(found))


def _more(panel: Tag) -> Tag:
    found = panel.find("section", class_="cw-more")
    assert isinstance(found, Tag)
    return found


@pytest.mark.parametrize("model", OWN_FIELDS, ids=lambda model: model.__name__)
def test_three_controls_are_in_sight_and_the_rest_is_under_more(
    client: Client, organisation: OrganisationPage, model: type[Page]
) -> None:
    """Fails if a field is missing, or stands in the form twice."""
    soup = _form_of(client, _new(model, organisation))
    panel = _panel(soup)
    more = _more(panel)
    assert ("collapsed" in more["class"], _fields(more)) == (True, UNDER_MORE)
    assert _fields(panel) == IN_SIGHT + UNDER_MORE
    assert len(soup.find_all(attrs={"name": "summary"})) == 1


def test_the_summary_may_be_typed_and_pasted_longer_and_says_how_much_is_left(
    client: Client, organisation: OrganisationPage
) -> None:
    """A browser that stops at a limit cuts what is pasted in silence. Without a script the limit itself is said."""
    soup = _form_of(client, _new(NewsPage, organisation))
    field = soup.find("textarea", attrs={"name": "summary"})
    assert isinstance(field, Tag)
    described = [soup.find(id=name) for name in str(field["aria-describedby"]).split()]
    assert field.get("maxlength") is None
    assert any(tag is not None and "At most 500 characters." in tag.text for tag in described)


def test_that_a_change_is_for_the_website_only_is_offered_for_what_is_out(
    client: Client, organisation: OrganisationPage
) -> None:
    page = publish(make_news(organisation, share=True))
    before = _fields(_more(_panel(_form_of(client, _edit(page)))))
    while reconcile.drain(timezone.now()):
        pass
    after = _more(_panel(_form_of(client, _edit(page))))
    assert (before, _fields(after)) == (UNDER_MORE, [*UNDER_MORE, "website_only"])
    assert "never for a correction" in after.text


@pytest.mark.parametrize(
    "changes",
    [{"summary": "x" * 900}, {"share": "on", "audience": "site"}],
    ids=["a summary that is too long", "shared, and for this site only"],
)
def test_nothing_in_the_panel_keeps_a_draft_from_being_saved(
    client: Client, organisation: OrganisationPage, changes: dict[str, str]
) -> None:
    """Fails if the form asks about sharing before somebody publishes."""
    page = make_news(organisation, live=False)
    assert client.post(_edit(page), filled_in(page, "", changes)).status_code == 302
    kept = NewsPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert {name: getattr(kept, name) for name in changes if name != "share"} == {
        name: value for name, value in changes.items() if name != "share"
    }
    answer = client.post(_edit(page), filled_in(page, "publish", changes))
    assert (answer.status_code, len(answer.context["form"].errors)) == (200, 1)


def test_a_correction_that_is_said_to_be_for_the_website_only_can_be_a_draft(
    client: Client, organisation: OrganisationPage
) -> None:
    page = publish(make_news(organisation, share=True))
    while reconcile.drain(timezone.now()):
        pass
    row = {"date": "2026-03-02", "text": "Six wells, not five.", "id": "", "ORDER": "1"}
    rows = {f"corrections-0-{name}": value for name, value in row.items()} | {"corrections-TOTAL_FORMS": "1"}
    draft = filled_in(page, "", {"website_only": "on"}) | rows
    assert client.post(_edit(page), draft).status_code == 302
    answer = client.post(_edit(page), draft | {"action-publish": "1"})
    assert list(answer.context["form"].errors) == ["website_only"]


def test_a_draft_that_is_too_long_is_published_in_bulk_with_as_much_as_fits(
    editor: Editor, organisation: OrganisationPage
) -> None:
    """Fails with an error page if the model refuses what the form lets pass."""
    page = make_news(organisation, live=False, share=True)
    editor.saves(page, summary="Wells. " * 100)
    editor.in_bulk("publish", page)
    while reconcile.drain(timezone.now()):
        pass
    told = json.loads(bytes(PublishedObject.objects.get().document))
    assert (NewsPage.objects.get(pk=page.pk).live, len(told["summary"]) <= 500 + len("<p></p>")) == (True, True)


def test_a_new_line_counts_as_one_character(client: Client, organisation: OrganisationPage) -> None:
    """A browser sends two. Fails if they are counted as they come."""
    page = make_news(organisation, live=False)
    lines = "\r\n".join(["x" * 249, "y" * 250])
    assert client.post(_edit(page), filled_in(page, "publish", {"summary": lines})).status_code == 302


class _Note(Component):
    def render_html(self, parent_context: Any = None) -> str:
        return "Said by somebody else"


@pytest.fixture
def note() -> Iterator[None]:
    with hooks.register_temporarily(NOTES_HOOK, lambda request, page: _Note() if page.pk else None):
        yield


def test_others_can_say_something_in_the_panel(client: Client, organisation: OrganisationPage, note: None) -> None:
    panel = _panel(_form_of(client, _edit(make_news(organisation))))
    assert "Said by somebody else" in panel.text
    assert "Said by somebody else" not in _panel(_form_of(client, _new(NewsPage, organisation))).text


def test_without_federation_only_the_summary_is_asked_and_the_intent_stays(
    client: Client, organisation: OrganisationPage, settings: Any
) -> None:
    """Fails if the form asks what nobody answers, or takes a missing field for "no"."""
    page = make_news(organisation, share=True, quotes="nobody")
    settings.CMS = {}
    soup = _form_of(client, _edit(page))
    assert "Mastodon" not in soup.text
    assert [name for name in IN_SIGHT + UNDER_MORE if soup.find(attrs={"name": name})] == ["summary"]
    data = filled_in(page, "publish", {"title": "Pipes"})
    asked = {name: value for name, value in data.items() if name not in {"share", "showing", *UNDER_MORE}}
    assert client.post(_edit(page), asked).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.share, page.quotes) == ("Pipes", True, "nobody")


# The suggestion


def _suggested(client: Client, data: dict[str, str]) -> dict[str, str]:
    answer = client.post(reverse("cms_suggest_summary"), data)
    assert answer.status_code == 200
    return answer.json()


def test_a_summary_is_suggested_from_the_text_that_is_not_saved_yet(client: Client) -> None:
    text = json.dumps({"blocks": [{"type": "unstyled", "text": "Wells ran dry. Nobody asked."}]})
    data = {"body-count": "1", "body-0-type": "paragraph", "body-0-value": text, "body-0-order": "0"}
    assert _suggested(client, data) == {"suggestion": "Wells ran dry. Nobody asked.", "message": ""}
    assert not LedgerEntry.objects.exists()


def test_without_a_text_the_reason_is_said(client: Client) -> None:
    assert _suggested(client, {})["message"] == "There is no text yet to take a summary from."


def test_only_editors_are_given_suggestions(client: Client) -> None:
    somebody = Client()
    somebody.force_login(make_user())
    url = reverse("cms_suggest_summary")
    assert [Client().post(url).status_code, somebody.post(url).status_code] == [302, 302]
    assert client.get(url).status_code == 405
