"""The whole way from an editor's or a command's action on real pages to what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from cms.models import NewsPage, OrganisationPage
from federation.actors.local import find_by_key
from federation.models import Activity, LedgerEntry, PublishedObject, Wake
from federation.outbox import reconcile
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section, publish
from tests.factories.inbound import remote_actor

pytestmark = pytest.mark.django_db


def _settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


def _said() -> list[str]:
    """Kinds said about publications since the last call."""
    _settle()
    kinds = list(Activity.objects.filter(object__isnull=False).order_by("created").values_list("kind", flat=True))
    Activity.objects.all().delete()
    return kinds


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation()


@pytest.fixture
def page(organisation: OrganisationPage) -> NewsPage:
    """A news page that is out, in a section."""
    made = make_news(make_section(organisation), share=True)
    assert _said() == ["Create"]
    return made


def _update(**fields: object) -> Callable[[NewsPage], None]:
    return lambda page: NewsPage.objects.filter(pk=page.pk).update(**fields) and None


def _expire(page: NewsPage) -> None:
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")


def _move_under_a_restriction(page: NewsPage) -> None:
    section = make_section(page.organisation)
    make_private(section)
    page.move(section, pos="last-child")


WITHDRAWING = {
    "unpublish": lambda page: page.unpublish(),
    "queryset update": _update(live=False),
    "expiry": _expire,
    "sharing switched off": lambda page: publish(page, share=False),
    "privacy of the page": make_private,
    "privacy of the section": lambda page: make_private(page.get_parent()),
    "privacy of the organisation": lambda page: make_private(page.organisation),
    "move under a restriction": _move_under_a_restriction,
    "the organisation unpublished": lambda page: page.organisation.unpublish(),
    "delete": lambda page: page.delete(),
    "delete of the section": lambda page: page.get_parent().specific.delete(),
}


@pytest.mark.parametrize("action", WITHDRAWING)
def test_what_the_public_may_no_longer_see_is_withdrawn_by(action: str, page: NewsPage) -> None:
    WITHDRAWING[action](page)
    assert _said() == ["Delete"]
    assert PublishedObject.objects.get().withdrawn_at is not None


CHANGING = {
    "edit": lambda page: publish(page, title="Corrected"),
    "new slug": lambda page: publish(page, slug="renamed"),
    "new slug of the section": lambda page: publish(page.get_parent().specific, slug="renamed"),
    "author added": lambda page: page.credits.create(name="Ama Example") and page.save(),
    "raw column": _update(summary="By hand"),
    "the organisation's way of sending": lambda page: OrganisationPage.objects.update(default_form="note") and None,
}


@pytest.mark.parametrize("action", CHANGING)
def test_what_readers_see_otherwise_is_updated_by(action: str, page: NewsPage) -> None:
    CHANGING[action](page)
    assert _said() == ["Update"]


SILENT = {
    "draft": lambda page: page.save_revision(),
    "publishing without a change": publish,
    "moving among siblings": lambda page: page.move(make_news(page.get_parent()), pos="right"),
    "alias": lambda page: page.create_alias(parent=make_section(page.organisation), update_slug="again"),
    "copy": lambda page: page.copy(update_attrs={"slug": "copy"}, keep_live=True),
    "privacy of a neighbour": lambda page: make_private(make_news(page.get_parent())),
}


@pytest.mark.parametrize("action", SILENT)
def test_nothing_is_said_after(action: str, page: NewsPage) -> None:
    SILENT[action](page)
    assert _said() == []


def test_an_import_shares_nothing(organisation: OrganisationPage) -> None:
    make_news(organisation)
    assert _said() == []


def test_a_new_description_of_a_picture_is_an_update_of_the_page_that_shows_it(page: NewsPage) -> None:
    image = make_image()
    publish(page, lead_image=image)
    _said()
    type(image).objects.filter(pk=image.pk).update(description="Better words")
    assert _said() == ["Update"]


def test_lifting_a_restriction_publishes_again_under_a_new_id(page: NewsPage) -> None:
    restriction = make_private(page.get_parent())
    assert _said() == ["Delete"]
    restriction.delete()
    assert _said() == ["Create"]
    assert PublishedObject.objects.values("uri").distinct().count() == 2


def test_moving_to_another_organisation_changes_who_says_it(page: NewsPage) -> None:
    other = make_organisation()
    page.move(other, pos="last-child")
    assert sorted(_said()) == ["Create", "Delete"]
    assert PublishedObject.objects.get(withdrawn_at=None).actor.key == other.publisher_key


def test_a_live_organisation_can_be_followed_before_it_has_published_anything(organisation: OrganisationPage) -> None:
    _settle()
    assert find_by_key(organisation.publisher_key).handle == organisation.handle


def test_a_new_name_of_the_organisation_is_told_to_its_followers(organisation: OrganisationPage) -> None:
    _settle()
    actor = find_by_key(organisation.publisher_key)
    actor.followers.create(remote=remote_actor())
    publish(organisation, title="Another name")
    _settle()
    assert Activity.objects.get().kind == "Update"


def test_deleting_an_organisation_takes_leave_and_unpublishing_it_does_not(organisation: OrganisationPage) -> None:
    _settle()
    key = organisation.publisher_key
    organisation.unpublish()
    _settle()
    assert find_by_key(key).deleted_at is None
    OrganisationPage.objects.get(pk=organisation.pk).delete()
    _settle()
    assert find_by_key(key).deleted_at is not None


def test_the_ledger_outlives_the_page(page: NewsPage) -> None:
    key = f"page:{page.pk}"
    page.delete()
    _settle()
    assert LedgerEntry.objects.get(pk=key).state == "withdrawn"
    assert not Wake.objects.exists()
