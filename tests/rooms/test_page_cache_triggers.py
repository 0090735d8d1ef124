"""Every change that readers could see is announced to the processes that keep pages; drafts are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, Locale, Page, Site

from cms.models import (
    CustomDocument,
    CustomImage,
    CustomRendition,
    Departure,
    GroupRule,
    HandleClaim,
    Invitation,
    MailPreference,
    NewsPage,
    RateWindow,
    RecoveryCode,
    SecondFactor,
    SiteSettings,
    User,
)
from cms.models.rows import Credit
from cms.page_cache import triggers
from cms.page_cache.sql import TRIGGER
from federation.actors.local import ensure_publisher
from federation.conf import source
from federation.models import LocalActor
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section, publish
from tests.factories.committed import Ear

# Models of ours that no reader sees: accounts and what belongs to them, which handles are taken, who is a partner.
UNSEEN = {User, HandleClaim, Invitation, Departure, RateWindow, SecondFactor, RecoveryCode, GroupRule, MailPreference}
SOON = timezone.now() + timedelta(hours=1)


@pytest.fixture(scope="module")
def ear(committed_database: None) -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


@pytest.fixture
def page(ear: Ear) -> NewsPage:
    """A live page with a picture and a document, and nothing announced that was not heard yet."""
    made = make_news(make_section(make_organisation()), share=True)
    made.lead_image = make_image()
    made.attachments.create(document=make_document())
    publish(made)
    ear.heard()
    return NewsPage.objects.get(pk=made.pk)


def _set(**fields: Any) -> Any:
    return lambda page: NewsPage.objects.filter(pk=page.pk).update(**fields)


def _sql(statement: str) -> Any:
    def run(page: NewsPage) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def _profile(page: NewsPage) -> LocalActor:
    publisher = source().publisher(page.organisation.publisher_key)
    assert publisher is not None
    return ensure_publisher(publisher, timezone.now())[0]


SEEN = {
    "publishing": lambda page: publish(page, title="Another"),
    "unpublishing": lambda page: page.unpublish(),
    "a column, silently": _set(summary="By hand"),
    "an end": _set(expire_at=SOON),
    "a move": lambda page: page.move(make_organisation(live=False), "last-child"),
    "a deletion": lambda page: page.delete(),
    "a new live page": lambda page: make_news(page.get_parent()),
    "privacy": make_private,
    "privacy of the section": lambda page: make_private(page.get_parent()),
    "an author": lambda page: Credit.objects.create(page=page, name="Ana"),
    "a picture's words": lambda page: CustomImage.objects.filter(pk=page.lead_image_id).update(description="New"),
    "a picture's end": lambda page: CustomImage.objects.filter(pk=page.lead_image_id).delete(),
    "a document's title": lambda page: CustomDocument.objects.update(title="New"),
    "a private collection": lambda page: make_private_collection(),
    "the section's words": lambda page: publish(page.get_parent().specific, introduction="New"),
    "the organisation's name": lambda page: publish(page.organisation, title="New"),
    "the site's name": lambda page: SiteSettings.objects.update_or_create(
        site=Site.objects.get(), defaults={"name": "New"}
    ),
    "the site's address": lambda page: Site.objects.update(port=8443),
    "a language": lambda page: Locale.objects.update(language_code="fr"),
    "a handle": lambda page: LocalActor.objects.filter(pk=_profile(page).pk).update(handle="other"),
    "emptying a table": _sql("TRUNCATE cms_credit"),
}


@pytest.mark.parametrize("change", SEEN)
def test_readers_processes_hear_of(change: str, page: NewsPage, ear: Ear) -> None:
    """Fails if the condition of the triggers is turned round, or if a table's statement is left out of ``install``."""
    SEEN[change](page)
    assert ear.heard()


SILENT = {
    "a saved draft": lambda page: page.save_revision(),
    "a saved draft with other words": lambda page: setattr(page, "title", "Draft") or page.save_revision(),
    "a new draft": lambda page: make_news(page.get_parent(), live=False),
    "a lock": _set(locked=True),
    "an upload": lambda page: (make_image(), make_document()),
    "a rendition that is made": lambda page: page.lead_image.get_rendition("width-17"),
    "a row of a draft": lambda page: Credit.objects.create(
        page=NewsPage.objects.filter(live=False).first(), name="Ana"
    ),
    "saving without a change": lambda page: NewsPage.objects.filter(pk=page.pk).update(summary=page.summary),
}


@pytest.mark.parametrize("change", SILENT)
def test_readers_processes_do_not_hear_of(change: str, page: NewsPage, ear: Ear) -> None:
    """Or the cache would be empty while anybody writes. Fails if draft columns are compared as well."""
    make_news(page.get_parent(), live=False)
    ear.heard()
    SILENT[change](page)
    assert not ear.heard()


def test_nothing_is_announced_before_it_is_committed(page: NewsPage, ear: Ear) -> None:
    """The reason why announcements are counted, and not a sequence in the database: that grows too early."""
    with transaction.atomic():
        NewsPage.objects.filter(pk=page.pk).update(summary="Half done")
        early = ear.heard()
    assert (early, ear.heard()) == (False, True)


def test_every_model_of_ours_is_watched_or_named_as_unseen() -> None:
    """Fails when a model is added and nobody decided whether readers see it."""
    watched = {watch.table for watch in triggers.watches()}
    ours = {model for model in apps.get_app_config("cms").get_models() if not model._meta.proxy}
    assert {model for model in ours if model._meta.db_table not in watched} == UNSEEN
    assert {CustomRendition._meta.db_table, Page._meta.db_table, CollectionViewRestriction._meta.db_table} <= watched


def test_a_table_without_its_triggers_is_reported(ear: Ear) -> None:
    """Fails if ``missing`` looks for tables instead of triggers."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {TRIGGER}_delete ON cms_newspage")
    try:
        errors = triggers.check_triggers(None, databases=["default"])
        assert [error.id for error in errors] == ["cms.E010"]
    finally:
        triggers.install()
    assert triggers.check_triggers(None, databases=["default"]) == []
