"""Who gets the HTML of a page whose organisation is hidden, and who gets it where Wagtail restricts it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from cms.models import OrganisationPage
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section
from tests.factories.cms_people import make_editor, make_user

pytestmark = pytest.mark.django_db
PAST = datetime(2026, 1, 1, tzinfo=UTC)
HIDDEN = [{"live": False}, {"expire_at": PAST}]


def _client(user: object = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)  # type: ignore[arg-type]
    return client


def _restrict(page: Page, kind: str, *groups: Group) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=kind).groups.set(groups)


@pytest.mark.parametrize("fields", HIDDEN, ids=["unpublished", "expired"])
@pytest.mark.parametrize("logged_in", [False, True], ids=["anybody", "its editor"])
def test_a_page_of_a_hidden_organisation_is_not_served(fields: dict[str, object], logged_in: bool) -> None:
    """Fails if only the page's own row is looked at, as it was. An editor looks at it as a draft, in the admin."""
    organisation = make_organisation()
    section = make_section(organisation)
    news = make_news(section, share=True)
    OrganisationPage.objects.filter(pk=organisation.pk).update(**fields)
    client = _client(make_editor(organisation) if logged_in else None)
    assert [client.get(page.url).status_code for page in (organisation, section, news)] == [404, 404, 404]


def test_a_page_whose_organisation_stands_is_served() -> None:
    """Fails if a neighbour's end hides the page."""
    OrganisationPage.objects.filter(pk=make_organisation().pk).update(live=False)
    assert _client().get(make_news(make_section()).url).status_code == 200


@pytest.mark.parametrize("fields", HIDDEN, ids=["unpublished", "expired"])
def test_a_password_does_not_bring_back_a_page_of_a_hidden_organisation(fields: dict[str, object]) -> None:
    """Fails if Wagtail's form is shown before it is asked whether there is a page at all."""
    news = make_news()
    make_private(news)
    OrganisationPage.objects.filter(pk=news.get_parent().pk).update(**fields)
    assert _client().get(news.url).status_code == 404


def test_a_page_with_a_password_still_asks_for_it() -> None:
    """Fails if the rule for readers, which counts restrictions, is applied to the served page as it stands."""
    news = make_news()
    make_private(news.get_parent())
    assert "needs a password" in _client().get(news.url).content.decode()


def test_a_page_for_those_who_are_logged_in_still_sends_the_others_to_the_login() -> None:
    """Fails for the same break."""
    news = make_news(title="Only for us")
    _restrict(news, PageViewRestriction.LOGIN)
    assert _client().get(news.url).status_code == 302
    assert "Only for us" in _client(make_user()).get(news.url).content.decode()


def test_a_page_for_a_group_is_still_served_to_the_group_only() -> None:
    """Fails for the same break."""
    organisation = make_organisation()
    news = make_news(organisation, title="Only for us")
    _restrict(news, PageViewRestriction.GROUPS, organisation.editors)
    assert _client(make_user()).get(news.url).status_code == 302
    assert "Only for us" in _client(make_editor(organisation)).get(news.url).content.decode()
