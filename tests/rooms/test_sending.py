"""What an editor publishes for others to get waits for a moment, and can be taken back. Until then nobody outside sees
anything of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from wagtail.models import GroupApprovalTask, Page, PageLogEntry, Revision, Workflow, WorkflowState, WorkflowTask

from cms import sending
from cms.models import NewsPage, OrganisationPage
from cms.publications import CmsSource
from cms.scheduling import Done, run_due_pages
from cms.sharing import stop_sharing
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.page_form import as_user, news_form

pytestmark = pytest.mark.django_db
DELAY = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def _a_minute(settings: Any) -> None:
    settings.SENDING_DELAY = 60


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


@pytest.fixture
def out(mine: OrganisationPage) -> NewsPage:
    """A page that others have."""
    return make_news(mine, slug="our-piece", title="As it was", share=True)


def _edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _fresh(page: Page) -> NewsPage:
    return NewsPage.objects.get(pk=page.pk)


def _waiting(page: Page) -> Revision:
    found = sending.find_waiting(page)
    assert found is not None
    return found


def _goes_out(after: timedelta = DELAY + timedelta(seconds=1)) -> Done:
    return run_due_pages(timezone.now() + after)


def _post(client: Client, name: str, *revisions: Revision) -> Any:
    return client.post(reverse(name), {"id": [revision.pk for revision in revisions]})


def _is_told(page: Page) -> bool:
    return CmsSource().publication(f"page:{page.pk}") is not None


# From the editor


def test_a_new_page_waits_and_is_nowhere_to_be_read(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the page is live in between, or published at once."""
    add = reverse("wagtailadmin_pages:add", args=["cms", "newspage", mine.pk])
    answer = editor.post(add, news_form(), follow=True)
    page = NewsPage.objects.get()
    assert (page.live, _is_told(page), Client().get(page.full_url).status_code) == (False, False, 404)
    text = answer.content.decode()
    assert re.search(r"Sending in \d+ s", text)
    assert 'action="/admin/sending/undo/"' in text
    _goes_out()
    assert (_fresh(page).live, _is_told(page), sending.find_waiting(page)) == (True, True, None)


def test_a_change_waits_and_the_former_version_stays(editor: Client, out: NewsPage) -> None:
    assert "Sending in" in editor.post(_edit(out), news_form(title="Corrected"), follow=True).content.decode()
    assert (_fresh(out).title, "As it was" in Client().get(out.full_url).content.decode()) == ("As it was", True)
    assert _goes_out(DELAY - timedelta(seconds=5)) == Done(0, 0, 0)
    assert _goes_out() == Done(0, 1, 0)
    assert (_fresh(out).title, _fresh(out).has_unpublished_changes) == ("Corrected", False)


def test_taking_a_page_back_from_others_waits_too(editor: Client, out: NewsPage) -> None:
    """It cannot be undone either. Fails if only what is shared afterwards waits."""
    editor.post(_edit(out), news_form(share=None))
    assert _fresh(out).share
    _goes_out()
    assert not _fresh(out).share


def test_what_nobody_else_gets_is_published_at_once(editor: Client, draft: NewsPage) -> None:
    editor.post(_edit(draft), news_form(share=None))
    assert _fresh(draft).live


@pytest.mark.parametrize("audience", ["site"])
def test_what_stays_on_this_site_is_published_at_once(editor: Client, draft: NewsPage, audience: str) -> None:
    editor.post(_edit(draft), news_form(share=None, audience=audience))
    assert _fresh(draft).live


def test_a_page_in_a_private_section_is_published_at_once(editor: Client, mine: OrganisationPage) -> None:
    """Others never get it, so there is nothing to take back. Fails if only the tick is asked."""
    section = make_section(mine)
    make_private(section)
    page = make_news(section, slug="our-piece", live=False)
    page.save_revision()
    editor.post(_edit(page), news_form())
    assert _fresh(page).live


def test_a_change_for_the_website_only_is_published_at_once(mine: OrganisationPage, out: NewsPage) -> None:
    out.website_only = True
    out.title = "Prettier"
    assert not sending.waits(out, timezone.now())


def test_without_a_delay_everything_is_published_at_once(editor: Client, draft: NewsPage, settings: Any) -> None:
    settings.SENDING_DELAY = 0
    editor.post(_edit(draft), news_form())
    assert _fresh(draft).live


def test_without_federation_everything_is_published_at_once(
    editor: Client, draft: NewsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "is_connected", lambda: False)
    editor.post(_edit(draft), news_form())
    assert _fresh(draft).live


def test_the_editors_own_date_wins_and_gets_no_extra_time(editor: Client, draft: NewsPage) -> None:
    """Fails if a schedule is held, or called one that is sent in a moment."""
    later = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    text = editor.post(_edit(draft), news_form(go_live_at=f"{later:%Y-%m-%d %H:%M}"), follow=True).content.decode()
    page = _fresh(draft)
    assert page.scheduled_revision is not None
    assert (page.scheduled_revision.approved_go_live_at, page.waiting_revision, "Sending in" in text) == (
        later,
        None,
        False,
    )


def test_a_date_with_parts_of_a_second_is_a_schedule_all_the_same(draft: NewsPage) -> None:
    """A version keeps less of them than its date. Fails if the two are compared as they are."""
    draft.share, draft.go_live_at = True, timezone.now().replace(microsecond=999_999) + timedelta(days=1)
    draft.save_revision().publish(user=make_admin())
    page = _fresh(draft)
    assert (page.scheduled_revision is not None, page.waiting_revision) == (True, None)


def test_programs_wait_for_nothing(draft: NewsPage) -> None:
    draft.share = True
    draft.save_revision().publish()
    assert _fresh(draft).live


def test_a_page_that_is_over_before_it_goes_out_is_refused(editor: Client, draft: NewsPage) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    data = news_form(expire_at=f"{soon:%Y-%m-%d %H:%M:%S}")
    assert "over before it is sent" in editor.post(_edit(draft), data).content.decode()


# Undo


def test_undo_keeps_the_text_as_a_draft_and_sends_nothing(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    text = _post(editor, "cms_undo_sending", _waiting(out)).url
    assert text == _edit(out)
    assert "Taken back" in editor.get(text).content.decode()
    assert _goes_out() == Done(0, 0, 0)
    page = _fresh(out)
    assert (page.title, page.get_latest_revision_as_object().title) == ("As it was", "Corrected")
    assert page.has_unpublished_changes
    actions = PageLogEntry.objects.filter(page=out.pk).values_list("action", flat=True)
    assert {"cms.sending", "cms.undone"} <= set(actions)
    assert not {"wagtail.publish", "wagtail.publish.schedule"} & set(actions)


def test_undo_of_a_new_page_leaves_a_draft(editor: Client, draft: NewsPage) -> None:
    editor.post(_edit(draft), news_form())
    _post(editor, "cms_undo_sending", _waiting(draft))
    _goes_out()
    assert (_fresh(draft).live, _fresh(draft).status_string) == (False, "draft")


def test_undo_comes_too_late_once_it_is_out(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    waiting = _waiting(out)
    _goes_out()
    _post(editor, "cms_undo_sending", waiting)
    assert "out already" in editor.get(_edit(out)).content.decode()
    assert _fresh(out).title == "Corrected"


def test_undo_needs_a_token_of_the_form(mine: OrganisationPage, editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_editor(mine))
    assert _post(strict, "cms_undo_sending", _waiting(out)).status_code == 403
    assert _waiting(out)


@pytest.mark.parametrize("name", ["cms_undo_sending", "cms_send_now"])
def test_a_neighbour_cannot_touch_or_see_it(editor: Client, out: NewsPage, name: str) -> None:
    """Fails if a number is enough."""
    editor.post(_edit(out), news_form(title="Corrected"))
    neighbour = as_user(make_editor(make_organisation("Birch Forum")))
    assert _post(neighbour, name, _waiting(out)).status_code == 404
    assert neighbour.get(reverse("cms_sending"), {"id": _waiting(out).pk}).status_code == 404
    assert _waiting(out)


def test_somebody_of_the_house_who_may_not_publish_cannot_undo(
    editor: Client, mine: OrganisationPage, out: NewsPage
) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    writer = make_editor(mine)
    mine.editors.page_permissions.filter(permission__codename="publish_page").delete()
    _post(as_user(writer), "cms_undo_sending", _waiting(out))
    assert _waiting(out)
    assert "Sending in" not in as_user(writer).get(_edit(out)).content.decode()


def test_send_now_does_not_wait(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    _post(editor, "cms_send_now", _waiting(out))
    assert (_fresh(out).title, sending.find_waiting(out)) == ("Corrected", None)


def test_whoever_may_publish_finds_it_on_the_page(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    text = as_user(make_admin()).get(_edit(out)).content.decode()
    assert ("Sending in" in text, "Send now" in text, "Undo" in text) == (True, True, True)


def test_the_state_is_told_to_whoever_counts(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    waiting = _waiting(out)
    url = reverse("cms_sending")
    told = editor.get(url, {"id": waiting.pk}).json()
    assert (told["waiting"], told["sent"], 0 <= told["seconds"] <= 60) == (1, 0, True)
    _goes_out()
    assert editor.get(url, {"id": waiting.pk}).json() == {"seconds": 0, "waiting": 0, "sent": 1}


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "-1"])
def test_a_number_that_is_none_is_not_found(editor: Client, number: str) -> None:
    assert editor.get(reverse("cms_sending"), {"id": number}).status_code == 404


# Meanwhile


def test_it_is_no_schedule_in_lists_and_locks_nothing(editor: Client, out: NewsPage) -> None:
    """Fails with Wagtail's own words for what is approved."""
    editor.post(_edit(out), news_form(title="Corrected"))
    page = _fresh(out)
    assert (page.status_string, page.approved_schedule, page.get_lock()) == ("live + sending", False, None)
    annotated = Page.objects.filter(pk=out.pk).annotate_approved_schedule().specific().get()
    assert annotated.status_string == "live + sending"
    assert "scheduled to go live" not in editor.get(_edit(out)).content.decode()


def test_publishing_again_replaces_it_and_the_time_begins_anew(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="First try"))
    first = _waiting(out)
    Revision.objects.filter(pk=first.pk).update(approved_go_live_at=timezone.now() + timedelta(seconds=5))
    editor.post(_edit(out), news_form(title="Second try"))
    assert _waiting(out).pk != first.pk
    assert _goes_out(timedelta(seconds=30)) == Done(0, 0, 0)
    _goes_out()
    assert _fresh(out).title == "Second try"


def test_a_draft_written_meanwhile_stays_one(editor: Client, out: NewsPage) -> None:
    """Fails if autosave may write over what waits."""
    editor.post(_edit(out), news_form(title="Corrected"))
    waiting = _waiting(out)
    editor.post(_edit(out), news_form("", title="Not yet"))
    _goes_out()
    page = _fresh(out)
    assert (page.live_revision_id, page.title, page.has_unpublished_changes) == (waiting.pk, "Corrected", True)


def test_what_waits_is_a_version_that_autosave_never_had(editor: Client, out: NewsPage) -> None:
    """Another window of the same person may write over the version that autosave made for it."""
    saved = editor.post(_edit(out), news_form("", title="Typed"), headers={"accept": "application/json"}).json()
    editor.post(_edit(out), news_form(title="Corrected", overwrite_revision_id=saved["revision_id"]))
    assert _waiting(out).pk != saved["revision_id"]


def test_unpublishing_meanwhile_ends_it(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    editor.post(reverse("wagtailadmin_pages:unpublish", args=[out.pk]))
    assert _goes_out() == Done(0, 0, 0)
    assert not _fresh(out).live


def test_stopping_to_share_meanwhile_holds_for_what_waits(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    stop_sharing(_fresh(out), make_admin())
    _goes_out()
    assert (_fresh(out).title, _fresh(out).share) == ("Corrected", False)


def test_it_goes_out_although_somebody_locked_the_page_or_the_person_is_gone(
    mine: OrganisationPage, out: NewsPage
) -> None:
    person = make_editor(mine)
    as_user(person).post(_edit(out), news_form(title="Corrected"))
    admin = make_admin()
    Page.objects.filter(pk=out.pk).update(locked=True, locked_by=admin, locked_at=timezone.now())
    person.delete()
    _goes_out()
    assert _fresh(out).title == "Corrected"


def test_it_goes_out_late_when_the_worker_was_down(editor: Client, out: NewsPage) -> None:
    editor.post(_edit(out), news_form(title="Corrected"))
    assert _goes_out(timedelta(hours=5)) == Done(0, 1, 0)


def test_a_job_waits_for_exactly_that_moment(
    editor: Client, out: NewsPage, django_capture_on_commit_callbacks: Any
) -> None:
    """The minute's clock would come up to a minute late. Fails without the job."""
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(_edit(out), news_form(title="Corrected"))
    job = ProcrastinateJob.objects.get(task_name="cms.send_waiting", status="todo")
    assert (job.queue_name, job.scheduled_at) == ("publish", _waiting(out).approved_go_live_at)


# Other ways to publish


def test_in_bulk_all_wait_and_one_click_takes_all_back(editor: Client, mine: OrganisationPage) -> None:
    pages = [make_news(mine, live=False, share=True) for _ in range(2)]
    plain = make_news(mine, live=False)
    for page in (*pages, plain):
        page.save_revision()
    ids = "&".join(f"id={page.pk}" for page in (*pages, plain))
    url = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?{ids}&next=/admin/"
    text = editor.post(url, follow=True).content.decode()
    assert [_fresh(page).live for page in (*pages, plain)] == [False, False, True]
    assert ("2 pages" in text, "1 page has been published" in text) == (True, True)
    _post(editor, "cms_undo_sending", *map(_waiting, pages))
    assert _goes_out() == Done(0, 0, 0)


def _submitted(page: NewsPage, mine: OrganisationPage, approver: Any) -> NewsPage:
    task = GroupApprovalTask.objects.create(name="Second pair of eyes")
    group = approver.groups.get()
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Two people")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    page.share = True
    page.save_revision()
    workflow.start(page, make_admin())
    return page


@pytest.fixture
def approver(mine: OrganisationPage) -> Any:
    """Somebody who approves, and may not publish otherwise."""
    user = make_editor(mine)
    mine.editors.page_permissions.filter(permission__codename="publish_page").delete()
    return user


def test_what_was_approved_waits_and_the_approver_may_undo(
    mine: OrganisationPage, draft: NewsPage, approver: Any
) -> None:
    """Fails if only those who may publish can."""
    _submitted(draft, mine, approver)
    client = as_user(approver)
    task = WorkflowState.objects.get().current_task_state
    text = client.post(
        reverse("wagtailadmin_pages:workflow_action", args=[draft.pk, "approve", task.pk]), {"comment": ""}, follow=True
    ).content.decode()
    assert ("Sending in" in text, _fresh(draft).live) == (True, False)
    assert _post(client, "cms_undo_sending", _waiting(draft)).status_code == 302
    assert (_goes_out(), WorkflowState.objects.get().status) == (Done(0, 0, 0), "approved")


def test_what_was_approved_in_the_editor_waits(mine: OrganisationPage, draft: NewsPage, approver: Any) -> None:
    _submitted(draft, mine, approver)
    extra = {"workflow-action-name": "approve", "workflow-action-extra-data": '{"comment": ""}'}
    text = as_user(approver).post(_edit(draft), news_form("action-workflow-action") | extra, follow=True)
    assert "Sending in" in text.content.decode()
    assert not _fresh(draft).live
    _goes_out()
    assert _fresh(draft).live


def test_a_workflow_goes_on_when_publishing_past_it_is_undone(
    editor: Client, mine: OrganisationPage, draft: NewsPage
) -> None:
    """Wagtail ends it when something is published. Fails if it ends before that."""
    _submitted(draft, mine, make_editor(mine))
    as_user(make_admin()).post(_edit(draft), news_form())
    assert _fresh(draft).workflow_in_progress
    _post(editor, "cms_undo_sending", _waiting(draft))
    assert _fresh(draft).workflow_in_progress


def test_an_old_version_that_is_published_again_waits(editor: Client, out: NewsPage) -> None:
    old = out.save_revision()
    url = reverse("wagtailadmin_pages:revisions_revert", args=[out.pk, old.pk])
    editor.post(url, news_form(title="As it was once"))
    assert _fresh(out).title == "As it was"
    _goes_out()
    assert _fresh(out).title == "As it was once"
