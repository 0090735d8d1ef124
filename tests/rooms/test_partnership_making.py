"""One form makes a partner."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, GroupPagePermission, PageLogEntry

from cms.models import HandleClaim, OrganisationPage, User
from cms.partnership.invitations import invite
from cms.partnership.leaving import leave
from cms.partnership.who import is_coordinator, partners_of
from tests.factories.admin_clients import signed_in
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import home_page, make_organisation
from tests.factories.cms_people import make_admin, make_coordinator, make_editor, make_user

pytestmark = pytest.mark.django_db


def answers(**changes: Any) -> dict[str, Any]:
    """A form as it is sent."""
    return {
        "title": "Civic Resilience Initiative",
        "kind": "cso",
        "country": "LT",
        "languages": "lt, en",
        "summary": "Works for open societies.",
        "logo": "",
        "handle": "",
        "share_by_default": "on",
        "start": "live",
        "emails": "",
    } | changes


def send(user: User, **changes: Any) -> Any:
    return signed_in(user).post(reverse("partners:new"), answers(**changes))


def made(title: str = "Civic Resilience Initiative") -> OrganisationPage:
    return OrganisationPage.objects.get(title=title)


def test_the_form_makes_page_group_collection_and_handle() -> None:
    assert send(make_coordinator()).status_code == 302
    page = made()
    assert (page.live, page.country, page.languages, page.share_by_default) == (True, "LT", "lt, en", True)
    assert (page.editors.name, page.collection.name) == (page.title, page.title)
    assert HandleClaim.objects.get(publisher=page.publisher_key).handle == "civic_resilience_initiative"


def test_a_draft_is_seen_by_nobody_yet() -> None:
    send(make_coordinator(), start="draft")
    page = made()
    assert (page.live, page.first_published_at, page.editors is None) == (False, None, False)


def test_the_handle_that_was_typed_is_taken() -> None:
    send(make_coordinator(), handle="resilience")
    assert made().handle == "resilience"


@pytest.mark.parametrize("handle", ["Not A Handle", "admin", "taken"])
def test_a_handle_that_cannot_be_taken_is_said_at_the_field(handle: str) -> None:
    make_organisation(handle="taken")
    response = send(make_coordinator(), handle=handle)
    assert response.status_code == 200
    assert response.context["form"].errors["handle"]
    assert not OrganisationPage.objects.filter(country="LT").exists()


def test_a_name_that_exists_already_gets_an_address_of_its_own() -> None:
    first = make_organisation("Civic Resilience Initiative")
    assert send(make_coordinator()).status_code == 302
    assert OrganisationPage.objects.exclude(pk=first.pk).get(title=first.title).slug != first.slug


def test_a_failure_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the transaction: the draft would stay when publishing breaks."""

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("wagtail.models.Revision.publish", breaks)
    user = make_coordinator()
    before = Group.objects.count(), Collection.objects.count(), OrganisationPage.objects.count()
    with pytest.raises(RuntimeError):
        send(user)
    assert (Group.objects.count(), Collection.objects.count(), OrganisationPage.objects.count()) == before


def test_the_logo_is_one_that_the_coordinator_may_choose() -> None:
    """Fails if the field takes any image: a number sent by hand would publish somebody else's."""
    other = make_organisation()
    hidden = make_image(collection=other.collection)
    response = send(make_coordinator(), logo=str(hidden.pk))
    assert "logo" in response.context["form"].errors


def test_it_is_logged_who_made_it() -> None:
    user = make_coordinator()
    send(user)
    actions = PageLogEntry.objects.filter(page=made().pk, user=user).values_list("action", flat=True)
    assert {"wagtail.create", "wagtail.publish"} <= set(actions)


def test_the_form_is_for_those_who_may_add_and_publish_under_the_front_page() -> None:
    organisation = make_organisation()
    strangers = [make_editor(organisation), _with("add_page"), make_user()]
    assert [is_coordinator(user) for user in strangers] == [False] * 3
    assert [is_coordinator(user) for user in (make_coordinator(), make_admin())] == [True, True]
    assert signed_in(strangers[0]).get(reverse("partners:new")).status_code == 404
    assert send(strangers[1]).status_code == 404


def test_only_coordinators_have_it_in_their_menu() -> None:
    found = [
        reverse("partners:index") in signed_in(user).get(reverse("wagtailadmin_home")).content.decode()
        for user in (make_coordinator(), make_user())
    ]
    assert found == [True, False]


def test_the_handle_is_checked_while_it_is_typed() -> None:
    make_organisation(handle="taken")
    client = signed_in(make_coordinator())
    asked = [{"name": "Агенција за развој"}, {"handle": "taken"}, {"handle": "free_one"}]
    found = [client.get(reverse("partners:handle"), query).json() for query in asked]
    assert [answer["handle"] for answer in found] == ["agentsija_za_razvoj", "taken", "free_one"]
    assert [bool(answer["problem"]) for answer in found] == [False, True, False]


def test_nobody_else_may_ask_which_handles_are_taken() -> None:
    client = signed_in(make_editor(make_organisation()))
    assert client.get(reverse("partners:handle"), {"handle": "x"}).status_code == 404


def test_an_editor_sees_the_own_organisation_only() -> None:
    mine, _theirs = make_organisation("Mine"), make_organisation("Theirs")
    assert list(partners_of(make_editor(mine))) == [mine]


def test_the_list_counts_editors_and_says_the_state() -> None:
    page = make_organisation("Shown partner")
    make_editor(page)
    make_organisation("Prepared partner", live=False)
    text = signed_in(make_admin()).get(reverse("partners:index")).content.decode()
    assert ("Shown partner" in text, "public" in text, "draft" in text) == (True, True, True)


def test_the_list_leads_to_what_can_be_done_with_a_partner() -> None:
    page, away = make_organisation(), make_organisation()
    leave(away, make_admin(), timezone.now(), hide=False)
    text = signed_in(make_coordinator()).get(reverse("partners:index")).content.decode()
    links = [("invite", page), ("leave", page), ("return", page), ("invite", away), ("leave", away), ("return", away)]
    shown = [f'href="{reverse(f"partners:{name}", args=[of.pk])}"' in text for name, of in links]
    assert shown == [True, True, False, False, False, True]


def test_an_organisation_with_invitations_can_be_deleted() -> None:
    page = make_organisation()
    invite(page, ["ana@partner.example"], make_admin(), timezone.now())
    page.delete()
    assert not OrganisationPage.objects.filter(pk=page.pk).exists()


def test_the_list_costs_the_same_however_long_it_is(django_assert_max_num_queries: Any) -> None:
    """Fails if a row asks the database for itself."""
    client = signed_in(make_admin())
    make_organisation()
    client.get(reverse("partners:index"))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse("partners:index"))
    for _ in range(5):
        make_editor(make_organisation())
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("partners:index"))


def test_a_partner_has_a_page_with_its_people() -> None:
    page = make_organisation("Shown partner")
    editor = make_editor(page)
    address = reverse("partners:page", args=[page.pk])
    assert editor.get_username() in signed_in(make_admin()).get(address).content.decode()
    assert signed_in(editor).get(address).status_code == 200
    assert signed_in(make_editor(make_organisation())).get(address).status_code == 404


def _with(*permissions: str) -> User:
    """Somebody with these rights at the front page."""
    user, group = make_user(), Group.objects.create(name="-".join(permissions))
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for name in permissions:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=name)
        GroupPagePermission.objects.create(group=group, page=home_page(), permission=permission)
    user.groups.add(group)
    return user
