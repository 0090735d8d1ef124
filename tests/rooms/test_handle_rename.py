"""A handle is changed by administrators alone, and the old one leads to the same organisation for ever."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from cms.models import OrganisationPage
from federation.actors.local import find_by_key
from federation.models import Activity, Follower, LocalActor
from federation.outbox import reconcile
from tests.factories.cms_pages import make_organisation
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.inbound import remote_actor
from tests.factories.outbox import NOW
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
READ_ONLY = "Administrators can change it."


@pytest.fixture
def organisation(monkeypatch: pytest.MonkeyPatch) -> OrganisationPage:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    page = make_organisation("Aspen Watch", handle="aspen")
    page.save_revision().publish()
    _look()
    return OrganisationPage.objects.get(pk=page.pk)


def _look() -> None:
    while reconcile.drain(NOW):
        pass


def _as(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def _post(client: Client, page: OrganisationPage, address: str = "", **changes: Any) -> str:
    rows = ("profile_fields", "pinned_pages", "comments")
    fields = {
        "title": page.title,
        "slug": page.slug,
        "kind": "cso",
        "handle": page.handle,
        "default_form": "article",
        "discoverable": "on",
        "indexable": "on",
        "share_by_default": "on",
        "summary": page.summary,
        "country": page.country,
        "body": streamfield([]),
        "action-publish": "1",
    }
    data = nested_form_data(fields | {name: inline_formset([]) for name in rows} | changes)
    address = address or reverse("wagtailadmin_pages:edit", args=[page.pk])
    return client.post(address, data, follow=True).content.decode()


def _handle(page: OrganisationPage) -> str:
    return OrganisationPage.objects.get(pk=page.pk).handle


def _actor(page: OrganisationPage) -> LocalActor:
    found = find_by_key(page.publisher_key)
    assert found is not None
    return found


def test_an_administrator_renames_and_both_names_lead_to_the_same_profile(organisation: OrganisationPage) -> None:
    """From the form to WebFinger. Fails if the former name is forgotten, or answers with itself as the name."""
    follower = Follower.objects.create(actor=_actor(organisation), remote=remote_actor())
    _post(_as(make_admin()), organisation, handle="aspen_watch")
    _look()
    actor = _actor(organisation)
    for name in ("aspen", "aspen_watch"):
        for written in ("acct:{}@hub.example", "acct:@{}@hub.example", "@{}@HUB.example", "acct%3A{}%40hub.example"):
            for spelled in (name, name.upper()):
                resource = quote(written.format(spelled), safe="")
                answer = Client().get(f"/.well-known/webfinger?resource={resource}")
                assert answer.status_code == 200, (written, spelled)
                found = answer.json()
                assert found["subject"] == "acct:aspen_watch@hub.example"
                (link,) = (link for link in found["links"] if link["rel"] == "self")
                assert link["href"] == actor.uri
    follower.refresh_from_db()
    told = json.loads(bytes(Activity.objects.get(kind="Update").body))["object"]
    assert (told["id"], told["preferredUsername"], told["webfinger"]) == (
        actor.uri,
        "aspen_watch",
        "aspen_watch@hub.example",
    )


def test_nobody_else_gets_the_former_name(organisation: OrganisationPage) -> None:
    admin = _as(make_admin())
    _post(admin, organisation, handle="aspen_watch")
    other = make_organisation("Birch Forum", handle="birch")
    text = _post(admin, other, handle="aspen")
    assert "belongs or belonged to somebody else" in text
    assert _handle(other) == "birch"


def test_the_organisation_may_return_to_its_former_name(organisation: OrganisationPage) -> None:
    admin = _as(make_admin())
    _post(admin, organisation, handle="aspen_watch")
    _post(admin, organisation, handle="aspen")
    assert _handle(organisation) == "aspen"


def test_an_editor_sees_the_handle_and_cannot_change_it(organisation: OrganisationPage) -> None:
    """Whatever is sent by hand; all else that was sent is kept. Fails if the field is only hidden in the browser."""
    client = _as(make_editor(organisation))
    assert READ_ONLY in client.get(reverse("wagtailadmin_pages:edit", args=[organisation.pk])).content.decode()
    _post(client, organisation, handle="taken_over", summary="We plant.")
    _look()
    fresh = OrganisationPage.objects.get(pk=organisation.pk)
    assert (fresh.handle, fresh.summary, _actor(organisation).handle) == ("aspen", "We plant.", "aspen")


def test_an_editor_who_goes_back_to_an_older_version_keeps_the_handle(organisation: OrganisationPage) -> None:
    """Fails if the older version's own handle is taken, which is in the form then."""
    older = organisation.latest_revision
    _post(_as(make_admin()), organisation, handle="aspen_watch")
    address = reverse("wagtailadmin_pages:revisions_revert", args=[organisation.pk, older.pk])
    client = _as(make_editor(organisation))
    assert client.get(address).status_code == 200
    _post(client, organisation, address, summary="We plant.")
    fresh = OrganisationPage.objects.get(pk=organisation.pk)
    assert (fresh.handle, fresh.summary) == ("aspen_watch", "We plant.")


def test_an_editor_publishes_the_handle_that_an_administrator_drafted(organisation: OrganisationPage) -> None:
    """Fails if the published handle replaces the draft's."""
    draft = OrganisationPage.objects.get(pk=organisation.pk)
    draft.handle = "aspen_watch"
    draft.save_revision(user=make_admin())
    _post(_as(make_editor(organisation)), organisation, handle="nonsense")
    assert _handle(organisation) == "aspen_watch"


@pytest.mark.parametrize("who", ["editor", "administrator"])
def test_whoever_opens_the_form_reads_what_a_new_handle_does(organisation: OrganisationPage, who: str) -> None:
    user = make_admin() if who == "administrator" else make_editor(organisation)
    text = _as(user).get(reverse("wagtailadmin_pages:edit", args=[organisation.pk])).content.decode()
    assert "The old one leads to you for ever" in text
    assert (READ_ONLY in text) is (who == "editor")


def test_who_makes_an_organisation_chooses_its_handle() -> None:
    home = make_organisation().get_parent()
    text = _as(make_admin()).get(reverse("wagtailadmin_pages:add", args=["cms", "organisationpage", home.pk]))
    assert READ_ONLY not in text.content.decode()
