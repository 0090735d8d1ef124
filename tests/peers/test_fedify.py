"""A follower on an independent server. Fedify resolves, follows, verifies and refuses with its own code; nothing on
that side is ours but a log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories.fedify_peer import FedifyPeer
from tests.factories.instances import RunningInstance, eventually

AS2 = "application/activity+json"


@pytest.fixture(scope="module")
def organisation(hub: RunningInstance) -> dict[str, Any]:
    return hub.do("organisation", title="Ėglė Partner", handle="egle")


@pytest.fixture(scope="module")
def followed(hub: RunningInstance, fedify: FedifyPeer, organisation: dict[str, Any]) -> str:
    """The id of the organisation's actor, once Fedify follows it."""
    handle = f"@egle@{hub.host}"
    eventually(lambda: hub.get(f"/.well-known/webfinger?resource=acct:egle@{hub.host}").status == 200)
    found = fedify.order("lookup", handle=handle)
    assert found["isActor"], found
    fedify.order("follow", handle=handle)
    eventually(lambda: fedify.heard("Accept", actor=found["id"]), what="the follow is accepted")
    assert found["id"]
    return str(found["id"])


@pytest.fixture(scope="module")
def report(hub: RunningInstance, organisation: dict[str, Any], followed: str) -> dict[str, Any]:
    page = hub.do("draft", parent=organisation["id"], kind="report", title="What Moțoc and Ṋetshambiḓi said")
    return hub.do("publish", page=page["id"])


@pytest.fixture(scope="module")
def created(fedify: FedifyPeer, report: dict[str, Any], followed: str) -> dict[str, Any]:
    """The POST with which the report reached Fedify."""
    return _arrived(fedify, "Create", followed)


@pytest.fixture(scope="module")
def updated(hub: RunningInstance, fedify: FedifyPeer, report: dict[str, Any], created: Any, followed: str) -> Any:
    hub.do("publish", page=report["id"], title="What they said, corrected")
    return _arrived(fedify, "Update", followed)


@pytest.fixture(scope="module")
def deleted(hub: RunningInstance, fedify: FedifyPeer, report: dict[str, Any], updated: Any, followed: str) -> Any:
    hub.do("unpublish", page=report["id"])
    return _arrived(fedify, "Delete", followed)


def _arrived(fedify: FedifyPeer, kind: str, actor: str) -> dict[str, Any]:
    def find() -> Any:
        return [post for post in fedify.received(kind) if post["activity"]["actor"] == actor]

    return eventually(find, what=f"{kind} reaches Fedify")[0]


def test_fedify_resolves_the_handle_through_webfinger(hub: RunningInstance, fedify: FedifyPeer, followed: str) -> None:
    found = fedify.order("lookup", handle=f"@egle@{hub.host}")
    assert (found["id"], found["type"], found["name"]) == (followed, "Organization", "Ėglė Partner")


def test_the_accept_holds_the_whole_follow(fedify: FedifyPeer, followed: str) -> None:
    accept = _arrived(fedify, "Accept", followed)["activity"]
    assert accept["object"]["id"] == f"{fedify.origin}/follows/1"
    assert accept["object"]["actor"] == fedify.actor
    assert accept["object"]["object"] == followed


def test_the_follower_is_on_record(hub: RunningInstance, fedify: FedifyPeer, followed: str) -> None:
    assert fedify.actor in hub.do("state")["followers"]


@pytest.mark.parametrize("step", ["created", "updated", "deleted"])
def test_fedify_verifies_signature_and_proof(
    request: pytest.FixtureRequest, fedify: FedifyPeer, followed: str, step: str
) -> None:
    post = request.getfixturevalue(step)
    assert post["status"] == 202
    assert post["signature"] == f"{followed}#main-key"
    assert post["proof"] is True
    assert fedify.heard(post["activity"]["type"], id=post["activity"]["id"], actor=followed)


def test_one_object_goes_through_its_whole_life(created: Any, updated: Any, deleted: Any) -> None:
    identity = created["activity"]["object"]["id"]
    assert updated["activity"]["object"]["id"] == identity
    assert deleted["activity"]["object"]["id"] == identity
    assert updated["activity"]["object"]["updated"] > created["activity"]["object"]["published"]


def test_fedify_refuses_one_flipped_bit_of_ours(fedify: FedifyPeer, created: Any) -> None:
    whole = created["body"].encode()
    flipped = bytearray(whole)
    flipped[whole.index(b"What Mo")] ^= (
        1  # a letter of the headline: what is left is sound JSON and a sound proof value
    )
    assert _post_again(fedify, created, bytes(flipped)) == 401
    assert _post_again(fedify, created, whole) == 202


def _post_again(fedify: FedifyPeer, post: dict[str, Any], body: bytes) -> int:
    return int(
        fedify.order("replay", path=post["path"], headers=post["headers"], body=body.decode("latin-1"))["status"]
    )


@pytest.mark.parametrize("spec", ["draft-cavage-http-signatures-12", "rfc9421"])
def test_we_refuse_one_flipped_bit_of_fedify(
    hub: RunningInstance, fedify: FedifyPeer, followed: str, spec: str
) -> None:
    activity = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{fedify.origin}/likes/{spec}",
        "type": "Like",
        "object": followed,
    }
    answers = fedify.order("forge", inbox=f"{hub.origin}/ap/inbox", activity=activity, spec=spec)
    assert answers == {"flipped": 401, "whole": 202}


def test_fedify_fetches_the_actor(fedify: FedifyPeer, followed: str) -> None:
    answer = fedify.order("fetch", url=followed)
    assert answer["status"] == 200
    assert answer["type"].startswith(AS2)
    assert json.loads(answer["body"])["id"] == followed


def test_fedify_fetches_the_object_and_proves_it(
    hub: RunningInstance, fedify: FedifyPeer, organisation: dict[str, Any], followed: str
) -> None:
    page = hub.do("draft", parent=organisation["id"], kind="news", title="One that stays")
    hub.do("publish", page=page["id"])

    def find() -> Any:
        return [p for p in fedify.received("Create") if "One that stays" in p["body"]]

    identity = eventually(find, what="the news reaches Fedify")[0]["activity"]["object"]["id"]
    answer = fedify.order("fetch", url=identity)
    assert answer["status"] == 200
    document = json.loads(answer["body"])
    assert document["name"] == "One that stays"
    assert fedify.order("prove", document=document)["proof"] is True
    assert fedify.order("prove", document=document | {"name": "Another headline"})["proof"] is False

    outbox = json.loads(fedify.order("fetch", url=followed)["body"])["outbox"]
    walked = fedify.order("traverse", url=outbox)
    assert walked["total"] == len(walked["ids"])
    assert any(identity in json.dumps(item) for item in _outbox_items(fedify, outbox))


def _outbox_items(fedify: FedifyPeer, outbox: str) -> list[Any]:
    first = json.loads(fedify.order("fetch", url=outbox)["body"])["first"]
    return list(json.loads(fedify.order("fetch", url=first)["body"])["orderedItems"])


def test_the_tombstone_answers_410(fedify: FedifyPeer, created: Any, deleted: Any) -> None:
    answer = fedify.order("fetch", url=created["activity"]["object"]["id"])
    assert answer["status"] == 410
    assert json.loads(answer["body"])["type"] == "Tombstone"


def test_publishing_again_makes_a_new_object(
    hub: RunningInstance, fedify: FedifyPeer, report: dict[str, Any], created: Any, deleted: Any, followed: str
) -> None:
    hub.do("publish", page=report["id"], title="Said once more")

    def again() -> Any:
        return [p for p in fedify.received("Create") if "Said once more" in p["body"]]

    post = eventually(again, what="the second Create")[0]
    assert post["activity"]["object"]["id"] != created["activity"]["object"]["id"]
    assert post["activity"]["object"]["url"] == created["activity"]["object"]["url"]


def test_fedify_hears_everything_through_a_rotation_of_keys(
    hub: RunningInstance, fedify: FedifyPeer, organisation: dict[str, Any], followed: str
) -> None:
    """Fails if the announcement is signed with a key that Fedify has not seen, or the next message with the old one."""

    def publish(title: str) -> dict[str, Any]:
        hub.do("publish", page=hub.do("draft", parent=organisation["id"], kind="news", title=title)["id"])
        return eventually(lambda: [p for p in fedify.received("Create") if title in p["body"]], what=title)[-1]

    assert "Servers that know the old ones: 1." in hub.manage("federation", "rotate-keys", "egle")

    def announced() -> Any:
        posts = fedify.received("Update")
        return [p for p in posts if p["activity"]["object"]["id"] == followed and p["status"] == 202]

    (update,) = eventually(announced, what="the new key is announced")
    assert (update["signature"], update["proof"]) == (f"{followed}#main-key", True)
    eventually(lambda: "have not taken them yet: 0" in hub.manage("federation", "status"), what="it is noted")
    post = publish("Signed with a new key")
    assert (post["status"], post["signature"], post["proof"]) == (202, f"{followed}#main-key-2", True)
    assert fedify.heard("Create", id=post["activity"]["id"], actor=followed)


def test_unfollowing_ends_it(hub: RunningInstance, fedify: FedifyPeer, deleted: Any, followed: str) -> None:
    fedify.order("unfollow", handle=f"@egle@{hub.host}")
    eventually(lambda: fedify.actor not in hub.do("state")["followers"], what="the follower is gone")
