"""Two whole instances of ours, each behind a TLS proxy: one follows the other, and what happens there shows here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.instances import RunningInstance, eventually


@pytest.fixture(scope="module")
def organisation(hub: RunningInstance) -> dict[str, Any]:
    page = hub.do("organisation", title="Linden Network", handle="linden")
    eventually(lambda: hub.get(f"/.well-known/webfinger?resource=acct:linden@{hub.host}").status == 200)
    return page


@pytest.fixture(scope="module")
def follower(hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any]) -> dict[str, Any]:
    """The partner's organisation, once the hub accepted that it follows."""
    page = partner.do("organisation", title="Rowan Office", handle="rowan")
    eventually(lambda: partner.get(f"/.well-known/webfinger?resource=acct:rowan@{partner.host}").status == 200)
    partner.manage("follow", f"@linden@{hub.host}", "--as", "rowan")
    eventually(
        lambda: [s for _, s in partner.do("state")["following"] if s == "accepted"], what="the follow is accepted"
    )
    return page


def _item(partner: RunningInstance, title: str) -> dict[str, Any] | None:
    return next((item for item in partner.do("state")["items"] if item["title"] == title), None)


def _arrives(partner: RunningInstance, title: str) -> dict[str, Any]:
    return eventually(lambda: _item(partner, title), what=f"“{title}” arrives")


def _goes(partner: RunningInstance, item: dict[str, Any]) -> None:
    """Withdrawn, and its text forgotten."""

    def gone() -> bool:
        now = next(i for i in partner.do("state")["items"] if i["uri"] == item["uri"])
        return now["withdrawn"] and not now["title"] and not now["content"]

    eventually(gone, what=f"“{item['title']}” is withdrawn")


def _published(hub: RunningInstance, parent: dict[str, Any], title: str) -> dict[str, Any]:
    page = hub.do("draft", parent=parent["id"], kind="news", title=title)
    return hub.do("publish", page=page["id"])


def test_a_page_travels_and_an_edit_and_a_withdrawal_follow(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = _published(hub, organisation, "Linden opens")
    first = _arrives(partner, "Linden opens")
    hub.do("publish", page=page["id"], title="Linden opened")
    assert _arrives(partner, "Linden opened")["uri"] == first["uri"]
    hub.do("unpublish", page=page["id"])
    _goes(partner, first)
    assert hub.get(first["uri"]).status == 410


def test_a_scheduled_page_goes_out_at_its_time_and_an_expired_one_comes_back(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = hub.do("draft", parent=organisation["id"], kind="news", title="On time")
    hub.do("schedule", page=page["id"], go_live_in=3)
    assert _item(partner, "On time") is None

    def due() -> Any:
        hub.do("run_schedule")
        return _item(partner, "On time")

    item = eventually(due, what="the scheduled page arrives")
    hub.do("schedule", page=page["id"], expire_in=2)
    eventually(lambda: hub.get(item["uri"]).status == 404, seconds=10, what="the object is hidden by the clock alone")
    hub.do("run_schedule")
    _goes(partner, item)


def test_privacy_on_a_parent_withdraws_what_lies_below(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    section = hub.do("section", parent=organisation["id"], title="Inner circle")
    _published(hub, section, "Below the section")
    item = _arrives(partner, "Below the section")
    hub.do("restrict", page=section["id"])
    assert hub.get(item["uri"]).status in (404, 410)
    _goes(partner, item)
    hub.do("unrestrict", page=section["id"])
    again = eventually(
        lambda: [i for i in partner.do("state")["items"] if i["title"] == "Below the section" and not i["withdrawn"]],
        what="it is shared anew",
    )
    assert again[0]["uri"] != item["uri"]


def test_moving_keeps_the_id_and_tells_the_new_address(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = _published(hub, organisation, "Wanderer")
    item = _arrives(partner, "Wanderer")
    section = hub.do("section", parent=organisation["id"], title="Archive")
    moved = hub.do("move", page=page["id"], under=section["id"])
    assert moved["url"] != page["url"]
    eventually(lambda: hub.get(item["uri"]).json()["url"] == moved["url"], what="the object has its new address")


def test_moving_to_another_organisation_makes_it_theirs(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = _published(hub, organisation, "Changes hands")
    item = _arrives(partner, "Changes hands")
    other = hub.do("organisation", title="Poplar Trust", handle="poplar")
    hub.do("move", page=page["id"], under=other["id"])
    eventually(lambda: hub.get(item["uri"]).status == 410, what="the first owner's object is withdrawn")
    _goes(partner, item)


def test_a_deleted_page_is_withdrawn(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = _published(hub, organisation, "Short life")
    item = _arrives(partner, "Short life")
    hub.do("delete", page=page["id"])
    _goes(partner, item)


def test_a_change_without_any_signal_is_noticed(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    page = _published(hub, organisation, "Silently gone")
    item = _arrives(partner, "Silently gone")
    hub.do("quietly", page=page["id"], live=False)
    _goes(partner, item)


def test_renaming_the_organisation_keeps_its_followers_and_its_old_handle(
    hub: RunningInstance, partner: RunningInstance, organisation: dict[str, Any], follower: Any
) -> None:
    def self_link(handle: str) -> str | None:
        answer = hub.get(f"/.well-known/webfinger?resource=acct:{handle}@{hub.host}")
        if answer.status != 200:
            return None
        return next(link["href"] for link in answer.json()["links"] if link["rel"] == "self")

    before = self_link("linden")
    hub.do("publish", page=organisation["id"], title="Linden Federation", handle="linden_federation")
    eventually(lambda: self_link("linden_federation") == before, what="the new handle resolves")
    assert self_link("linden") == before
    _published(hub, organisation, "After the rename")
    _arrives(partner, "After the rename")


def test_a_wrong_bit_is_refused(hub: RunningInstance, partner: RunningInstance, follower: Any) -> None:
    """The very bytes that the partner accepted, once more with one bit changed."""
    accepted = next(p for p in partner.proxy.passed if p.method == "POST" and p.status == 202)
    flipped = bytearray(accepted.body)
    flipped[accepted.body.index(b"Accept")] ^= 1
    answer = partner.request("POST", accepted.path, body=bytes(flipped), headers=accepted.headers)
    assert answer.status == 401
