"""What an organisation chooses for its profile reaches the document that other servers read, and an upgrade of this
program tells nobody anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Site

from cms.models import OrganisationPage, SiteSettings
from federation.actors.document import fingerprint
from federation.actors.local import ensure_publisher, find_by_key, get_instance_actor
from federation.conf import source
from federation.models import Activity, Follower, Wake
from federation.outbox import reconcile
from tests.factories.cms_pages import make_organisation, publish
from tests.factories.inbound import remote_actor
from tests.factories.publications import TOLD, make_publisher
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
NEWS = {"discoverable": False, "indexable": False, "author_hosts": ("blog.example.org",)}


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> OrganisationPage:
    page = make_organisation("Solidar", handle="solidar")
    _look()
    return page


def _look() -> None:
    while reconcile.drain(TOLD):
        pass


def _document(key: str) -> dict[str, Any]:
    actor = find_by_key(key)
    assert actor is not None
    found: dict[str, Any] = json.loads(bytes(actor.document))
    return found


def test_a_profile_that_chose_nothing_looks_to_an_upgrade_as_it_did() -> None:
    """The fingerprints that the first version made of these two. Fails if a field that is new counts while it says
    nothing: every profile would be told to all followers after an upgrade."""
    assert fingerprint(make_publisher()) == "eac398c16e09300c56504230d31148a48359fb1bba7982cd0d7634a1"
    bare = make_publisher(avatar=None, header=None, fields=(), summary="")
    assert fingerprint(bare) == "99203911dc229781837be48f196b2b656c8789727f76084c42e21c2a"


@pytest.mark.parametrize("choice", NEWS)
def test_each_choice_is_news(choice: str) -> None:
    """Fails if the fingerprint leaves a choice out altogether."""
    assert fingerprint(make_publisher(**{choice: NEWS[choice]})) != fingerprint(make_publisher())


def test_unless_somebody_chooses_a_profile_may_be_found(organisation: OrganisationPage) -> None:
    shown = _document(organisation.publisher_key)
    assert (shown["discoverable"], shown["indexable"]) == (True, True)
    assert shown["attributionDomains"] == ["hub.example"]


def test_what_an_organisation_chose_is_told_to_its_followers(organisation: OrganisationPage) -> None:
    Follower.objects.create(actor=find_by_key(organisation.publisher_key), remote=remote_actor())
    publish(organisation, discoverable=False, indexable=False, author_hosts="blog.example.org\nhub.example")
    _look()
    told = json.loads(bytes(Activity.objects.get(kind="Update").body))["object"]
    assert (told["discoverable"], told["indexable"]) == (False, False)
    assert told["attributionDomains"] == ["hub.example", "blog.example.org"]


def test_the_site_chooses_too() -> None:
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.discoverable, settings.author_hosts = False, "elsewhere.example"
    settings.save()
    Wake.objects.create(key="site")
    _look()
    shown = _document("site")
    assert (shown["discoverable"], shown["indexable"]) == (False, True)
    assert shown["attributionDomains"] == ["hub.example", "elsewhere.example"]


def test_the_instance_actor_is_never_recommended() -> None:
    shown = json.loads(bytes(get_instance_actor().document))
    assert (shown["discoverable"], shown["indexable"]) == (False, False)


def test_hosts_are_kept_as_servers_compare_them(organisation: OrganisationPage) -> None:
    organisation.author_hosts = "https://Blog.Example.org/about, blog.example.org"
    organisation.full_clean()
    assert organisation.author_hosts == "blog.example.org"


def test_what_is_no_host_is_refused_with_a_sentence(organisation: OrganisationPage) -> None:
    organisation.author_hosts = "localhost"
    with pytest.raises(ValidationError, match="is not the name of a host"):
        organisation.full_clean()


def test_no_more_hosts_than_other_servers_read(organisation: OrganisationPage) -> None:
    """Ours and 99 others make a hundred. Fails if one that was accepted in the form is missing in the document."""
    organisation.author_hosts = "\n".join(f"h{number}.example" for number in range(99))
    organisation.full_clean()
    publish(organisation)
    _look()
    assert _document(organisation.publisher_key)["attributionDomains"][-1] == "h98.example"
    organisation.author_hosts += "\nh99.example"
    with pytest.raises(ValidationError, match="At most 99 hosts"):
        organisation.full_clean()


def test_a_version_from_before_the_choice_publishes_as_it_was(organisation: OrganisationPage) -> None:
    """Revisions are kept as JSON; those from before an upgrade do not name the new fields."""
    revision = organisation.save_revision()
    for name in NEWS:
        del revision.content[name]
    revision.save()
    revision.refresh_from_db()
    revision.publish()
    publisher = source().publisher(organisation.publisher_key)
    assert publisher is not None
    assert (publisher.discoverable, publisher.indexable, publisher.author_hosts) == (True, True, ())
    assert ensure_publisher(publisher, TOLD)[1] is False
