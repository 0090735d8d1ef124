"""A page is looked at when it is published, by whichever way, and never before."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, PageLogEntry, Revision, Workflow, WorkflowState, WorkflowTask
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from cms.models import NewsPage, OrganisationPage
from cms.scheduling import run_due_pages
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import make_news, make_organisation, make_report
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.page_form import as_user, news_form, paragraph

pytestmark = pytest.mark.django_db
NOT_YET = "Not published yet"
VAGUE = paragraph('<p><a href="https://example.org">click here</a></p>')


@pytest.fixture
def mine() -> OrganisationPage:
    return make_organisation("Aspen Watch")


@pytest.fixture
def editor(mine: OrganisationPage) -> Client:
    return as_user(make_editor(mine))


@pytest.fixture
def draft(mine: OrganisationPage) -> NewsPage:
    page = make_news(mine, slug="our-piece", live=False)
    page.save_revision()
    return page


def _edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _add(parent: Page) -> str:
    return reverse("wagtailadmin_pages:add", args=["cms", "newspage", parent.pk])


def _anyway(text: str, button: str = "action-publish") -> str:
    """The button that publishes despite the warnings, as the browser sends it."""
    found = re.search(rf'name="({button})" value="([0-9a-f]{{32}})"', text)
    assert found, text
    return f"{found[1]}={found[2]}"


def _is_live(page: Page) -> bool:
    return Page.objects.get(pk=page.pk).live


def _lacking(page: NewsPage, **fields: Any) -> NewsPage:
    """A draft with an error."""
    for name, value in ({"share": True, "summary": ""} | fields).items():
        setattr(page, name, value)
    page.save_revision()
    return page


def _with_warning(page: NewsPage) -> NewsPage:
    return _lacking(page, summary="It was yesterday.")


# In the editor


def test_a_page_that_lacks_something_is_not_published(editor: Client, draft: NewsPage) -> None:
    answer = editor.post(_edit(draft), news_form(summary=""))
    assert (answer.status_code, NOT_YET in answer.content.decode()) == (200, True)
    assert "Write a summary" in str(answer.context["form"].errors["summary"])
    assert not _is_live(draft)


def test_a_new_page_that_lacks_something_is_not_made(editor: Client, mine: OrganisationPage) -> None:
    answer = editor.post(_add(mine), news_form(summary=""))
    assert NOT_YET in answer.content.decode()
    assert not NewsPage.objects.exists()


@pytest.mark.parametrize("button", ["", "action-save-draft"])
def test_a_draft_is_kept_whatever_it_lacks(editor: Client, draft: NewsPage, button: str) -> None:
    """Fails if the checks run for every button."""
    image = make_image(description="", collection=draft.organisation.collection)
    data = news_form(button, summary="", lead_image=image.pk, body=[VAGUE, paragraph('<p><a href="">x</a></p>')])
    assert editor.post(_edit(draft), data).status_code == 302
    assert Page.objects.get(pk=draft.pk).get_latest_revision_as_object().lead_image == image


def test_autosave_is_never_blocked(editor: Client, draft: NewsPage) -> None:
    answer = editor.post(_edit(draft), news_form("", summary="", body=[VAGUE]), headers={"accept": "application/json"})
    assert json.loads(answer.content)["success"] is True


def test_somebody_who_may_not_publish_keeps_a_draft_with_the_same_button(
    mine: OrganisationPage, draft: NewsPage
) -> None:
    """Wagtail takes it for a draft. Fails if only the button is asked."""
    writer = make_editor(mine)
    mine.editors.page_permissions.filter(permission__codename="publish_page").delete()
    assert as_user(writer).post(_edit(draft), news_form(summary="")).status_code == 302
    assert not _is_live(draft)


def test_a_preview_is_never_blocked(editor: Client, draft: NewsPage) -> None:
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[draft.pk])
    answer = editor.post(url, news_form(summary=""))
    assert json.loads(answer.content)["is_valid"] is True


def test_an_error_stands_at_its_block_and_at_its_row(editor: Client, draft: NewsPage) -> None:
    """Fails if a path through blocks is lost."""
    collection = draft.organisation.collection
    image = make_image(description="", collection=collection)
    paper, unlicensed = make_document(collection=collection), make_document(licence="", collection=collection)
    data = news_form(
        body=[
            paragraph("<p>Good.</p>"),
            ("figure", {"image": image.pk, "caption": ""}),
            paragraph('<p><a href="http://">bad</a></p>'),
        ],
        attachments=[{"document": paper.pk}, {"document": unlicensed.pk}],
    )
    answer = editor.post(_edit(draft), data)
    form = answer.context["form"]
    shown = form.errors.as_data()["body"][0].as_json_data()["blockErrors"]
    assert set(shown) == {1, 2}
    assert "alternative text" in shown[1]["blockErrors"]["image"]["messages"][0]
    assert "leads nowhere" in shown[2]["messages"][0]
    assert [bool(row.errors) for row in form.formsets["attachments"].forms] == [False, True]
    text = answer.content.decode()
    assert "Text, block 2, Picture" in text
    assert "Document 2" in text


def test_an_error_stands_in_the_block_of_a_row(editor: Client, mine: OrganisationPage) -> None:
    page = make_report(mine, slug="our-piece", live=False)
    item = {"start": "", "end": "", "title": "x", "speakers": "", "text": paragraph('<p><a href="">x</a></p>')[1]}
    fields = {
        "meeting_kind": "workshop",
        "date_precision": "unknown",
        "participants_precision": "exact",
        "agenda_days": inline_formset([{"title": "First", "date": "", "items": streamfield([("item", item)])}]),
        "participant_rows": inline_formset([]),
    }
    answer = editor.post(_edit(page), news_form() | nested_form_data(fields))
    (row,) = answer.context["form"].formsets["agenda_days"].forms
    assert (
        "leads nowhere"
        in row.errors.as_data()["items"][0].as_json_data()["blockErrors"][0]["blockErrors"]["text"]["messages"][0]
    )


def test_a_private_document_is_refused_on_an_open_page(mine: OrganisationPage, draft: NewsPage) -> None:
    paper = make_document(title="Budget", collection=make_private_collection())
    answer = as_user(make_admin()).post(_edit(draft), news_form(attachments=[{"document": paper.pk}]))
    assert "“Budget” is private" in answer.content.decode()


def test_a_row_that_was_taken_out_is_not_looked_at(editor: Client, draft: NewsPage) -> None:
    unlicensed = make_document(licence="", collection=draft.organisation.collection)
    row = {"document": unlicensed.pk, "DELETE": "on"}
    assert editor.post(_edit(draft), news_form(attachments=[row])).status_code == 302
    assert _is_live(draft)


# Warnings


def test_a_warning_is_shown_and_one_more_click_publishes(editor: Client, draft: NewsPage) -> None:
    """Fails if a warning is an error, or is not shown."""
    shown = editor.post(_edit(draft), news_form(body=[VAGUE])).content.decode()
    assert (NOT_YET in shown, "does not say where it leads" in shown, _is_live(draft)) == (True, True, False)
    assert editor.post(_edit(draft), news_form(_anyway(shown), body=[VAGUE])).status_code == 302
    assert _is_live(draft)


def test_the_click_is_for_what_was_shown_and_not_for_what_is_written_later(editor: Client, draft: NewsPage) -> None:
    """Fails if the confirmation does not name its content."""
    anyway = _anyway(editor.post(_edit(draft), news_form(body=[VAGUE])).content.decode())
    later = news_form(anyway, body=[VAGUE], summary="It was yesterday.")
    shown = editor.post(_edit(draft), later).content.decode()
    assert ("“yesterday”" in shown, _is_live(draft)) == (True, False)


def test_the_click_is_remembered_for_the_same_content(editor: Client, draft: NewsPage) -> None:
    """Fails if the same is asked twice. What was published despite which warnings stands in the history."""
    anyway = _anyway(editor.post(_edit(draft), news_form(body=[VAGUE])).content.decode())
    editor.post(_edit(draft), news_form(anyway, body=[VAGUE]))
    assert editor.post(_edit(draft), news_form(body=[VAGUE], place="Riga")).status_code == 302
    assert NOT_YET in editor.post(_edit(draft), news_form(body=[VAGUE], summary="Another.")).content.decode()
    (entry,) = PageLogEntry.objects.filter(page=draft.pk, action="cms.published_anyway")
    assert "“click here” does not say" in entry.message


def test_what_one_person_confirmed_another_is_asked(editor: Client, draft: NewsPage) -> None:
    anyway = _anyway(editor.post(_edit(draft), news_form(body=[VAGUE])).content.decode())
    editor.post(_edit(draft), news_form(anyway, body=[VAGUE]))
    assert NOT_YET in as_user(make_admin()).post(_edit(draft), news_form(body=[VAGUE])).content.decode()


def test_an_error_cannot_be_clicked_away(editor: Client, draft: NewsPage) -> None:
    shown = editor.post(_edit(draft), news_form(body=[VAGUE], summary="")).content.decode()
    assert "Publish anyway" not in shown


def test_saving_after_a_warning_does_not_publish(editor: Client, draft: NewsPage) -> None:
    """The warning's own fields belong to the form too. Fails if one of them is a button's name."""
    shown = editor.post(_edit(draft), news_form(body=[VAGUE])).content.decode()
    hidden = re.findall(r'<input type="hidden" form="page-edit-form" name="([^"]+)"', shown)
    assert not [name for name in hidden if name.startswith("action-")]


def test_a_page_that_is_well_is_published_with_one_click(editor: Client, draft: NewsPage) -> None:
    assert editor.post(_edit(draft), news_form()).status_code == 302
    assert _is_live(draft)


# By a date


def test_a_schedule_is_checked_when_it_is_set(editor: Client, draft: NewsPage) -> None:
    later = f"{timezone.now() + timedelta(days=2):%Y-%m-%d %H:%M}"
    assert NOT_YET in editor.post(_edit(draft), news_form(summary="", go_live_at=later)).content.decode()
    assert Page.objects.get(pk=draft.pk).scheduled_revision is None


def _scheduled(page: NewsPage) -> Revision:
    page.go_live_at = timezone.now() + timedelta(hours=1)
    revision: Revision = page.save_revision()
    revision.publish()
    assert page.scheduled_revision == revision
    return revision


def _comes(revision: Revision) -> None:
    """Its time, an hour earlier than it was said."""
    past = timezone.now() - timedelta(minutes=1)
    revision.refresh_from_db()
    revision.content["go_live_at"], revision.approved_go_live_at = past.isoformat(), past
    revision.save()
    assert run_due_pages(timezone.now()).published == 1


def test_what_became_wrong_meanwhile_goes_out_and_leaves_a_note(mine: OrganisationPage) -> None:
    """Fails if the clock refuses, or says nothing."""
    page = make_news(mine, live=False)
    paper = make_document(title="Budget", collection=mine.collection)
    page.attachments.create(document=paper)
    revision = _scheduled(page)
    paper.collection = make_private_collection()
    paper.save()
    _comes(revision)
    (entry,) = PageLogEntry.objects.filter(page=page.pk, action="cms.went_out_lacking")
    assert "“Budget” is private" in entry.message
    assert "Budget" not in Client().get(page.url).content.decode()


def test_a_page_without_fault_leaves_no_note(mine: OrganisationPage) -> None:
    page = make_news(mine, live=False)
    _comes(_scheduled(page))
    assert _is_live(page)
    assert not PageLogEntry.objects.filter(action="cms.went_out_lacking").exists()


# In bulk


def _bulk(*pages: Page) -> str:
    ids = "&".join(f"id={page.pk}" for page in pages)
    return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?{ids}"


def test_in_bulk_what_lacks_something_stays_and_the_others_go(editor: Client, mine: OrganisationPage) -> None:
    """Fails if one holds up all, or all go."""
    good, bad = make_news(mine, live=False), _lacking(make_news(mine, live=False, title="Lacks a summary"))
    shown = editor.get(_bulk(good, bad)).content.decode()
    assert ("Lacks a summary" in shown, "Write a summary" in shown) == (True, True)
    editor.post(_bulk(good, bad))
    assert (_is_live(good), _is_live(bad)) == (True, False)


def test_the_confirmation_lists_warnings_and_publishes(editor: Client, draft: NewsPage) -> None:
    _with_warning(draft)
    assert "“yesterday”" in editor.get(_bulk(draft)).content.decode()
    editor.post(_bulk(draft))
    assert _is_live(draft)


def test_in_bulk_pages_below_are_looked_at_too(mine: OrganisationPage) -> None:
    """Fails if only the chosen pages are."""
    admin = as_user(make_admin())
    good, bad = make_news(mine, live=False), _lacking(make_news(mine, live=False, title="Lacks a summary"))
    assert "Lacks a summary" in admin.get(_bulk(mine)).content.decode()
    admin.post(_bulk(mine), {"include_descendants": "on"})
    assert (_is_live(good), _is_live(bad)) == (True, False)


# In a workflow


@pytest.fixture
def approver(mine: OrganisationPage) -> Client:
    """Who has to agree before anything of this organisation is published."""
    user = make_editor(mine)
    group = mine.editors
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    task = GroupApprovalTask.objects.create(name="Second pair of eyes")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Two people")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    mine.assigned = workflow.workflow_pages.create(page=mine)
    return as_user(user)


def _submitted(page: NewsPage) -> NewsPage:
    page.get_workflow().start(page, make_admin())
    return page


def _approve(page: Page) -> str:
    task = WorkflowState.objects.get(object_id=page.pk, status="in_progress").current_task_state
    return reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", task.pk])


def _in_editor(action: str, **changes: Any) -> dict[str, Any]:
    extra = {"workflow-action-name": action, "workflow-action-extra-data": '{"comment": ""}'}
    return news_form("action-workflow-action", **changes) | extra


def test_nothing_that_lacks_something_is_submitted(editor: Client, approver: Client, draft: NewsPage) -> None:
    assert NOT_YET in editor.post(_edit(draft), news_form("action-submit", summary="")).content.decode()
    assert not WorkflowState.objects.exists()
    assert editor.post(_edit(draft), news_form("action-submit")).status_code == 302
    assert WorkflowState.objects.exists()


def test_a_warning_is_confirmed_for_submitting_too(editor: Client, approver: Client, draft: NewsPage) -> None:
    shown = editor.post(_edit(draft), news_form("action-submit", body=[VAGUE])).content.decode()
    anyway = _anyway(shown, "action-submit")
    assert editor.post(_edit(draft), news_form(anyway, body=[VAGUE])).status_code == 302
    assert WorkflowState.objects.exists()


def test_approving_in_the_editor_is_refused_with_the_list(approver: Client, draft: NewsPage) -> None:
    _submitted(draft)
    assert "Write a summary" in approver.post(_edit(draft), _in_editor("approve", summary="")).content.decode()
    assert not _is_live(draft)
    assert approver.post(_edit(draft), _in_editor("approve")).status_code == 302
    assert _is_live(draft)


def test_approving_despite_a_warning_takes_one_more_click(approver: Client, draft: NewsPage) -> None:
    _submitted(draft)
    shown = approver.post(_edit(draft), _in_editor("approve", body=[VAGUE])).content.decode()
    assert ("Approve anyway" in shown, 'name="workflow-action-name" value="approve"' in shown) == (True, True)
    name, _sign, value = _anyway(shown, "action-workflow-action").partition("=")
    approver.post(_edit(draft), _in_editor("approve", body=[VAGUE]) | {name: value})
    assert _is_live(draft)


def test_sending_back_is_never_blocked(approver: Client, draft: NewsPage) -> None:
    _submitted(draft)
    assert approver.post(_edit(draft), _in_editor("reject", summary="")).status_code == 302
    assert WorkflowState.objects.get().status == "needs_changes"


def test_ending_a_workflow_is_never_blocked(approver: Client, draft: NewsPage) -> None:
    _submitted(draft)
    data = news_form("action-cancel-workflow", summary="")
    assert as_user(make_admin()).post(_edit(draft), data).status_code == 302
    assert WorkflowState.objects.get().status == "cancelled"


@pytest.mark.parametrize("headers", [{}, {"x-requested-with": "XMLHttpRequest"}])
def test_approving_from_the_dashboard_is_refused_with_the_list(approver: Client, draft: NewsPage, headers: Any) -> None:
    """Fails with Wagtail's own view: it asks nobody."""
    _submitted(_lacking(draft))
    answer = approver.post(_approve(draft), {"comment": ""}, headers=headers)
    assert (_edit(draft) in str(answer.headers.get("location", answer.content)), _is_live(draft)) == (True, False)
    assert "Write a summary" in approver.get(_edit(draft)).content.decode()


def test_approving_from_the_dashboard_despite_a_warning(approver: Client, draft: NewsPage) -> None:
    _submitted(_with_warning(draft))
    approver.post(_approve(draft), {"comment": "Well done"})
    assert not _is_live(draft)
    shown = approver.get(_edit(draft)).content.decode()
    assert ('name="comment" value="Well done"' in shown, _approve(draft) in shown) == (True, True)
    name, _sign, value = _anyway(shown, "seen").partition("=")
    approver.post(_approve(draft), {"comment": "", name: value})
    assert _is_live(draft)


# By a program


def test_programs_are_not_asked(mine: OrganisationPage) -> None:
    page = _lacking(make_news(mine, live=False))
    page.get_latest_revision().publish()
    assert _is_live(page)


def test_a_new_page_that_is_scheduled_is_never_live_in_between(
    editor: Client, mine: OrganisationPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wagtail's view adds it as live, and schedules it a moment later. Fails without the form's own ``save``."""
    live = []
    add = OrganisationPage.add_child

    def watched(self: Any, **kwargs: Any) -> Any:
        page = add(self, **kwargs)
        live.append(_is_live(page))
        return page

    monkeypatch.setattr(OrganisationPage, "add_child", watched)
    later = f"{timezone.now() + timedelta(days=2):%Y-%m-%d %H:%M}"
    assert editor.post(_add(mine), news_form(go_live_at=later)).status_code == 302
    assert live == [False]
