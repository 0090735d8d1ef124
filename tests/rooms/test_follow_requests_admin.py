"""“Followers to approve” in the admin, and what else an editor does about followers: each only about their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Site

from cms.models import OrganisationPage, SiteSettings
from federation.actors.local import find_by_key
from federation.admin import bulk
from federation.conf import source
from federation.contract import Admission
from federation.models import Activity, Delivery, Follower, FollowRequest, LocalActor, RemoteActor, Wake
from federation.outbox import reconcile
from federation.outbox.followers import answer_requests
from tests.factories.cms_pages import home_page, make_organisation, make_private, publish
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.inbound import remote_actor, said
from tests.factories.outbox import NOW
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def mine() -> OrganisationPage:
    return _organisation("Aspen Watch", "alpha")


@pytest.fixture
def theirs() -> OrganisationPage:
    return _organisation("Birch Forum", "omega")


def _organisation(title: str, reader: str) -> OrganisationPage:
    """One that approves followers, with two who wait and one who follows, all called by ``reader``."""
    page = make_organisation(title, approves_followers=True)
    while reconcile.drain(NOW):
        pass
    actor = _actor(page)
    for number, model in enumerate((FollowRequest, FollowRequest, Follower)):
        uri = f"https://{reader}.example/users/{number}"
        remote = remote_actor(uri, handle=f"{number}@{reader}.example", name=f"{HOSTILE} {reader}")
        follow = said("Follow", actor.uri, actor=uri)
        model.objects.create(actor=actor, remote=remote, follow=follow, follow_uri=follow["id"])
    return page


def _actor(page: OrganisationPage) -> LocalActor:
    found = find_by_key(page.publisher_key)
    assert found is not None
    return found


def _as(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def _bulk(model: str, action: str, *numbers: Any) -> str:
    query = "&".join(f"id={number}" for number in numbers)
    return f"{reverse('wagtail_bulk_action', args=['federation', model, action])}?{query}&next=/admin/"


def _requests(page: OrganisationPage) -> list[int]:
    return list(_actor(page).follow_requests.order_by("pk").values_list("pk", flat=True))


def _decisions(page: OrganisationPage) -> list[str]:
    return list(_actor(page).follow_requests.order_by("pk").values_list("decision", flat=True))


def _work() -> None:
    answer_requests(NOW, seconds=60)


def test_an_editor_sees_who_waits_for_their_organisation_only(mine: OrganisationPage, theirs: OrganisationPage) -> None:
    text = _as(make_editor(mine)).get(reverse("follow_requests:index")).content.decode()
    assert ("@0@alpha.example" in text, "@1@alpha.example" in text) == (True, True)
    assert "omega" not in text
    assert "@2@alpha.example" not in text, "who follows does not wait"
    assert HOSTILE not in text


def test_an_administrator_sees_all_who_wait(mine: OrganisationPage, theirs: OrganisationPage) -> None:
    text = _as(make_admin()).get(reverse("follow_requests:index")).content.decode()
    assert "@0@alpha.example" in text
    assert "@0@omega.example" in text


def test_who_is_decided_about_or_blocked_is_not_listed(mine: OrganisationPage) -> None:
    FollowRequest.objects.filter(pk=_requests(mine)[0]).update(decision="approved")
    RemoteActor.objects.filter(handle="1@alpha.example").update(blocked=True)
    text = _as(make_editor(mine)).get(reverse("follow_requests:index")).content.decode()
    assert "alpha.example" not in text


def test_the_list_costs_the_same_however_long_it_is(mine: OrganisationPage, django_assert_max_num_queries: Any) -> None:
    client, actor = _as(make_editor(mine)), _actor(mine)
    for number in range(40):
        remote = remote_actor(f"https://many.example/users/{number}")
        FollowRequest.objects.create(actor=actor, remote=remote)
    with django_assert_max_num_queries(44):
        client.get(reverse("follow_requests:index"))


def test_an_editor_approves_and_a_worker_tells_them(mine: OrganisationPage) -> None:
    """Fails if the request itself sends, or the answer never goes out."""
    client, (one, two) = _as(make_editor(mine)), _requests(mine)
    shown = client.get(_bulk("followrequest", "approve", one)).content.decode()
    assert ("@0@alpha.example" in shown, "@1@alpha.example" in shown, HOSTILE in shown) == (True, False, False)
    assert _decisions(mine) == ["none", "none"], "asking changes nothing"
    assert client.post(_bulk("followrequest", "approve", one))["Location"] == "/admin/"
    assert _decisions(mine) == ["approved", "none"]
    assert not Activity.objects.filter(kind="Accept").exists()
    _work()
    assert _requests(mine) == [two]
    assert Follower.objects.filter(remote__handle="0@alpha.example").exists()
    assert Delivery.objects.get(activity__kind="Accept").inbox == "https://alpha.example/users/0/inbox"


def test_an_editor_refuses_all_who_wait(mine: OrganisationPage, theirs: OrganisationPage) -> None:
    """Fails if “all” means everybody's."""
    _as(make_editor(mine)).post(_bulk("followrequest", "refuse", "all"))
    assert (_decisions(mine), _decisions(theirs)) == (["refused", "refused"], ["none", "none"])


def test_an_editor_removes_a_follower(mine: OrganisationPage) -> None:
    number = Follower.objects.get().pk
    _as(make_editor(mine)).post(_bulk("follower", "remove", number))
    assert not Follower.objects.exists()
    _work()
    assert Delivery.objects.get(activity__kind="Reject").inbox == "https://alpha.example/users/2/inbox"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("model", "action"), [("followrequest", "approve"), ("followrequest", "refuse"), ("follower", "remove")]
)
def test_others_numbers_lead_nowhere(
    mine: OrganisationPage, theirs: OrganisationPage, method: str, model: str, action: str
) -> None:
    """Neither to a name nor to a change. Fails if the rows are found by their numbers alone."""
    numbers = [*_requests(theirs), *_actor(theirs).followers.values_list("pk", flat=True)]
    answer = getattr(_as(make_editor(mine)), method)(_bulk(model, action, *numbers, "x", "9" * 30))
    if answer.status_code == 200:  # a number may be one of ours in the other table
        assert "omega" not in answer.content.decode()
    assert _decisions(theirs) == ["none", "none"]
    assert _actor(theirs).followers.count() == 1


def test_a_list_of_numbers_that_are_none_of_ones_own_is_not_found(
    mine: OrganisationPage, theirs: OrganisationPage
) -> None:
    answer = _as(make_editor(mine)).get(_bulk("followrequest", "approve", *_requests(theirs)))
    assert answer.status_code == 404


def test_what_was_decided_a_moment_ago_is_not_decided_again(mine: OrganisationPage) -> None:
    """Two editors at once. Fails if the second overrules the first."""
    client, numbers = _as(make_editor(mine)), _requests(mine)
    FollowRequest.objects.filter(pk=numbers[0]).update(decision="refused")
    client.post(_bulk("followrequest", "approve", *numbers))
    assert _decisions(mine) == ["refused", "approved"]


def test_of_very_many_only_some_are_shown_before_one_decides(
    mine: OrganisationPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_SHOWN", 1)
    shown = _as(make_editor(mine)).get(_bulk("followrequest", "approve", "all")).content.decode()
    assert "and 1 more" in shown


@pytest.mark.parametrize("asked", ["actor={actor}", "q=0@omega"])
def test_all_in_the_list_are_those_that_its_filters_left(
    mine: OrganisationPage, theirs: OrganisationPage, asked: str
) -> None:
    """Fails if “all” means everybody whom the user may see: one click would remove the followers of all partners."""
    asked = asked.format(actor=_actor(theirs).pk)
    _as(make_admin()).post(f"{_bulk('followrequest', 'refuse', 'all')}&{asked}")
    refused = FollowRequest.objects.filter(decision="refused").values_list("actor", flat=True)
    assert set(refused) == {_actor(theirs).pk}
    assert "refused" not in _decisions(mine)


def test_a_filter_that_cannot_be_read_chooses_nobody(mine: OrganisationPage) -> None:
    answer = _as(make_admin()).post(f"{_bulk('follower', 'remove', 'all')}&actor=nobody")
    assert (answer.status_code, _actor(mine).followers.count()) == (404, 1)


def test_deciding_costs_the_same_however_many_they_are(
    mine: OrganisationPage, django_assert_max_num_queries: Any
) -> None:
    client, actor = _as(make_editor(mine)), _actor(mine)
    for number in range(60):
        FollowRequest.objects.create(actor=actor, remote=remote_actor(f"https://many.example/users/{number}"))
    with django_assert_max_num_queries(44):
        client.post(_bulk("followrequest", "approve", "all"))
    assert set(_decisions(mine)) == {"approved"}


def test_removing_costs_the_same_however_many_they_are(
    mine: OrganisationPage, django_assert_max_num_queries: Any
) -> None:
    client, actor = _as(make_editor(mine)), _actor(mine)
    for number in range(60):
        Follower.objects.create(actor=actor, remote=remote_actor(f"https://many.example/users/{number}"))
    with django_assert_max_num_queries(44):
        client.post(_bulk("follower", "remove", "all"))
    assert not actor.followers.exists()


# What the site says about who may follow.


def test_an_organisation_lets_everybody_in_until_it_says_otherwise() -> None:
    page = make_organisation()
    assert source().admission(page.publisher_key) == Admission()
    publish(page, approves_followers=True, welcome_hosts="https://Partner.example/\nsocial.example")
    assert source().admission(page.publisher_key) == Admission(True, frozenset({"partner.example", "social.example"}))


def test_a_hidden_organisation_still_approves_its_followers(mine: OrganisationPage) -> None:
    """Fails if only a public page is asked: whoever comes while it is hidden would be let in."""
    make_private(mine)
    assert source().publisher(mine.publisher_key) is None
    assert source().admission(mine.publisher_key).by_hand


def test_a_draft_changes_nothing_about_who_may_follow(mine: OrganisationPage) -> None:
    page = OrganisationPage.objects.get(pk=mine.pk)
    page.approves_followers = False
    page.save_revision()
    assert source().admission(mine.publisher_key).by_hand


def test_the_version_that_makes_the_profile_decides(mine: OrganisationPage) -> None:
    german = Locale.objects.create(language_code="de")
    home_page().copy_for_translation(german)
    version = mine.copy_for_translation(german, alias=False)
    version.approves_followers = False
    publish(version)
    assert source().admission(mine.publisher_key).by_hand
    mine.unpublish()
    assert not source().admission(mine.publisher_key).by_hand


def test_the_site_approves_its_followers_too() -> None:
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.approves_followers, settings.welcome_hosts = True, "partner.example"
    settings.save()
    assert source().admission("site") == Admission(True, frozenset({"partner.example"}))


def test_who_is_unknown_lets_everybody_in() -> None:
    """They will hear that the profile is gone."""
    assert source().admission("organisation:6f1c0b0e-0000-4000-8000-000000000001") == Admission()


def test_turning_it_off_in_the_editor_lets_those_in_who_wait(mine: OrganisationPage) -> None:
    """The whole way: page, wake, profile, answer."""
    publish(OrganisationPage.objects.get(pk=mine.pk), approves_followers=False)
    Wake.objects.create(key=f"page:{mine.pk}")
    while reconcile.drain(NOW):
        pass
    _work()
    assert Follower.objects.filter(actor__key=mine.publisher_key).count() == 3
    assert Activity.objects.filter(kind="Accept").count() == 2


def test_what_is_no_server_is_refused_with_a_sentence(mine: OrganisationPage) -> None:
    mine.welcome_hosts = "@ana@partner.example"
    with pytest.raises(ValidationError, match="is not the name of a host"):
        mine.full_clean()
