"""Editors at work in the admin, and previews of what they have not saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import PageLogEntry
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.models import Attachment, Credit, NewsPage, OrganisationPage, Participant, ReportPage
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_report, make_section
from tests.factories.cms_people import make_admin, make_editor

pytestmark = pytest.mark.django_db


def _login(organisation: OrganisationPage | None = None) -> Client:
    client = Client()
    client.force_login(make_editor(organisation) if organisation else make_admin())
    return client


def _rows(**filled: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("attachments", "credits", "related_pages", "corrections", "comments")
    return {name: inline_formset(filled.get(name, [])) for name in names}


@pytest.mark.parametrize("model", ["newspage", "reportpage", "documentpage", "sectionpage"])
def test_the_form_of_every_type_opens_for_an_editor(model: str) -> None:
    organisation = make_organisation()
    url = reverse("wagtailadmin_pages:add", args=["cms", model, organisation.pk])
    assert _login(organisation).get(url).status_code == 200


@pytest.mark.parametrize("model", ["organisationpage", "homepage"])
def test_the_form_of_every_type_opens_for_an_administrator(model: str) -> None:
    parent = home_page() if model == "organisationpage" else home_page().get_parent()
    assert _login().get(reverse("wagtailadmin_pages:add", args=["cms", model, parent.pk])).status_code == 200


def test_an_editor_publishes_news_through_the_form() -> None:
    organisation = make_organisation()
    image = make_image(collection=organisation.collection)
    data = nested_form_data(
        {
            "title": "Launch",
            "slug": "launch",
            "summary": "It starts.",
            "published_on": "2021-03-01",
            "place": "Berlin",
            "lead_image": image.pk,
            "lead_caption": "",
            "body": streamfield([("paragraph", rich_text("<p>Words</p>"))]),
            "share": "on",
            "form": "",
            "showing": "link",
            "quotes": "anybody",
            "replies": "anybody",
            "audience": "public",
            "action-publish": "1",
            **_rows(credits=[{"name": "Vincent Venus", "role": "Head of Communications", "affiliation": "DPZ"}]),
        }
    )
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", organisation.pk])
    response = _login(organisation).post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    page = NewsPage.objects.get()
    assert (page.live, page.share, page.dateline) == (True, True, "Berlin · 1 March 2021")
    assert page.byline == "Vincent Venus, Head of Communications, DPZ"


def test_a_report_with_an_impossible_date_is_refused_in_words() -> None:
    organisation = make_organisation()
    page = make_report(organisation)
    data = nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "summary": "",
            "published_on": "2022-06-01",
            "meeting_kind": "workshop",
            "attendance": "hybrid",
            "date_precision": "day",
            "start_date": "2022-05-31",
            "end_date": "2022-05-30",
            "participants_precision": "exact",
            "participants": "40",
            "body": streamfield([]),
            "agenda_days": inline_formset([]),
            "participant_rows": inline_formset([]),
            "showing": "link",
            "quotes": "anybody",
            "replies": "anybody",
            "audience": "public",
            **_rows(),
        }
    )
    response = _login(organisation).post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert response.context["form"].errors["end_date"] == ["The last day is before the first."]


def test_an_editor_cannot_open_the_form_below_another_organisation() -> None:
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", make_organisation().pk])
    assert _login(make_organisation()).get(url).status_code == 404


def test_an_editor_does_not_see_another_organisation_in_the_explorer() -> None:
    mine, theirs = make_organisation("Mine"), make_organisation("Theirs")
    client = _login(mine)
    text = client.get(reverse("wagtailadmin_explore", args=[home_page().pk]), follow=True).content.decode()
    assert ("Mine" in text, "Theirs" in text) == (True, False)
    assert client.get(reverse("wagtailadmin_explore", args=[theirs.pk])).status_code == 302


def test_an_editor_links_to_readable_pages_and_own_drafts_only() -> None:
    mine, theirs = make_organisation(), make_organisation()
    make_news(mine, title="Shown own draft", live=False)
    make_news(theirs, title="Shown news of others")
    make_news(theirs, title="Hidden draft of others", live=False)
    make_private(make_news(theirs, title="Hidden private news of others"))
    client = _login(mine)
    pages = [
        client.get(reverse("wagtailadmin_choose_page_child", args=[page.pk])).json()["html"] for page in (mine, theirs)
    ]
    text = "".join(pages)
    assert ("Shown own draft" in text, "Shown news of others" in text, "Hidden" in text) == (True, True, False)


def test_the_search_for_a_page_to_link_hides_the_same() -> None:
    theirs = make_organisation()
    make_news(theirs, title="Findable public"), make_news(theirs, title="Findable draft", live=False)
    response = _login(make_organisation()).get(reverse("wagtailadmin_choose_page_search"), {"q": "Findable"})
    text = response.content.decode()
    assert ("Findable public" in text, "Findable draft" in text) == (True, False)


def test_a_preview_shows_rows_that_are_not_saved_yet() -> None:
    document = make_document()
    partner = make_organisation("Partner")
    page = make_report()
    page.attachments = [Attachment(document=document)]
    page.credits = [Credit(name="Ana", role="editor")]
    page.participant_rows = [Participant(chosen=partner)]
    draft = page.save_revision().as_object()
    assert isinstance(draft, ReportPage)
    assert (draft.files, draft.byline) == ([document], "Ana, editor")
    assert [row.linked for row in draft.participating] == [partner]


def test_a_section_and_its_content_belong_to_the_organisation_above() -> None:
    organisation = make_organisation()
    section = make_section(organisation)
    assert (section.organisation, make_news(section).organisation) == (organisation, organisation)


def test_publishing_leaves_a_trace_of_who_did_it() -> None:
    organisation = make_organisation()
    page = make_news(organisation, live=False)
    user = make_editor(organisation)
    page.save_revision(user=user).publish(user=user)
    assert PageLogEntry.objects.get(page=page.pk, action="wagtail.publish").user == user
