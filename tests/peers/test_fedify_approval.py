"""A reader on an independent server asks to follow an organisation that approves its followers: the whole way there and
back, with Fedify's own code on the other side."""

from __future__ import annotations

import json
from typing import Any

from tests.factories.fedify_peer import FedifyPeer
from tests.factories.instances import RunningInstance, eventually

HANDLE = "ash_circle"


def test_a_follower_is_approved_removed_and_refused(hub: RunningInstance, fedify: FedifyPeer) -> None:
    """Fails if a follower is let in, or sent anything, before somebody approved them."""
    organisation = hub.do("organisation", title="Ash Circle", handle=HANDLE, approves_followers=True)
    handle = f"@{HANDLE}@{hub.host}"
    eventually(lambda: hub.get(f"/.well-known/webfinger?resource=acct:{HANDLE}@{hub.host}").status == 200)
    actor = str(fedify.order("lookup", handle=handle)["id"])
    shown = json.loads(fedify.order("fetch", url=actor)["body"])
    assert shown["manuallyApprovesFollowers"] is True

    def publish(title: str) -> None:
        page = hub.do("draft", parent=organisation["id"], kind="news", title=title)
        hub.do("publish", page=page["id"])
        is_told = f"/ap/actors/{actor.rpartition('/')[2]}/outbox?page=first"
        eventually(lambda: title in hub.get(is_told, accept="application/activity+json").body.decode(), what=title)

    def waits() -> bool:
        return [HANDLE, fedify.actor, "none"] in hub.do("state")["waiting"]

    def arrived() -> list[Any]:
        posts = [post["activity"] for post in fedify.received("Create") if post["activity"]["actor"] == actor]
        return [activity["object"]["name"] for activity in posts]

    def count_followers() -> int:
        return int(json.loads(fedify.order("fetch", url=shown["followers"])["body"])["totalItems"])

    fedify.order("follow", handle=handle)
    eventually(waits, what="the request waits")
    publish("Before anybody was approved")
    assert (fedify.heard("Accept", actor=actor), count_followers()) == ([], 0)

    hub.do("decide", handle=HANDLE, decision="approved")
    eventually(lambda: fedify.heard("Accept", actor=actor), what="they are approved")
    publish("For the first follower")
    eventually(lambda: "For the first follower" in arrived(), what="the first piece arrives")
    assert (arrived(), count_followers()) == (["For the first follower"], 1)

    hub.do("remove_followers", handle=HANDLE)
    eventually(lambda: fedify.heard("Reject", actor=actor), what="they are removed")
    publish("After they were removed")
    fedify.order("follow", handle=handle)
    eventually(waits, what="they ask again")
    hub.do("decide", handle=HANDLE, decision="refused")
    eventually(lambda: len(fedify.heard("Reject", actor=actor)) == 2, what="they are refused")
    assert (arrived(), count_followers()) == (["For the first follower"], 0)
