"""Who shared what: the item remembers it, however long ago, and only those who shared it take it away."""

from __future__ import annotations

from typing import Any

import pytest

from federation.inbox.dispatch import drain
from federation.models import InboundActivity, RemoteObject
from tests.factories.inbound import (
    ANA,
    BEN,
    HUB,
    Web,
    ana,
    followed,
    install_web,
    local_actor,
    note,
    remote_actor,
    said,
    stored,
)
from tests.factories.signed_requests import NOW

pytestmark = pytest.mark.django_db
CARL = "https://third.example/users/carl"
THIRD = "https://third.example/notes/9"


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    made = install_web(monkeypatch)
    made.add_actor(CARL)
    made.pages[THIRD] = note(THIRD, owner=CARL)
    return made


@pytest.fixture(autouse=True)
def _partners() -> None:
    followed(ana())
    followed(remote_actor(BEN), local_actor(f"{HUB}/ap/actors/2"))


def _boost(actor: str = ANA, number: int = 1) -> dict[str, Any]:
    boost = said("Announce", THIRD, actor=actor, number=number)
    assert _handled(boost, actor).state == "done"
    return boost


def _handled(document: dict[str, Any], signer: str) -> InboundActivity:
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


def _undo(boost: dict[str, Any], number: int = 9) -> InboundActivity:
    return _handled(said("Undo", boost, actor=boost["actor"], number=number), boost["actor"])


def _item() -> RemoteObject:
    return RemoteObject.objects.select_related("shared_by").get(uri=THIRD)


def _booster() -> str | None:
    booster = _item().shared_by
    return booster.uri if booster else None


def test_an_item_remembers_who_shared_it() -> None:
    _boost()
    assert _booster() == ANA


def test_an_item_that_was_here_remembers_who_shared_it_first() -> None:
    RemoteObject.objects.create(uri=THIRD, actor=remote_actor(CARL), kind="Note", title="Kept", received_at=NOW)
    _boost()
    _boost(BEN, 2)
    assert _booster() == ANA


def test_what_its_author_told_us_was_shared_by_nobody() -> None:
    _handled(said("Create", note()), ANA)
    assert RemoteObject.objects.get().shared_by is None


def test_a_boost_is_taken_back_however_long_ago_it_was() -> None:
    boost = _boost()
    InboundActivity.objects.all().delete()
    _undo(boost)
    assert (_item().withdrawn_at, _booster()) == (NOW, None)


def test_the_next_who_shared_it_takes_over_and_can_take_it_away() -> None:
    first, second = _boost(), _boost(BEN, 2)
    _undo(first)
    assert (_item().withdrawn_at, _booster()) == (None, BEN)
    _undo(second, 10)
    assert _item().withdrawn_at == NOW


def test_who_took_their_boost_back_does_not_keep_it_for_others() -> None:
    first, second = _boost(), _boost(BEN, 2)
    assert _undo(second).reason == "no longer boosted; it is kept for others"
    _undo(first, 10)
    assert _item().withdrawn_at == NOW


def test_what_its_author_told_us_as_well_outlives_the_boost() -> None:
    boost = _boost()
    followed(_item().actor, local_actor(f"{HUB}/ap/actors/3"))
    _handled(said("Create", note(THIRD, owner=CARL), actor=CARL, number=3), CARL)
    _item().actor.followed_by.all().delete()
    assert _undo(boost).reason == "no longer boosted; it was here before"
    assert _item().withdrawn_at is None


def test_a_boost_after_all_is_remembered_again() -> None:
    _undo(_boost())
    _boost(number=3)
    assert (_item().withdrawn_at, _booster()) == (None, ANA)


def test_who_boosts_a_post_of_their_own_has_not_shared_anothers(web: Web) -> None:
    """Fails if the author is noted as the one who shared it."""
    followed(remote_actor(CARL), local_actor(f"{HUB}/ap/actors/3"))
    _boost(CARL)
    assert (_booster(), _item().only_shared) == (None, False)
    _boost(CARL, 2)
    assert _booster() is None


def test_a_post_stays_when_its_author_takes_an_own_boost_back(web: Web) -> None:
    followed(remote_actor(CARL), local_actor(f"{HUB}/ap/actors/3"))
    assert _undo(_boost(CARL)).state == "done"
    assert _item().withdrawn_at is None
