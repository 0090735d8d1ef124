"""The pages that an organisation's profile shows first: chosen among its own, shown while they are public, and told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from cms.models import NewsPage, OrganisationPage, PinnedPage
from federation.actors.local import find_by_key
from federation.models import Activity, Follower, LedgerEntry, LocalActor
from federation.outbox import reconcile
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_section, publish
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.inbound import remote_actor
from tests.factories.outbox import NOW
from tests.factories.signed_requests import rsa_key
from tests.factories.told import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> OrganisationPage:
    page = make_organisation("Aspen Watch", handle="aspen")
    _look()
    return page


def _look() -> None:
    while reconcile.drain(NOW):
        pass


def _news(organisation: Page, *titles: str, **fields: Any) -> list[NewsPage]:
    made = [make_news(organisation, title=title, **{"share": True} | fields) for title in titles]
    _look()
    return made


def _pin(organisation: OrganisationPage, *pages: Page) -> OrganisationPage:
    fresh = OrganisationPage.objects.get(pk=organisation.pk)
    fresh.pinned_pages = [PinnedPage(target=page, sort_order=n) for n, page in enumerate(pages)]
    published: OrganisationPage = publish(fresh)
    _look()
    return published


def _actor(organisation: OrganisationPage) -> LocalActor:
    found = find_by_key(organisation.publisher_key)
    assert found is not None
    return found


def _featured(organisation: OrganisationPage) -> list[str]:
    """Titles, in the order in which servers get their ids."""
    answer = Client(HTTP_HOST="hub.example").get(path_of(f"{_actor(organisation).uri}/featured"))
    titles = dict(LedgerEntry.objects.filter(current__isnull=False).values_list("current__uri", "current__title"))
    return [titles[uri] for uri in answer.json()["orderedItems"]]


def _updates() -> list[dict[str, Any]]:
    return [json.loads(bytes(said.body)) for said in Activity.objects.filter(kind="Update", object=None)]


def test_the_pinned_pages_are_shown_in_the_order_chosen(organisation: OrganisationPage) -> None:
    """Fails if they come by date, or the newest fill the list up."""
    one, _two, three = _news(organisation, "One", "Two", "Three")
    _pin(organisation, three, one)
    assert _featured(organisation) == ["Three", "One"]


def test_while_nothing_is_chosen_the_newest_are_shown(organisation: OrganisationPage) -> None:
    _news(organisation, *(f"Piece {n}" for n in range(7)))
    assert len(_featured(organisation)) == 5
    _pin(_pin(organisation, NewsPage.objects.get(title="Piece 0")))
    assert len(_featured(organisation)) == 5


@pytest.mark.parametrize("how", ["unpublished", "private", "not shared", "expired", "moved", "deleted"])
def test_a_pinned_page_that_may_not_be_seen_leaves_at_once(organisation: OrganisationPage, how: str) -> None:
    """Before any worker has looked. Fails if the choice alone counts."""
    one, two = _news(make_section(organisation), "One", "Two")
    _pin(organisation, one, two)
    other = make_organisation("Birch Forum")
    change = {
        "unpublished": one.unpublish,
        "private": lambda: make_private(one),
        "not shared": lambda: NewsPage.objects.filter(pk=one.pk).update(share=False),
        "expired": lambda: Page.objects.filter(pk=one.pk).update(expire_at=NOW),
        "moved": lambda: NewsPage.objects.get(pk=one.pk).move(other, "last-child"),
        "deleted": lambda: NewsPage.objects.get(pk=one.pk).delete(),
    }
    change[how]()
    assert _featured(organisation) == ["Two"]


def test_where_none_of_the_chosen_may_be_seen_the_newest_are_shown(organisation: OrganisationPage) -> None:
    (one,), _others = _news(organisation, "One"), _news(organisation, "Two", "Three")
    _pin(organisation, one)
    make_private(one)
    assert sorted(_featured(organisation)) == ["Three", "Two"]  # told in the same second, so in any order


def test_another_organisations_page_is_never_shown_however_it_came_there(organisation: OrganisationPage) -> None:
    """A row in the table, which no form has seen. Fails if only the form looks."""
    other = make_organisation("Birch Forum", handle="birch")
    (theirs,) = _news(other, "Theirs")
    _news(organisation, "Ours")
    PinnedPage.objects.create(page=organisation, target=theirs)
    _look()
    assert _featured(organisation) == ["Ours"]
    assert _featured(other) == ["Theirs"]


def test_a_changed_choice_is_told_to_the_followers_once(organisation: OrganisationPage) -> None:
    """As a change of the profile, upon which servers read the list anew. Fails if nobody hears, or everybody each time
    that the page is saved."""
    one, two = _news(organisation, "One", "Two")
    Follower.objects.create(actor=_actor(organisation), remote=remote_actor())
    _pin(organisation, one, two)
    (told,) = _updates()
    assert (told["object"]["id"], told["object"]["type"]) == (_actor(organisation).uri, "Organization")
    publish(OrganisationPage.objects.get(pk=organisation.pk))
    _look()
    assert len(_updates()) == 1
    _pin(organisation, two, one)
    _pin(organisation)
    assert len(_updates()) == 3


def test_what_fills_the_list_by_itself_is_told_to_nobody(organisation: OrganisationPage) -> None:
    Follower.objects.create(actor=_actor(organisation), remote=remote_actor())
    _news(organisation, "One", "Two")
    assert _updates() == []


def test_a_pinned_page_that_returns_under_a_new_id_is_told(organisation: OrganisationPage) -> None:
    """Servers never take the old id again, so they have to read the list. Fails if a page that others use does not wake
    them."""
    one, two = _news(organisation, "One", "Two")
    Follower.objects.create(actor=_actor(organisation), remote=remote_actor())
    _pin(organisation, one, two)
    restriction = make_private(one)
    _look()
    assert _featured(organisation) == ["Two"]
    restriction.delete()
    _look()
    assert _featured(organisation) == ["One", "Two"]
    assert len(_updates()) == 3


def test_a_version_in_another_language_pins_pages_of_all_versions(organisation: OrganisationPage) -> None:
    german = Locale.objects.create(language_code="de")
    home_page().copy_for_translation(german)
    version = organisation.copy_for_translation(german, alias=False)
    one, two = *_news(organisation, "One"), *_news(version, "Zwei")
    _post(_client(make_admin()), version, two.pk, one.pk)
    assert _pinned(version) == [two.pk, one.pk]


def test_a_copy_of_an_organisation_pins_nothing(organisation: OrganisationPage) -> None:
    """It is another organisation. Fails if its rows come along."""
    _pin(organisation, *_news(organisation, "One"))
    fresh = OrganisationPage.objects.get(pk=organisation.pk)
    copied = fresh.copy(recursive=False, update_attrs={"slug": "copied", "title": "Copied"}, user=make_admin())
    assert (organisation.pinned_pages.count(), copied.pinned_pages.count()) == (1, 0)


# In the editor.


def _client(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def _post(client: Client, organisation: OrganisationPage, *targets: Any) -> str:
    rows = {"profile_fields": [], "comments": [], "pinned_pages": [{"target": target} for target in targets]}
    fields = {
        "title": organisation.title,
        "slug": organisation.slug,
        "kind": "cso",
        "handle": organisation.handle,
        "default_form": "article",
        "body": streamfield([]),
        "action-publish": "1",
    }
    data = nested_form_data(fields | {name: inline_formset(row) for name, row in rows.items()})
    return client.post(reverse("wagtailadmin_pages:edit", args=[organisation.pk]), data, follow=True).content.decode()


def _pinned(organisation: OrganisationPage) -> list[int]:
    return list(PinnedPage.objects.filter(page=organisation).values_list("target", flat=True))


def test_an_editor_pins_their_own_pages(organisation: OrganisationPage) -> None:
    one, two = _news(organisation, "One", "Two")
    _post(_client(make_editor(organisation)), organisation, two.pk, one.pk)
    assert _pinned(organisation) == [two.pk, one.pk]


@pytest.mark.parametrize("who", ["editor", "administrator"])
@pytest.mark.parametrize("what", ["piece", "organisation", "own section", "own organisation"])
def test_whatever_else_is_posted_by_hand_is_refused(organisation: OrganisationPage, who: str, what: str) -> None:
    """Another's public page may be linked to, so the form itself lets it pass. Fails without the row's own check."""
    other = make_organisation("Birch Forum")
    targets = {
        "piece": lambda: make_news(other, share=True),
        "organisation": lambda: other,
        "own section": lambda: make_section(organisation),
        "own organisation": lambda: organisation,
    }
    user = make_admin() if who == "administrator" else make_editor(organisation)
    text = _post(_client(user), organisation, targets[what]().pk)
    assert "Only a page of this organisation can be pinned." in text
    assert _pinned(organisation) == []


def test_no_more_than_ten_are_pinned(organisation: OrganisationPage) -> None:
    pages = _news(organisation, *(f"Piece {n}" for n in range(11)))
    _post(_client(make_editor(organisation)), organisation, *(page.pk for page in pages))
    assert _pinned(organisation) == []
    _post(_client(make_editor(organisation)), organisation, *(page.pk for page in pages[:10]))
    assert len(_pinned(organisation)) == 10


def test_the_chooser_lists_the_organisations_own_pages_only(organisation: OrganisationPage) -> None:
    """For an administrator, who may choose everything elsewhere. Fails if the form does not hand on where to stay."""
    client = _client(make_admin())
    make_news(make_organisation("Birch Forum"), title="Theirs to find")
    make_news(organisation, title="Ours to find")
    form = client.get(reverse("wagtailadmin_pages:edit", args=[organisation.pk])).content.decode()
    assert f"below:{organisation.pk}" in form
    asked = {"page_type": "cms.newspage", "user_perms": f"below:{organisation.pk}"}
    top = client.get(reverse("wagtailadmin_choose_page_child", args=[home_page().pk]), asked).json()["html"]
    found = client.get(reverse("wagtailadmin_choose_page_search"), asked | {"q": "find"}).content.decode()
    assert ("Aspen Watch" in top, "Birch Forum" in top) == (True, False)
    assert ("Ours to find" in found, "Theirs to find" in found) == (True, False)


def test_an_editors_chooser_opens_at_their_organisation(organisation: OrganisationPage) -> None:
    """And not at the top of the whole site, three steps above. Another's page it opens for nobody."""
    make_news(organisation, title="Ours to find")
    other = make_organisation("Birch Forum", live=False)
    client = _client(make_editor(organisation))

    def opened(page: Page) -> str:
        asked = {"page_type": "cms.newspage", "user_perms": f"below:{page.pk}"}
        return str(client.get(reverse("wagtailadmin_choose_page"), asked).json()["html"])

    assert "Ours to find" in opened(organisation)
    assert "Birch Forum" not in opened(other)


@pytest.mark.parametrize("asked", ["below:", "below:x", "below:999999", f"below:{'9' * 40}", "below:-1"])
def test_a_chooser_that_is_asked_for_nonsense_still_answers(organisation: OrganisationPage, asked: str) -> None:
    answer = _client(make_editor(organisation)).get(
        reverse("wagtailadmin_choose_page_child", args=[home_page().pk]), {"user_perms": asked}
    )
    assert answer.status_code == 200
