"""A page takes only files and pages that its editor may choose, however the form is sent. Nothing of what is refused is
stored, shown in a preview, or shown again beside the error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.models import AgendaDay, Attachment, NewsPage, OrganisationPage, RelatedPage, ReportPage
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import make_news, make_report
from tests.factories.cms_people import make_admin
from tests.factories.made_once import afresh, made_once
from tests.factories.neighbour import MARK, Neighbour, Street, make_street

pytestmark = pytest.mark.django_db
REFUSED = "held something that you may not use"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Street]:
    with made_once(django_db_blocker):
        yield make_street()


@pytest.fixture
def street(made: Street) -> Street:
    return afresh(made)


@pytest.fixture
def them(street: Street) -> Neighbour:
    return street.them


@pytest.fixture
def mine(street: Street) -> OrganisationPage:
    return street.mine


@pytest.fixture
def editor(street: Street) -> Client:
    return _as(street.editor)


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _form(**changes: Any) -> dict[str, Any]:
    """What the editor of a news page sends."""
    rows = ("attachments", "credits", "related_pages", "corrections", "comments")
    given = {name: inline_formset(changes.pop(name, [])) for name in rows}
    blocks = streamfield(changes.pop("body", []))
    fields = {
        "title": "Our piece",
        "slug": "our-piece",
        "summary": "",
        "published_on": "2026-03-01",
        "place": "",
        "lead_image": "",
        "lead_caption": "",
        "form": "",
        "showing": "link",
        "quotes": "anybody",
        "replies": "anybody",
        "audience": "public",
        "action-publish": "1",
    }
    return nested_form_data(fields | given | {"body": blocks} | changes)


def _text_with(entity: str, number: int) -> str:
    """Rich text as the editor's browser sends it, with one link."""
    html = {
        "document": f'<p><a linktype="document" id="{number}">words</a></p>',
        "page": f'<p><a linktype="page" id="{number}">words</a></p>',
    }[entity]
    return rich_text(html, features=["link", "document-link"])


def _uses(them: Neighbour) -> dict[str, dict[str, Any]]:
    """Every place in a form where the number of a file or page fits."""
    image, document, draft = them.image.pk, them.document.pk, them.draft.pk
    callout = {"title": "", "text": _text_with("document", document)}
    embed = {"url": "https://youtu.be/abcdefghijk", "title": "x", "poster": image, "transcript": document}
    listed = nested_form_data({"documents": {"count": "1", "0": {"value": document, "deleted": "", "order": "0"}}})
    return {
        "lead image": {"lead_image": image},
        "attachment": {"attachments": [{"document": document}]},
        "related draft": {"related_pages": [{"target": draft, "relation": "further"}]},
        "related private page": {"related_pages": [{"target": them.private.pk, "relation": "further"}]},
        "picture in the text": {"body": [("figure", {"image": image, "caption": ""})]},
        "documents in the text": {"body": [("documents", {"heading": "", **listed})]},
        "video": {"body": [("embed", embed)]},
        "link to a document": {"body": [("paragraph", _text_with("document", document))]},
        "link to a draft": {"body": [("paragraph", _text_with("page", draft))]},
        "link in a call-out": {"body": [("callout", callout)]},
    }


PLACES = [
    "lead image",
    "attachment",
    "related draft",
    "related private page",
    "picture in the text",
    "documents in the text",
    "video",
    "link to a document",
    "link to a draft",
    "link in a call-out",
]


def _tells(text: str, them: Neighbour) -> bool:
    """Also by the address of a draft, which is made from its title."""
    return MARK.lower() in text.lower() or str(them.document.uuid) in text


@pytest.mark.parametrize("place", PLACES)
def test_a_new_page_cannot_use_what_belongs_to_others(
    editor: Client, mine: OrganisationPage, them: Neighbour, place: str
) -> None:
    """Fails with Wagtail's own form: it stores the number, or shows title and address again."""
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    response = editor.post(url, _form(**_uses(them)[place]))
    text = response.content.decode()
    assert (response.status_code, REFUSED in text, _tells(text, them)) == (200, True, False)
    assert not Page.objects.child_of(mine).exists()


@pytest.mark.parametrize("place", PLACES)
def test_a_form_with_another_error_does_not_show_what_was_refused(
    editor: Client, mine: OrganisationPage, them: Neighbour, place: str
) -> None:
    """Fails if only what is valid is looked at: the form comes back with what was sent."""
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    data = _form(**_uses(them)[place], published_on="no date")
    assert not _tells(editor.post(url, data).content.decode(), them)


@pytest.mark.parametrize("place", PLACES)
def test_a_preview_does_not_show_what_was_refused(
    editor: Client, mine: OrganisationPage, them: Neighbour, place: str
) -> None:
    """Fails if the preview is made from what was sent."""
    page = make_news(mine)
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert json.loads(editor.post(url, _form(**_uses(them)[place])).content)["is_valid"] is False
    assert not _tells(editor.get(url).content.decode(), them)


def test_a_day_of_an_agenda_cannot_link_to_what_belongs_to_others(
    editor: Client, mine: OrganisationPage, them: Neighbour
) -> None:
    """Rows have blocks of their own. Fails if only the page's are looked at."""
    page = make_report(mine)
    items = streamfield(
        [("item", {"start": "", "end": "", "title": "x", "speakers": "", "text": _text_with("page", them.draft.pk)})]
    )
    fields = {
        "title": page.title,
        "slug": page.slug,
        "meeting_kind": "workshop",
        "date_precision": "unknown",
        "participants_precision": "exact",
        "agenda_days": inline_formset([{"title": "First", "date": "", "items": items}]),
        "participant_rows": inline_formset([]),
    }
    response = editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), _form() | nested_form_data(fields))
    assert (REFUSED in response.content.decode(), _tells(response.content.decode(), them)) == (True, False)
    assert not AgendaDay.objects.filter(page=page).exists()


def test_an_organisation_cannot_use_the_picture_of_another(
    editor: Client, mine: OrganisationPage, them: Neighbour
) -> None:
    """Fails if only pages of content have the guarded form."""
    url = reverse("wagtailadmin_pages:edit", args=[mine.pk])
    data = {"title": mine.title, "slug": mine.slug, "kind": "cso", "default_form": "article", "handle": mine.handle}
    rows = {name: inline_formset([]) for name in ("profile_fields", "comments")}
    response = editor.post(url, nested_form_data(data | rows | {"body": streamfield([]), "logo": them.image.pk}))
    assert (REFUSED in response.content.decode(), _tells(response.content.decode(), them)) == (True, False)


def test_a_file_of_a_private_collection_cannot_be_used_by_its_number(editor: Client, mine: OrganisationPage) -> None:
    """Fails if only collections of organisations are guarded."""
    image = make_image(title=MARK, collection=make_private_collection())
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    text = editor.post(url, _form(lead_image=image.pk)).content.decode()
    assert (REFUSED in text, MARK in text) == (True, False)


@pytest.mark.parametrize("number", ["9" * 40, " 1", "x", "-1"])
def test_a_number_that_is_none_is_refused_too(editor: Client, mine: OrganisationPage, number: str) -> None:
    """Fails if it reaches the database."""
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    assert REFUSED in editor.post(url, _form(lead_image=number)).content.decode()


# What must go on working


def test_an_editor_uses_own_files_own_drafts_and_public_pages_of_others(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the form refuses what the choosers offer."""
    image, document = make_image(collection=mine.collection), make_document(collection=mine.collection)
    draft, public = make_news(mine, live=False), make_news()
    body = [("figure", {"image": image.pk, "caption": ""}), ("paragraph", _text_with("document", document.pk))]
    related = [{"target": page.pk, "relation": "further"} for page in (draft, public)]
    data = _form(lead_image=image.pk, attachments=[{"document": document.pk}], related_pages=related, body=body)
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    response = editor.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    page = NewsPage.objects.get(slug="our-piece")
    assert (page.lead_image, page.documents, page.related) == (image, [document], [public])
    assert 'linktype="document"' in page.body[1].value.source


def test_what_somebody_else_put_into_the_page_stays(editor: Client, mine: OrganisationPage, them: Neighbour) -> None:
    """A coordinator may share a file with a partner. Fails if the versions that exist are not asked."""
    page = make_news(mine, slug="our-piece", lead_image=them.image)
    page.attachments = [Attachment(document=them.document)]
    page.save_revision()
    row = {"document": them.document.pk}
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    response = editor.post(url, _form(lead_image=them.image.pk, attachments=[row]))
    assert response.status_code == 302, response.context["form"].errors
    page = NewsPage.objects.get(pk=page.pk)
    assert (page.lead_image, page.documents) == (them.image, [them.document])


def test_what_the_published_version_has_may_come_back(editor: Client, mine: OrganisationPage, them: Neighbour) -> None:
    """Fails if only the latest version is asked."""
    page = make_news(mine, slug="our-piece", lead_image=them.image)
    page.lead_image = None
    page.save_revision()
    response = editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), _form(lead_image=them.image.pk))
    assert response.status_code == 302


def test_what_one_page_has_is_no_leave_for_another(editor: Client, mine: OrganisationPage, them: Neighbour) -> None:
    """Fails if a file once shared may be used everywhere."""
    make_news(mine, lead_image=them.image)
    page = make_news(mine)
    response = editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), _form(lead_image=them.image.pk))
    assert REFUSED in response.content.decode()


def test_a_link_to_a_page_that_was_hidden_since_does_not_block_the_editor(
    editor: Client, mine: OrganisationPage
) -> None:
    """Fails if rows of the stored page are not asked."""
    public = make_news()
    page = make_news(mine, slug="our-piece", related_pages=[RelatedPage(target=public)])
    public.unpublish()
    data = _form(related_pages=[{"target": public.pk, "relation": "further"}])
    assert editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data).status_code == 302


def test_an_administrator_uses_everything(mine: OrganisationPage, them: Neighbour) -> None:
    """Fails if the rule for partners is applied to all."""
    url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    _as(make_admin()).post(url, _form(lead_image=them.image.pk, attachments=[{"document": them.document.pk}]))
    assert NewsPage.objects.get(slug="our-piece").documents == [them.document]


def test_a_form_that_nobody_sends_chooses_nothing(mine: OrganisationPage, them: Neighbour) -> None:
    """Fails if a form without a user is trusted."""
    page = make_report(mine)
    form_class = ReportPage.get_edit_handler().get_form_class()
    form = form_class(_form(lead_image=them.image.pk), instance=page, parent_page=mine)
    assert not form.is_valid()
    assert REFUSED in str(form.errors["lead_image"])
