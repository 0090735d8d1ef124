"""What an asker gets between a change on the site and the moment when the worker has looked, or a person has let it go:
never what is no longer public, although the world has not been told yet. On real pages, through the real addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction

from cms import publications
from cms.models import NewsPage, OrganisationPage
from federation.actors.local import find_by_key
from federation.models import Activity, PublishedObject, Wake
from federation.outbox import reconcile
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.inbound import remote_actor
from tests.factories.told import path_of

pytestmark = pytest.mark.django_db
AS2 = {"Accept": "application/activity+json"}


def settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation()


@pytest.fixture
def page(organisation: OrganisationPage) -> NewsPage:
    """Out, with a picture in a collection of its own."""
    collection = Collection.get_first_root_node().add_child(name="Pictures")
    made = make_news(organisation, share=True)
    publish(made, lead_image=make_image(collection=collection))
    settle()
    return made


def hide_the_picture(page: NewsPage) -> None:
    CollectionViewRestriction.objects.create(collection=page.lead_image.collection, restriction_type="login")


def everything_about(client: Client, page: NewsPage) -> dict[str, str]:
    """All addresses that say something of the page, with their answers."""
    told = PublishedObject.objects.select_related("actor").get(key=f"page:{page.pk}", withdrawn_at=None)
    paths = [path_of(told.uri), f"{path_of(told.actor.uri)}/outbox?page=first"]
    paths += [path_of(uri) for uri in Activity.objects.filter(object=told).values_list("uri", flat=True)]
    return {path: client.get(path, headers=AS2).content.decode() for path in paths}


def test_a_picture_that_became_private_is_named_nowhere_before_a_worker_has_looked(
    client: Client, page: NewsPage
) -> None:
    """Fails if the stored bytes are served while a wake waits."""
    assert any("/media/images/" in body for body in everything_about(client, page).values())
    hide_the_picture(page)
    assert Wake.objects.filter(key=f"page:{page.pk}").exists()
    for path, body in everything_about(client, page).items():
        assert "/media/images/" not in body, path
    assert json.loads(client.get(path_of(PublishedObject.objects.get().uri), headers=AS2).content)["name"] == page.title


def test_what_waits_for_a_person_is_not_served_as_it_was(client: Client, page: NewsPage, settings: Any) -> None:
    """More than fifty sends an hour wait; whoever asks meanwhile gets what is so now. Fails if the bytes wait too."""
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 0}
    hide_the_picture(page)
    publish(page, title="A mended title")
    settle()
    assert not Wake.objects.exists()
    assert [said.kind for said in Activity.objects.exclude(object=None)] == ["Create"], "nothing was told"
    told = PublishedObject.objects.get()
    body = client.get(path_of(told.uri), headers=AS2).content.decode()
    assert "A mended title" in body
    assert "/media/images/" not in body


def test_what_cannot_be_built_is_not_served_as_it_was(
    client: Client, page: NewsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(page: Any) -> None:
        raise RuntimeError("a mistake of ours")

    hide_the_picture(page)
    monkeypatch.setattr(publications, "as_publication", fails)
    response = client.get(path_of(PublishedObject.objects.get().uri), headers=AS2)
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_a_profile_without_a_public_page_names_no_picture(client: Client, organisation: OrganisationPage) -> None:
    """Nobody could say whether its logo became private meanwhile. When the page returns, so do the pictures; nobody is
    told of either."""
    publish(organisation, logo=make_image())
    settle()
    actor = find_by_key(organisation.publisher_key)
    actor.followers.create(remote=remote_actor())
    assert "icon" in client.get(path_of(actor.uri), headers=AS2).json()
    organisation.unpublish()
    settle()
    assert "icon" not in client.get(path_of(actor.uri), headers=AS2).json()
    publish(organisation)
    settle()
    assert "icon" in client.get(path_of(actor.uri), headers=AS2).json()
    assert not Activity.objects.filter(object=None, kind="Update").exists()
