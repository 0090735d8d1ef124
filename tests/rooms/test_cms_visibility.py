"""What the public may see, and that both forms of the question have one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, TextField, Value
from django.utils import timezone
from wagtail.models import Page

from cms.keys import page_key
from cms.models import HandleClaim, NewsPage, OrganisationPage
from cms.public_function import check_function, install
from cms.visibility import (
    MAX_DEPTH,
    PUBLIC_FUNCTION,
    _compiled_condition,
    is_public,
    public_condition,
    readable_pages,
)
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_report, make_section

pytestmark = pytest.mark.django_db
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def _in_database(key: str) -> bool:
    """As federation asks: about a key in a column of its own table."""
    HandleClaim.objects.update_or_create(handle="asking", defaults={"publisher": key})
    asked = HandleClaim.objects.filter(handle="asking")
    (answer,) = {asked.filter(public_condition("publisher", few=few)).exists() for few in (False, True)}
    return answer


def _shared_news() -> NewsPage:
    return make_news(make_section(make_organisation()), share=True)


def _organisation(page: Page) -> OrganisationPage:
    return OrganisationPage.objects.ancestor_of(page).get()


def _set(**fields: Any) -> Callable[[Page], None]:
    return lambda page: NewsPage.objects.filter(pk=page.pk).update(**fields) and None


def _set_organisation(**fields: Any) -> Callable[[Page], None]:
    return lambda page: OrganisationPage.objects.ancestor_of(page).update(**fields) and None


def _make_alias(page: Page) -> None:
    other = make_news(_organisation(page))
    NewsPage.objects.filter(pk=page.pk).update(alias_of=other)


HIDING = {
    "unpublished": _set(live=False),
    "not shared": _set(share=False),
    "expired by the clock": _set(expire_at=PAST),
    "private": lambda page: make_private(page) and None,
    "in a private section": lambda page: make_private(page.get_parent()) and None,
    "of a private organisation": lambda page: make_private(_organisation(page)) and None,
    "on a private site": lambda page: make_private(home_page()) and None,
    "of an unpublished organisation": _set_organisation(live=False),
    "of an expired organisation": _set_organisation(expire_at=PAST),
    "an alias": _make_alias,
    "deeper than anybody looks": _set(depth=MAX_DEPTH + 1),
}


def test_a_live_shared_page_of_an_organisation_is_public() -> None:
    page = _shared_news()
    assert (is_public(page), _in_database(page_key(page.pk))) == (True, True)


@pytest.mark.parametrize("reason", HIDING)
def test_a_page_is_hidden_from_both_questions_when_it_is(reason: str) -> None:
    page = _shared_news()
    HIDING[reason](page)
    assert (is_public(page), _in_database(page_key(page.pk))) == (False, False)


def test_a_page_whose_time_is_not_over_is_public() -> None:
    page = _shared_news()
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() + timedelta(hours=1))
    assert is_public(page)


def test_the_clock_of_the_question_decides_about_expiry() -> None:
    page = _shared_news()
    NewsPage.objects.filter(pk=page.pk).update(expire_at=PAST)
    assert [is_public(page, PAST - timedelta(seconds=1)), is_public(page, PAST)] == [True, False]


def test_a_restriction_on_a_neighbour_changes_nothing() -> None:
    page = _shared_news()
    make_private(make_news(_organisation(page)))
    assert is_public(page)


def test_a_page_outside_of_all_organisations_is_never_public() -> None:
    page = home_page().add_child(instance=NewsPage(title="Loose", share=True))
    assert not is_public(page)


def test_a_page_type_that_cannot_be_shared_is_never_public() -> None:
    assert not is_public(make_organisation())


@pytest.mark.parametrize("key", ["", "site", "page:", "page:abc", "page:99999999999999999999", "organisation:1"])
def test_a_key_that_is_no_page_is_false_in_the_database_without_an_error(key: str) -> None:
    assert not _in_database(key)


def test_the_key_may_be_given_as_an_expression() -> None:
    page = _shared_news()
    HandleClaim.objects.create(handle="asking", publisher=page_key(page.pk))
    assert HandleClaim.objects.filter(public_condition(F("publisher")), handle="asking").exists()


def test_the_key_may_be_an_annotation() -> None:
    page = _shared_news()
    rows = Page.objects.annotate(key=Value(page_key(page.pk), output_field=TextField()))
    assert rows.filter(public_condition("key"), pk=page.pk).exists()


def test_the_condition_is_put_together_once_for_all_questions() -> None:
    """Django takes longer for it than the database to answer. Fails if each question compiles it anew."""
    _compiled_condition.cache_clear()
    for _ in range(3):
        _in_database("page:1")
    assert _compiled_condition.cache_info().misses == 1


def test_a_server_does_not_start_while_the_database_decides_by_other_rules() -> None:
    """After a code that knows another condition was put in place, or from a database without the function."""
    assert check_function(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE FUNCTION {PUBLIC_FUNCTION}(key text) RETURNS boolean RETURN true")
        assert [error.id for error in check_function(None, databases=["default"])] == ["cms.E011"]
        cursor.execute(f"DROP FUNCTION {PUBLIC_FUNCTION}")
        assert [error.id for error in check_function(None, databases=["default"])] == ["cms.E011"]
    install()
    assert check_function(None, databases=["default"]) == []


def test_a_key_in_the_table_of_pages_is_refused() -> None:
    """Inside the condition, that table's name means the page in question: it would be compared with itself. Fails
    without the assertion in ``_PublicKey``."""
    with pytest.raises(AssertionError):
        Page.objects.filter(public_condition("title")).exists()


def test_the_database_finds_the_page_of_a_key_by_its_primary_key() -> None:
    """A scan of all pages for each answer would be felt at once. So many rows that an index pays."""
    page = _shared_news()
    fields = {"depth": 5, "url_path": "/x/", "content_type_id": page.content_type_id, "locale_id": page.locale_id}
    Page.objects.bulk_create(
        Page(path=f"{page.path[:-4]}{n:04}", title="x", slug=f"x{n}", **fields) for n in range(2, 3000)
    )
    HandleClaim.objects.bulk_create(HandleClaim(handle=f"h{n}", publisher=page_key(n)) for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE wagtailcore_page; ANALYZE cms_handleclaim")
    plan = HandleClaim.objects.filter(public_condition("publisher"), handle="h7").explain(costs=False)
    assert "Index Cond: (id = CASE" in plan


def test_readers_see_what_is_not_shared_too() -> None:
    page = make_report(share=False)
    assert page.page_ptr in readable_pages()
