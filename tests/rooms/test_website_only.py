"""“Change only on our website”: nobody is told of the change, and nothing else is kept back by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.keys import page_key
from cms.models import Correction, NewsPage, OrganisationPage
from cms.scheduling import run_due_pages
from federation.models import Activity, LedgerEntry, PublishedObject, Wake
from federation.outbox import reconcile
from federation.outbox.quiet import keep_quiet
from tests.factories.admin_work import Editor, filled_in
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.cms_people import make_editor

pytestmark = pytest.mark.django_db


def _said() -> list[str]:
    """Kinds said about publications since the last call, once the worker has looked."""
    while reconcile.drain(timezone.now()):
        pass
    kinds = list(Activity.objects.filter(object__isnull=False).order_by("created").values_list("kind", flat=True))
    Activity.objects.all().delete()
    return kinds


def _told() -> dict[str, Any]:
    """The only object that is out, as it is stored."""
    return json.loads(bytes(PublishedObject.objects.get(withdrawn_at=None).document))


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
    """A page that is out."""
    made = publish(make_news(organisation, title="Wells", share=True))
    assert _said() == ["Create"]
    return made


def test_it_is_told_to_nobody_and_whoever_asks_gets_it(editor: Editor, page: NewsPage) -> None:
    """Fails if ``decide`` does not know the mark, or ``save`` does not set it."""
    editor.publishes(page, title="Wells of ours", website_only="on")
    assert _said() == []
    assert (_told()["name"], "updated" in _told()) == ("Wells of ours", False)
    assert LedgerEntry.objects.get(pk=page_key(page.pk)).quiet_fingerprint == ""


def test_the_next_change_is_told_with_everything(editor: Editor, page: NewsPage) -> None:
    editor.publishes(page, title="Wells of ours", website_only="on")
    assert _said() == []
    editor.publishes(_fresh(page), summary="What else happened.")
    assert _said() == ["Update"]
    assert (_told()["name"], _told()["summary"]) == ("Wells of ours", "<p>What else happened.</p>")


def test_the_same_title_again_is_no_news_either(editor: Editor, page: NewsPage) -> None:
    """What is noted as told is what is there: fails if ``reconcile`` forgets to note it."""
    editor.publishes(page, title="Wells of ours", website_only="on")
    assert _said() == []
    editor.publishes(_fresh(page), title="Wells of ours")
    assert _said() == []


def test_two_in_a_row_are_both_told_to_nobody(editor: Editor, page: NewsPage) -> None:
    """Also where the worker has not looked in between. Fails if only the last telling counts as up to date."""
    editor.publishes(page, title="Wells of ours", website_only="on")
    editor.publishes(_fresh(page), title="Our wells", website_only="on")
    assert _said() == []
    assert _told()["name"] == "Our wells"


def test_a_change_that_is_not_told_yet_is_not_swallowed(editor: Editor, page: NewsPage) -> None:
    """Fails if ``keep_quiet`` does not look at the page before the change."""
    editor.publishes(page, summary="Corrected.")
    editor.publishes(_fresh(page), title="Wells of ours", website_only="on")
    assert _said() == ["Update"]
    assert _told()["summary"] == "<p>Corrected.</p>"


def test_what_else_changes_before_the_worker_looks_is_told(organisation: OrganisationPage) -> None:
    image = make_image(collection=organisation.collection, description="A well")
    page = make_news(organisation, share=True, lead_image=image)
    assert _said() == ["Create"]
    publish(page, title="Wells of ours", website_only=True)
    image.description = "Two wells"
    image.save()
    assert _said() == ["Update"]


def test_what_another_transaction_changes_at_the_same_moment_is_told(page: NewsPage) -> None:
    """Its wake is not from this transaction. Fails if ``keep_quiet`` does not look for such."""
    with keep_quiet(page_key(page.pk)):
        Wake.objects.create(key=page_key(page.pk), created=timezone.now() - timedelta(seconds=1))
        NewsPage.objects.filter(pk=page.pk).update(summary="Another's words.")
    assert _said() == ["Update"]


def test_a_scheduled_version_carries_the_wish(editor: Editor, page: NewsPage) -> None:
    editor.publishes(page, title="Wells of ours", website_only="on", go_live_at=timezone.now() + timedelta(hours=1))
    assert (_said(), _told()["name"]) == ([], "Wells")
    due = timezone.now() - timedelta(hours=1)
    scheduled = _fresh(page).scheduled_revision
    scheduled.content["go_live_at"], scheduled.approved_go_live_at = due.isoformat(), due
    scheduled.save()
    assert run_due_pages(timezone.now()).published == 1
    assert (_said(), _told()["name"]) == ([], "Wells of ours")


def test_drafts_that_are_published_in_bulk_carry_it(editor: Editor, page: NewsPage) -> None:
    editor.saves(page, title="Wells of ours", website_only="on")
    assert not _fresh(page).website_only
    editor.in_bulk("publish", page)
    assert (_said(), _told()["name"]) == ([], "Wells of ours")


def test_the_first_sharing_is_always_told(organisation: OrganisationPage) -> None:
    page = make_news(organisation)
    publish(page, share=True, website_only=True)
    assert _said() == ["Create"]


def _withdraw(page: NewsPage) -> None:
    publish(page, share=False)
    assert _said() == ["Delete"]
    publish(page, share=True, website_only=True)


def _stop_sharing(page: NewsPage) -> None:
    publish(page, share=False, website_only=True)


def _move_away(page: NewsPage) -> None:
    page.move(make_organisation(), pos="last-child")
    publish(NewsPage.objects.get(pk=page.pk), title="Wells of ours", website_only=True)


@pytest.mark.parametrize(
    ("action", "kinds"), [(_withdraw, ["Create"]), (_stop_sharing, ["Delete"]), (_move_away, ["Delete", "Create"])]
)
def test_it_hides_neither_a_removal_nor_a_new_post(
    action: Callable[[NewsPage], None], kinds: list[str], page: NewsPage
) -> None:
    action(page)
    assert sorted(_said()) == sorted(kinds)


def test_a_correction_is_told_whatever_was_ticked(page: NewsPage) -> None:
    """Fails if ``save`` does not compare the corrections."""
    page.corrections.add(Correction(text="Forty, not fourteen."))
    publish(page, website_only=True)
    assert _said() == ["Update"]


def test_a_correction_and_the_tick_are_refused_together(organisation: OrganisationPage, page: NewsPage) -> None:
    """Fails if the form does not compare the corrections of the draft."""
    page.corrections.add(Correction(text="Forty, not fourteen."))
    page.save_revision()
    client = Client()
    client.force_login(make_editor(organisation))
    data = filled_in(page, "publish", {"website_only": "on"})
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    response = client.post(url, data)
    assert response.context["form"].errors["website_only"] == [
        "A correction is for everybody who got the page. Untick this."
    ]


def _form(organisation: OrganisationPage, page: NewsPage) -> Any:
    client = Client()
    client.force_login(make_editor(organisation))
    return client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).context["form"]


def test_every_new_form_starts_without_the_tick(editor: Editor, organisation: OrganisationPage, page: NewsPage) -> None:
    editor.saves(page, website_only="on")
    assert _fresh(page).get_latest_revision().content["website_only"] is True
    assert _form(organisation, page)["website_only"].value() is False


def test_a_page_that_nobody_got_has_no_such_tick(organisation: OrganisationPage) -> None:
    assert "website_only" not in _form(organisation, make_news(organisation)).fields


def test_the_row_never_keeps_the_tick(page: NewsPage) -> None:
    publish(page, website_only=True)
    assert not NewsPage.objects.get(pk=page.pk).website_only
