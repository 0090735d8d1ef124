"""“Remove from Mastodon and others (keep the page)”."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.models import PageLogEntry, Task, Workflow, WorkflowTask

from cms.models import NewsPage, OrganisationPage
from cms.sharing import STOP_SHARING, may_share, stop_sharing
from federation.models import Activity
from federation.outbox import reconcile
from tests.factories.admin_work import Editor
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.cms_people import make_admin, make_editor, make_user

pytestmark = pytest.mark.django_db


def _said() -> list[str]:
    while reconcile.drain(timezone.now()):
        pass
    kinds = list(Activity.objects.filter(object__isnull=False).order_by("created").values_list("kind", flat=True))
    Activity.objects.all().delete()
    return kinds


def _fresh(page: NewsPage) -> NewsPage:
    return NewsPage.objects.get(pk=page.pk)


@pytest.fixture
def editor(django_capture_on_commit_callbacks: Any) -> Editor:
    return Editor(django_capture_on_commit_callbacks)


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation()


@pytest.fixture
def page(organisation: OrganisationPage) -> NewsPage:
    """A page that is out, as an editor published it."""
    made = publish(make_news(organisation, title="Wells", share=True))
    assert _said() == ["Create"]
    return made


def test_the_post_is_taken_back_and_the_page_stays(organisation: OrganisationPage, page: NewsPage) -> None:
    assert stop_sharing(page, make_editor(organisation))
    assert _said() == ["Delete"]
    assert (_fresh(page).live, _fresh(page).share) == (True, False)


def test_a_draft_stays_a_draft_and_does_not_share_it_again(
    organisation: OrganisationPage, page: NewsPage, editor: Editor
) -> None:
    """Fails if only the row is changed."""
    editor.saves(page, title="Our wells")
    stop_sharing(_fresh(page), make_editor(organisation))
    assert _said() == ["Delete"]
    kept = _fresh(page)
    assert (kept.title, kept.has_unpublished_changes) == ("Wells", True)
    draft = kept.get_latest_revision()
    assert draft.content["title"] == "Our wells"
    draft.publish()
    assert (_said(), _fresh(page).title) == ([], "Our wells")


def test_a_schedule_goes_on_and_does_not_share_it_again(
    organisation: OrganisationPage, page: NewsPage, editor: Editor
) -> None:
    editor.publishes(page, title="Our wells", go_live_at=timezone.now() + timedelta(hours=1))
    stop_sharing(_fresh(page), make_editor(organisation))
    scheduled = _fresh(page).scheduled_revision
    assert scheduled.content["share"] is False


def test_a_version_that_waits_for_approval_goes_on_waiting(
    organisation: OrganisationPage, page: NewsPage, editor: Editor
) -> None:
    """Fails if a version is published in order to stop sharing: that ends the workflow."""
    workflow = Workflow.objects.create(name="Second pair of eyes")
    WorkflowTask.objects.create(workflow=workflow, task=Task.objects.create(name="Read"))
    workflow.start(page, make_admin())
    stop_sharing(_fresh(page), make_editor(organisation))
    assert _fresh(page).workflow_in_progress


def test_an_old_version_of_the_history_stays_as_it_was(organisation: OrganisationPage, page: NewsPage) -> None:
    old = page.live_revision
    publish(_fresh(page), title="Our wells")
    stop_sharing(_fresh(page), make_editor(organisation))
    old.refresh_from_db()
    assert old.content["share"] is True


def test_the_log_says_who_did_it(organisation: OrganisationPage, page: NewsPage) -> None:
    user = make_editor(organisation)
    stop_sharing(page, user)
    entry = PageLogEntry.objects.get(action=STOP_SHARING)
    assert (entry.user, entry.page_id) == (user, page.pk)
    assert str(entry.message) == "Removed from Mastodon and others, kept here"


def test_a_second_time_changes_nothing(organisation: OrganisationPage, page: NewsPage) -> None:
    user = make_editor(organisation)
    assert stop_sharing(page, user)
    assert not stop_sharing(page, user)
    assert PageLogEntry.objects.filter(action=STOP_SHARING).count() == 1


def test_a_page_that_would_no_longer_pass_the_form_can_be_taken_back_all_the_same(
    organisation: OrganisationPage, page: NewsPage
) -> None:
    NewsPage.objects.filter(pk=page.pk).update(showing="gone")
    stop_sharing(page, make_editor(organisation))
    assert not _fresh(page).share


def test_editors_of_another_organisation_may_not(page: NewsPage) -> None:
    stranger = make_editor(make_organisation())
    assert not may_share(stranger, page)
    with pytest.raises(PermissionDenied):
        stop_sharing(page, stranger)
    assert _fresh(page).share


def test_whoever_may_publish_it_may_decide(organisation: OrganisationPage, page: NewsPage) -> None:
    assert may_share(make_editor(organisation), page)
    assert may_share(make_admin(), page)
    assert not may_share(make_user(), page)
