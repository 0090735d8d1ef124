"""What the world is told about those who publish."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.actors.local import find_by_key
from federation.models import Activity, Delivery, LocalActor
from tests.factories.fake_source import FakeSource, installed
from tests.factories.outbox import NOW, ORG, body, follow, organisation, publish, said, wake
from tests.factories.publications import make_publisher

pytestmark = pytest.mark.django_db
PAGE = "page:3"
FAN = "https://peer.example/users/fan"


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    made = organisation()
    FakeSource.owners[PAGE] = ORG
    wake(PAGE)
    follow(made, FAN)
    return made


def _change(**fields: str) -> None:
    FakeSource.publishers[ORG] = replace(FakeSource.publishers[ORG], **fields)


def _delete_page() -> None:
    del FakeSource.owners[PAGE]
    del FakeSource.publishers[ORG]


def test_a_publishers_page_makes_its_profile_and_tells_nobody(settings) -> None:
    installed(settings)
    FakeSource.publishers[ORG], FakeSource.owners[PAGE] = make_publisher(key=ORG), ORG
    wake(PAGE)
    assert find_by_key(ORG).handle == "partner"
    assert said() == []


def test_a_changed_profile_is_told_to_its_followers(actor: LocalActor) -> None:
    _change(name="A new name")
    wake(PAGE)
    assert body("Update")["object"]["name"] == "A new name"
    assert Delivery.objects.get().inbox == f"{FAN}/inbox"


def test_a_profile_without_followers_changes_in_silence(actor: LocalActor) -> None:
    actor.followers.all().delete()
    _change(name="A new name")
    wake(PAGE)
    assert said() == []
    assert find_by_key(ORG).name == "A new name"


def test_a_wake_without_a_change_tells_nothing(actor: LocalActor) -> None:
    wake(PAGE)
    assert said() == []


def test_the_site_has_a_profile_too(settings) -> None:
    installed(settings)
    FakeSource.publishers["site"] = make_publisher(key="site", handle="news")
    wake("site")
    assert find_by_key("site").handle == "news"


def test_a_publisher_that_is_hidden_keeps_its_profile(actor: LocalActor) -> None:
    FakeSource.hidden.add(ORG)
    wake(PAGE)
    assert find_by_key(ORG).deleted_at is None
    assert said() == []


def test_a_publisher_whose_page_is_deleted_takes_leave_of_everybody_who_knew_it(actor: LocalActor) -> None:
    publish()
    Delivery.objects.update(state="accepted", first_attempt=NOW)
    actor.followers.all().delete()
    FakeSource.publications.clear()
    _delete_page()
    wake(PAGE)
    leave = Activity.objects.get(kind="Delete", object=None)
    assert body("Delete")["object"] == actor.uri
    assert [d.inbox for d in leave.deliveries.all()] == [f"{FAN}/inbox"]
    assert find_by_key(ORG).deleted_at == NOW


def test_a_page_that_is_gone_while_the_publisher_lives_on_in_another_language_changes_nothing(actor) -> None:
    del FakeSource.owners[PAGE]
    wake(PAGE)
    assert find_by_key(ORG).deleted_at is None


def test_a_publisher_whose_page_is_gone_shows_the_one_in_another_language(actor: LocalActor) -> None:
    """Fails if a page that is gone is only a reason to take leave."""
    del FakeSource.owners[PAGE]
    _change(url="https://hub.example/de/partner/")
    wake(PAGE)
    assert body("Update")["object"]["url"] == "https://hub.example/de/partner/"


def test_leave_is_taken_once(actor: LocalActor) -> None:
    _delete_page()
    wake(PAGE)
    wake(PAGE)
    assert said() == ["Delete"]


def test_nothing_is_published_as_somebody_who_took_leave(actor: LocalActor) -> None:
    _delete_page()
    wake(PAGE)
    FakeSource.publishers[ORG] = make_publisher(key=ORG)
    publish()
    assert said() == ["Delete"]
