"""Every change that may alter what the public sees leaves a wake in the same statement, whoever makes it; nothing else
does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cms.models import NewsPage, OrganisationPage, SiteSettings
from cms.models.report import Participant
from cms.models.rows import Credit
from federation import page_wakes
from federation.models import Wake
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import (
    home_page,
    make_news,
    make_organisation,
    make_private,
    make_report,
    make_section,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation()


@pytest.fixture
def page(organisation: OrganisationPage) -> NewsPage:
    return make_news(make_section(organisation))


def _key(page: Page) -> str:
    return f"page:{page.pk}"


def _silence() -> None:
    Wake.objects.all().delete()


def _woken() -> set[str]:
    return set(Wake.objects.values_list("key", flat=True))


def test_every_page_type_and_everything_that_belongs_to_it_is_watched() -> None:
    assert page_wakes.missing() == set()


def test_a_table_without_its_trigger_is_reported() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER federation_wake ON cms_newspage")
    assert [error.id for error in page_wakes.check_triggers(None, databases=["default"])] == ["federation.E010"]


def test_installing_twice_changes_nothing() -> None:
    page_wakes.install()
    assert page_wakes.missing() == set()


def test_a_trigger_on_a_table_that_is_no_longer_watched_is_removed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER federation_wake AFTER INSERT ON auth_group FOR EACH ROW"
            " EXECUTE FUNCTION federation_wake_site()"
        )
        page_wakes.install()
        cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = 'federation_wake' AND tgrelid = 'auth_group'::regclass")
        assert cursor.fetchone() is None


def test_a_live_page_that_is_added_wakes(organisation: OrganisationPage) -> None:
    _silence()
    assert _key(make_news(organisation)) in _woken()


def test_a_draft_that_is_added_stays_silent(organisation: OrganisationPage) -> None:
    _silence()
    make_news(organisation, live=False)
    assert _woken() - {_key(organisation)} == set()


def test_publishing_wakes(page: NewsPage) -> None:
    page.title = "Corrected"
    _silence()
    publish(page)
    assert _key(page) in _woken()


def test_saving_a_draft_of_a_live_page_stays_silent(page: NewsPage) -> None:
    page = publish(page)
    page.title, page.summary = "Not yet", "Not yet"
    _silence()
    page.save_revision()
    assert _woken() == set()


def test_scheduling_a_draft_for_later_does_not_lose_the_wake_when_it_goes_live(page: NewsPage) -> None:
    page.unpublish()
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page.save_revision().publish()
    NewsPage.objects.filter(pk=page.pk).update(go_live_at=timezone.now() - timedelta(minutes=1))
    page.revisions.update(approved_go_live_at=timezone.now() - timedelta(minutes=1))
    _silence()
    call_command("publish_scheduled")
    assert _key(page) in _woken()


def test_expiry_wakes(page: NewsPage) -> None:
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    _silence()
    call_command("publish_scheduled")
    assert _key(page) in _woken()


def test_unpublishing_wakes(page: NewsPage) -> None:
    _silence()
    page.unpublish()
    assert _key(page) in _woken()


def test_unpublishing_a_section_wakes_everything_below(page: NewsPage) -> None:
    section = page.get_parent().specific
    _silence()
    section.unpublish()
    assert {_key(section), _key(page)} <= _woken()


def test_a_queryset_update_wakes(page: NewsPage) -> None:
    _silence()
    NewsPage.objects.filter(pk=page.pk).update(live=False)
    assert _woken() == {_key(page)}


def test_a_queryset_update_of_a_page_types_own_field_wakes(page: NewsPage) -> None:
    _silence()
    NewsPage.objects.filter(pk=page.pk).update(share=True)
    assert _woken() == {_key(page)}


def test_raw_sql_wakes(page: NewsPage) -> None:
    _silence()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cms_newspage SET summary = 'By hand' WHERE page_ptr_id = %s", [page.pk])
    assert _woken() == {_key(page)}


def test_an_update_that_changes_nothing_stays_silent(page: NewsPage) -> None:
    _silence()
    NewsPage.objects.filter(pk=page.pk).update(share=page.share, title=page.title)
    assert _woken() == set()


def test_the_change_of_a_draft_that_was_never_published_stays_silent(organisation: OrganisationPage) -> None:
    draft = make_news(organisation, live=False)
    _silence()
    NewsPage.objects.filter(pk=draft.pk).update(summary="Still a draft")
    assert _woken() == set()


def test_a_wake_is_gone_with_the_change_that_was_rolled_back(page: NewsPage) -> None:
    _silence()
    with transaction.atomic():
        NewsPage.objects.filter(pk=page.pk).update(live=False)
        assert _woken() == {_key(page)}
        transaction.set_rollback(True)
    assert _woken() == set()


def test_a_row_that_belongs_to_a_page_wakes_it(page: NewsPage) -> None:
    _silence()
    credit = Credit.objects.create(page=page, name="Ama Example")
    assert _woken() == {_key(page)}
    _silence()
    Credit.objects.filter(pk=credit.pk).update(role="Researcher")
    assert _woken() == {_key(page)}
    _silence()
    Credit.objects.all().delete()
    assert _woken() == {_key(page)}


def test_a_row_that_goes_to_another_page_wakes_both(page: NewsPage) -> None:
    other = make_news(page.get_parent())
    credit = Credit.objects.create(page=page, name="Ama Example")
    _silence()
    Credit.objects.filter(pk=credit.pk).update(page=other)
    assert _woken() == {_key(page), _key(other)}


def test_privacy_of_a_section_wakes_everything_below(page: NewsPage) -> None:
    section = page.get_parent()
    _silence()
    restriction = make_private(section)
    assert {_key(section), _key(page)} <= _woken()
    _silence()
    PageViewRestriction.objects.filter(pk=restriction.pk).update(password="other")
    assert {_key(section), _key(page)} <= _woken()
    _silence()
    restriction.delete()
    assert {_key(section), _key(page)} <= _woken()


def test_privacy_of_a_section_wakes_what_links_into_it(page: NewsPage, organisation: OrganisationPage) -> None:
    """The address of a page that became private must leave the text of the others. Fails if only the section's own
    pages are woken."""
    other = make_news(organisation)
    other.related_pages.create(target=page)
    publish(other)
    section = page.get_parent()
    _silence()
    make_private(section)
    assert _key(other) in _woken()
    publish(other)
    _silence()
    section.specific.unpublish()
    assert _key(other) in _woken()


def test_a_move_wakes_the_page_and_everything_below(page: NewsPage) -> None:
    section, target = page.get_parent(), make_organisation()
    _silence()
    section.move(target, pos="last-child")
    assert {_key(section), _key(page)} <= _woken()


def test_a_new_slug_wakes_everything_below(page: NewsPage) -> None:
    section = page.get_parent().specific
    section.slug = "renamed"
    _silence()
    publish(section)
    assert {_key(section), _key(page)} <= _woken()


def test_deleting_wakes_the_page_and_everything_below(page: NewsPage) -> None:
    section, keys = page.get_parent(), {_key(page.get_parent()), _key(page)}
    make_private(section)
    _silence()
    section.specific.delete()
    assert keys <= _woken()


def test_an_alias_wakes(page: NewsPage) -> None:
    _silence()
    alias = page.create_alias(parent=make_section(), update_slug="again")
    assert _key(alias) in _woken()


def test_a_copy_that_is_live_wakes(page: NewsPage) -> None:
    _silence()
    assert _key(page.copy(update_attrs={"slug": "copy"}, keep_live=True)) in _woken()


def test_an_organisations_settings_wake_everything_below(organisation: OrganisationPage, page: NewsPage) -> None:
    _silence()
    OrganisationPage.objects.filter(pk=organisation.pk).update(default_form="note")
    assert {_key(organisation), _key(page)} <= _woken()


def test_a_news_page_wakes_nothing_but_itself_and_its_users(page: NewsPage) -> None:
    neighbour = make_news(page.get_parent())
    _silence()
    publish(page, title="Changed")
    assert _key(neighbour) not in _woken()


def test_an_images_new_description_wakes_the_pages_that_show_it(page: NewsPage) -> None:
    image = make_image()
    publish(page, lead_image=image)
    _silence()
    type(image).objects.filter(pk=image.pk).update(description="Better words")
    assert _woken() == {_key(page)}


def test_a_document_wakes_the_pages_that_offer_it(page: NewsPage) -> None:
    document = make_document()
    page.attachments.create(document=document)
    publish(page)
    _silence()
    type(document).objects.filter(pk=document.pk).update(title="Final minutes")
    assert _woken() == {_key(page)}


def test_an_image_that_moves_to_another_collection_wakes_its_users(page: NewsPage) -> None:
    image = make_image()
    publish(page, lead_image=image)
    other = Collection.get_first_root_node().add_child(name="Other")
    _silence()
    type(image).objects.filter(pk=image.pk).update(collection=other)
    assert _woken() == {_key(page)}


def test_privacy_of_a_collection_wakes_the_users_of_what_lies_in_it(page: NewsPage) -> None:
    parent = Collection.get_first_root_node().add_child(name="Above")
    image = make_image(collection=parent.add_child(name="Inside"))
    publish(page, lead_image=image)
    _silence()
    restriction = CollectionViewRestriction.objects.create(collection=parent, restriction_type="login")
    assert _woken() == {_key(page)}
    _silence()
    restriction.delete()
    assert _woken() == {_key(page)}


def test_the_sites_settings_wake_the_site() -> None:
    settings = SiteSettings.for_site(home_page().get_site())
    _silence()
    settings.name = "Another name"
    settings.save()
    assert "site" in _woken()


def test_what_a_page_points_to_wakes_it(page: NewsPage) -> None:
    target = make_news(page.get_parent())
    page.related_pages.create(target=target)
    publish(page)
    _silence()
    NewsPage.objects.filter(pk=target.pk).update(title="Another title")
    assert _woken() == {_key(page), _key(target)}


def test_moving_a_page_among_its_siblings_is_no_reason_to_be_silent(page: NewsPage) -> None:
    """Its path changes as in any move; that nothing changed for the public is for the reconciler to see."""
    sibling = make_news(page.get_parent())
    _silence()
    page.move(sibling, pos="right")
    assert _key(page) in _woken()


def _pointing_to(target: Page) -> NewsPage:
    words = [("paragraph", f'<p><a linktype="page" id="{target.pk}">there</a></p>')]
    return publish(make_news(body=words))


def test_privacy_of_a_section_wakes_who_points_into_it(page: NewsPage) -> None:
    """Their link must lose its address. Fails if a subtree wakes nobody outside of it."""
    reader = _pointing_to(page)
    _silence()
    make_private(page.get_parent())
    assert _key(reader) in _woken()


def test_an_organisation_that_disappears_wakes_who_points_to_what_lies_below(
    organisation: OrganisationPage, page: NewsPage
) -> None:
    reader = _pointing_to(page)
    _silence()
    organisation.unpublish()
    assert _key(reader) in _woken()


def test_deleting_wakes_who_pointed_there(page: NewsPage) -> None:
    """Wagtail forgets the reference before the row goes. Fails if only the page's own row wakes its users."""
    reader = _pointing_to(page)
    _silence()
    page.delete()
    assert _key(reader) in _woken()


def test_deleting_a_subtree_wakes_who_pointed_into_it(page: NewsPage) -> None:
    reader = _pointing_to(page)
    _silence()
    page.get_parent().specific.delete()
    assert _key(reader) in _woken()


def test_an_organisations_own_columns_wake_the_reports_that_name_it(organisation: OrganisationPage) -> None:
    """Fails if a row of a page type's own table wakes only its page."""
    report = publish(make_report(participant_rows=[Participant(chosen=organisation)]))
    _silence()
    OrganisationPage.objects.filter(pk=organisation.pk).update(country="HU")
    assert _key(report) in _woken()
