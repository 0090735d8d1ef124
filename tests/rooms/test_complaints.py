"""What users of other systems complain of, where no test of ours said it in one place: see
docs/explanation/complaints.md, which names the tests for all of them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from wagtail.models import Locale, Page

from cms.models import Attachment, OrganisationPage
from cms.models.rows import Credit
from cms.scheduling import run_due_pages
from federation.models import Activity, LocalActor, PublishedObject, Wake
from federation.outbox import reconcile
from tests.factories.cms_media import make_document
from tests.factories.cms_pages import make_document_page, make_news, make_organisation, publish
from tests.factories.story_world import let_hours_pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation("Aspen Watch", handle="aspen")


def _said() -> list[str]:
    """Kinds said about pages so far."""
    while reconcile.drain(timezone.now()):
        pass
    return list(Activity.objects.exclude(object=None).order_by("created").values_list("kind", flat=True))


def _document(page: Page) -> dict[str, Any]:
    _said()
    return dict(json.loads(bytes(PublishedObject.objects.get(key=f"page:{page.pk}").document)))


def test_changing_a_page_that_waits_for_its_date_takes_nothing_back(organisation: OrganisationPage) -> None:
    """What is out stays out until the new version's date, and then changes once. A command made the page, so that
    Wagtail knows no version of it. Fails if what is live is not noted as one: then the page is hidden meanwhile."""
    page = make_news(organisation, title="As it was", share=True)
    assert _said() == ["Create"]
    for title in ("For later", "For later, once more"):
        draft = page.get_latest_revision_as_object()
        draft.title, draft.go_live_at = title, timezone.now() + timedelta(hours=2)
        draft.save_revision().publish()
        assert _said() == ["Create"]
    let_hours_pass(3)
    assert run_due_pages(timezone.now()).published == 1
    assert _said() == ["Create", "Update"]
    assert _document(page)["name"] == "For later, once more"


def test_what_is_written_for_an_earlier_day_goes_out_as_of_now(organisation: OrganisationPage) -> None:
    """Mastodon puts nothing into timelines that says it is older than six hours. Fails if the editor's date is told as
    the date of publication."""
    page = make_news(organisation, published_on=date(2019, 5, 1), share=True)
    told = timezone.datetime.fromisoformat(_document(page)["published"])
    assert abs(timezone.now() - told) < timedelta(hours=1)


def test_a_page_in_another_language_goes_out_in_that_language(organisation: OrganisationPage) -> None:
    """Fails if the language is the site's, or if two languages are in one post."""
    german = Locale.objects.create(language_code="de")
    page = make_news(organisation, title="Vierzig Dörfer", share=True)
    Page.objects.filter(pk=page.pk).update(locale=german)
    document = _document(page)
    assert [list(document[name]) for name in ("contentMap", "nameMap", "summaryMap")] == [["de"]] * 3


def test_authors_are_named_and_the_organisation_speaks(organisation: OrganisationPage) -> None:
    """Nobody needs an account to be credited. Fails if the byline is left out, and if an author is made a profile."""
    before = LocalActor.objects.count()
    page = make_news(organisation, share=True, credits=[Credit(name="Ana Example", role="Analyst"), Credit(name="Bo")])
    document = _document(page)
    assert document["attributedTo"] == LocalActor.objects.get(handle="aspen").uri
    assert "<p>Ana Example, Analyst; Bo</p>" in document["content"]
    assert LocalActor.objects.count() == before + 1


def test_a_file_is_no_post_and_is_told_with_the_page_that_offers_it(organisation: OrganisationPage) -> None:
    """Fails if a file is attached as a document, of which Mastodon makes a tile without a preview and then no card."""
    paper = make_document(title="Minutes")
    assert (_said(), Wake.objects.count()) == ([], 0)
    page = make_document_page(organisation, attachments=[Attachment(document=paper)], share=True)
    document = _document(page)
    assert (document["type"], {item["type"] for item in document["attachment"]}) == ("Article", {"Link"})
    assert document["attachment"][1]["name"] == "Minutes"
    assert PublishedObject.objects.count() == 1


def test_an_old_page_that_is_edited_reaches_nobody_until_its_editor_shares_it(organisation: OrganisationPage) -> None:
    """Fails if whatever is published is shared."""
    page = make_news(organisation, published_on=date(2016, 5, 1))
    Page.objects.filter(pk=page.pk).update(first_published_at=F("first_published_at") - timedelta(days=3650))
    page = publish(page, title="A comma less")
    assert _said() == []
    publish(page, share=True)
    assert _said() == ["Create"]
