"""A partner leaves and comes back: people lose their access, nothing is lost, and other servers hear only what changed
for readers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Page, PageLogEntry

from cms.models import CustomDocument, Departure, Invitation, NewsPage, OrganisationPage, User
from cms.partners import publishers_editable_by
from cms.partnership.invitations import PartnerAway, invite
from cms.partnership.leaving import come_back, consequences, leave
from cms.scheduling import run_due_pages
from federation.actors.local import find_by_key
from federation.models import Delivery, PublishedObject
from federation.outbox import reconcile
from tests.factories.admin_clients import signed_in
from tests.factories.cms_media import make_document
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_section, publish
from tests.factories.cms_people import make_admin, make_coordinator, make_editor
from tests.factories.outbox import follow
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> OrganisationPage:
    return make_organisation("Aspen Watch")


@pytest.fixture
def editor(partner: OrganisationPage) -> User:
    return make_editor(partner)


def leaves(partner: OrganisationPage, *, hide: bool = False) -> Departure:
    return leave(partner, make_admin(), timezone.now(), hide=hide)


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def person(user: User) -> User:
    """Without what it remembers of its rights."""
    return User.objects.get(pk=user.pk)


def due(page: NewsPage) -> NewsPage:
    """Scheduled, and its time has come while nobody looked."""
    page.go_live_at = timezone.now() - timedelta(minutes=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    return page


# People


def test_its_people_lose_their_access_at_once(partner: OrganisationPage, editor: User) -> None:
    client = signed_in(editor)
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
    leaves(partner)
    assert client.get(reverse("wagtailadmin_home")).status_code == 302
    assert client.get(reverse("wagtailadmin_pages:edit", args=[partner.pk])).status_code == 302
    assert publishers_editable_by(person(editor)) == set()


def test_who_works_for_two_partners_keeps_the_other(partner: OrganisationPage, editor: User) -> None:
    other = make_organisation()
    editor.groups.add(other.editors)
    leaves(partner)
    assert publishers_editable_by(person(editor)) == {other.publisher_key}


def test_invitations_are_withdrawn_and_no_new_ones_made(partner: OrganisationPage, editor: User) -> None:
    issued = invite(partner, ["ana@partner.example"], editor, timezone.now())[0]
    leaves(partner)
    assert Invitation.objects.get().withdrawn_at
    assert Client().get(reverse("cms_invitation", args=[issued.secret])).status_code == 410
    with pytest.raises(PartnerAway):
        invite(partner, ["ben@partner.example"], editor, timezone.now())


def test_somebody_put_into_the_group_by_hand_may_nothing(partner: OrganisationPage, editor: User) -> None:
    """Fails if only the group is emptied."""
    leaves(partner)
    editor.groups.add(partner.editors)
    assert not person(editor).has_perm("wagtailadmin.access_admin")
    assert not partner.permissions_for_user(person(editor)).can_edit()


@pytest.mark.parametrize("hide", [False, True])
def test_saving_its_page_gives_nothing_back(partner: OrganisationPage, editor: User, hide: bool) -> None:
    """Fails if ``grant`` does not ask whether the partner has left: unpublishing saves the page, too."""
    leaves(partner, hide=hide)
    publish(fresh(partner), summary="Changed by a coordinator")
    assert not GroupPagePermission.objects.filter(group=partner.editors).exists()
    assert not GroupCollectionPermission.objects.filter(group=partner.editors).exists()


def test_a_right_that_somebody_gave_by_hand_stays(partner: OrganisationPage) -> None:
    other = make_section(make_organisation())
    right = GroupPagePermission.objects.filter(group=partner.editors).first()
    assert right
    GroupPagePermission.objects.create(group=partner.editors, page=other, permission=right.permission)
    leaves(partner)
    assert list(GroupPagePermission.objects.filter(group=partner.editors).values_list("page", flat=True)) == [other.pk]


# Pages and files


def test_nothing_is_deleted(partner: OrganisationPage) -> None:
    make_news(make_section(partner))
    make_document(collection=partner.collection)
    models = (Page, CustomDocument, Collection, User)
    before = [model.objects.count() for model in models]
    leave(partner, User.objects.first(), timezone.now(), hide=True)
    assert [model.objects.count() for model in models] == before
    assert fresh(partner).editors == partner.editors


def test_what_was_scheduled_does_not_go_out_any_more(partner: OrganisationPage) -> None:
    """Fails if schedules stay: a post would appear in the name of somebody who has left."""
    page = due(make_news(partner, live=False))
    assert consequences(partner).scheduled == 1
    leaves(partner)
    run_due_pages(timezone.now())
    assert not fresh(page).live


def test_others_schedules_stay(partner: OrganisationPage) -> None:
    other = due(make_news(live=False))
    leaves(partner)
    run_due_pages(timezone.now())
    assert fresh(other).live


def test_unpublishing_hides_it_in_every_language(partner: OrganisationPage) -> None:
    german = Locale.objects.create(language_code="de")
    home_page().copy_for_translation(german).save_revision().publish()
    publish(partner.copy_for_translation(german).specific)
    leaves(partner, hide=True)
    assert not OrganisationPage.objects.filter(translation_key=partner.translation_key, live=True).exists()


# What other servers hear


@pytest.fixture
def told(partner: OrganisationPage, monkeypatch: pytest.MonkeyPatch) -> NewsPage:
    """A page of the partner that is out, with a follower elsewhere, and nothing more to be said."""
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    settle()
    actor = find_by_key(partner.publisher_key)
    assert actor
    follow(actor, "https://peer.example/users/fan")
    page = make_news(make_section(partner), share=True)
    settle()
    assert said() == ["Create"]
    return page


def settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


def said() -> list[str]:
    """In the order in which it was stored: a machine's clock may step back."""
    return list(Delivery.objects.order_by("pk").values_list("activity__kind", flat=True))


def test_nothing_is_sent_when_the_pages_stay(partner: OrganisationPage, told: NewsPage) -> None:
    """Fails if leaving saves the page or touches its collection."""
    before = Delivery.objects.count()
    leaves(partner)
    settle()
    assert (said(), Delivery.objects.count()) == (["Create"], before)


def test_withdrawals_and_nothing_else_are_sent_when_it_is_unpublished(
    partner: OrganisationPage, told: NewsPage
) -> None:
    leaves(partner, hide=True)
    settle()
    assert said() == ["Create", "Delete"]
    assert PublishedObject.objects.get().withdrawn_at


@pytest.mark.parametrize("hide", [False, True])
def test_its_profile_goes_on_answering(partner: OrganisationPage, told: NewsPage, hide: bool) -> None:
    """AC-13: a profile that once says 410 is gone for ever everywhere."""
    leaves(partner, hide=hide)
    settle()
    actor = find_by_key(partner.publisher_key)
    assert actor
    path = actor.uri.removeprefix("https://hub.example")
    answer = Client().get(path, headers={"accept": "application/activity+json", "host": "hub.example"})
    assert (answer.status_code, actor.deleted_at, actor.followers.count()) == (200, None, 1)


def test_after_coming_back_the_page_is_a_new_post_of_the_same_profile(
    partner: OrganisationPage, told: NewsPage
) -> None:
    leaves(partner, hide=True)
    settle()
    come_back(partner, [], make_admin(), timezone.now())
    settle()
    assert said() == ["Create", "Delete"]
    publish(fresh(partner))
    settle()
    assert said() == ["Create", "Delete", "Create"]
    assert len({entry.actor_id for entry in PublishedObject.objects.all()}) == 1


# Coming back


def test_coming_back_restores_group_and_collection(partner: OrganisationPage, editor: User) -> None:
    before = _rights(partner)
    leaves(partner)
    assert _rights(partner) == (set(), set(), set())
    assert come_back(partner, [editor], make_admin(), timezone.now())
    assert _rights(partner) == before
    assert partner.permissions_for_user(person(editor)).can_publish()


def test_only_former_editors_come_back(partner: OrganisationPage, editor: User) -> None:
    stranger = make_editor(make_organisation())
    leaves(partner)
    come_back(partner, [stranger], make_admin(), timezone.now())
    assert not partner.editors.user_set.exists()


def test_leaving_or_coming_back_twice_changes_nothing_more(partner: OrganisationPage, editor: User) -> None:
    first, second = leaves(partner), leaves(partner)
    assert (first, list(second.members.all())) == (second, [editor])
    assert come_back(partner, [editor], make_admin(), timezone.now())
    assert not come_back(partner, [], make_admin(), timezone.now())
    assert leaves(partner) != first


# In the admin


def test_what_it_does_is_said_before(partner: OrganisationPage, editor: User, told: NewsPage) -> None:
    invite(partner, ["ana@partner.example"], editor, timezone.now())
    found = consequences(partner)
    assert (found.people, found.invitations, found.pages, found.shared, found.scheduled) == (1, 1, 3, 1, 0)
    text = signed_in(make_coordinator()).get(reverse("partners:leave", args=[partner.pk])).content.decode()
    assert "1 post is removed from Mastodon and others" in text


@pytest.mark.parametrize(("content", "live"), [("stay", True), ("hide", False)])
def test_a_coordinator_says_what_becomes_of_the_page(partner: OrganisationPage, content: str, live: bool) -> None:
    client = signed_in(make_coordinator())
    client.post(reverse("partners:leave", args=[partner.pk]), {"content": content})
    assert fresh(partner).live is live
    assert "left" in client.get(reverse("partners:page", args=[partner.pk])).content.decode()
    assert "left" in client.get(reverse("partners:index")).content.decode()
    assert PageLogEntry.objects.filter(page=partner.pk, action="cms.partner.leave").exists()


def test_without_a_choice_nothing_happens(partner: OrganisationPage) -> None:
    signed_in(make_coordinator()).post(reverse("partners:leave", args=[partner.pk]), {})
    assert not Departure.objects.exists()


def test_a_coordinator_lets_it_come_back(partner: OrganisationPage, editor: User) -> None:
    leaves(partner)
    client = signed_in(make_coordinator())
    address = reverse("partners:return", args=[partner.pk])
    assert editor.get_username() in client.get(address).content.decode()
    client.post(address, {"people": [editor.pk]})
    assert list(partner.editors.user_set.all()) == [editor]


@pytest.mark.parametrize("name", ["leave", "return"])
def test_its_own_editors_cannot(partner: OrganisationPage, editor: User, name: str) -> None:
    client = signed_in(editor)
    address = reverse(f"partners:{name}", args=[partner.pk])
    assert (client.get(address).status_code, client.post(address, {"content": "hide"}).status_code) == (404, 404)
    assert not Departure.objects.exists()


def _rights(partner: OrganisationPage) -> tuple[set[Any], set[Any], set[Any]]:
    pages = GroupPagePermission.objects.filter(group=partner.editors).values_list("page", "permission__codename")
    files = GroupCollectionPermission.objects.filter(group=partner.editors).values_list("permission__codename")
    return set(pages), set(files), set(partner.editors.permissions.values_list("codename"))
