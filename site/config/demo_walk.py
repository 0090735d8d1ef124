"""The story that the demo tells: the partner follows the hub's organisations, the hub publishes a report, the partner
receives it. Every line comes from what the two databases hold, after it happened; nothing is claimed in advance."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .demo_instance import DemoInstance
from .demo_screen import Screen, StepFailed

FOLLOW_SECONDS = 60.0
DELIVERY_SECONDS = 60.0

Row = dict[str, Any]


def follow_everybody(hub: DemoInstance, partner: DemoInstance, screen: Screen) -> list[Row]:
    """The partner's organisation follows every organisation of the hub, unless it does already. Returns the hub's
    organisations."""
    organisations = hub.ask("organisations")
    own = partner.ask("organisations")
    if not organisations or not own:
        raise StepFailed("The demo content has no organisations.")
    follower = own[0]
    wanted = {f"{row['handle']}@{hub.host}": row for row in organisations}
    old = {row["handle"]: row for row in partner.ask("followings") if row["state"] == "accepted"}
    new = [handle for handle in wanted if handle not in old]
    screen.title(f"{follower['name']} (@{follower['handle']}@{partner.host}) follows the hub's organisations")
    if not new:
        screen.done(f"follows all {len(wanted)} already, since an earlier run", "accepted")
        return list(organisations)
    with screen.step(f"asking {len(new)} of {len(wanted)} organisations") as tick:
        for number, handle in enumerate(new, start=1):
            tick(f"{number} of {len(new)}")
            partner.ask("follow", tick, handle=f"@{handle}", own=follower["handle"])
    with screen.step("waiting for their answers") as tick:
        screen.wait("The answers", lambda: _all_accepted(partner, new), FOLLOW_SECONDS, tick)
    answered = {row["handle"]: row for row in partner.ask("followings")}
    shown = min(new, key=len)
    _tell_follow(hub, partner, screen, answered[shown])
    for handle in new:
        if handle != shown:
            row = answered[handle]
            screen.event(_time(row["answered"]), "partner", f"follows {_name(handle)}", row["state"])
    return list(organisations)


def publish_and_watch(hub: DemoInstance, partner: DemoInstance, screen: Screen) -> Row:
    """Publishes one more report on the hub and follows it to the partner's list. Returns what was published."""
    screen.title("An editor of the hub publishes a report")
    pressed = datetime.now().astimezone()
    page: Row = hub.ask("publish")
    key = page["key"]
    returned = datetime.now().astimezone()
    screen.event(pressed, "hub", f"“{_short(page['title'])}” is published", f"in {_gap(pressed, returned)}")
    with screen.step("waiting for it to arrive") as tick:
        told = screen.wait("What the hub tells", lambda: hub.ask("told", key=key), DELIVERY_SECONDS, tick)
        sent = screen.wait("The delivery", lambda: _delivered(hub, partner, key), DELIVERY_SECONDS, tick)
        item = screen.wait("The partner's list", lambda: partner.ask("listed", uri=told["uri"]), DELIVERY_SECONDS, tick)
        received = screen.wait("The partner's inbox", lambda: _heard(partner, "Create", told), DELIVERY_SECONDS, tick)
    _check_title(page, item)
    screen.events(
        (_time(sent["stored"]), "hub", f"{told['kind']} made, Create stored", _path(told["uri"])),
        (_time(received["received"]), "partner", "Create received, signature verified", received["state"]),
        (_time(sent["done"]), "hub", f"delivered to {_host(sent['inbox'])}", f"HTTP {sent['status']}"),
        (_time(item["received"]), "partner", f"listed: “{_short(item['title'])}”", "From partners"),
    )
    screen.done("from the click to the partner's list", _gap(pressed, _time(item["received"])))
    return page | {"uri": told["uri"]}


def _tell_follow(hub: DemoInstance, partner: DemoInstance, screen: Screen, row: Row) -> None:
    """The way of one follow, step by step."""
    asked = _first(partner.ask("said", kind="Follow", follow=row["follow"]))
    heard = _first(hub.ask("heard", kind="Follow", about=row["follow"]))
    answer = _first(hub.ask("said", kind="Accept", follow=row["follow"]))
    answered = _first(partner.ask("heard", kind="Accept", about=row["follow"]))
    name = _name(row["handle"])
    screen.events(
        (_time(row["known"]), "partner", f"{name}: WebFinger, then the profile", _path(row["uri"])),
        (_time(asked["stored"]), "partner", "Follow stored and signed", _path(asked["uri"])),
        (_time(heard["received"]), "hub", "Follow received, signature verified", heard["state"]),
        (_time(asked["done"]), "partner", "Follow delivered", f"HTTP {asked['status']}"),
        (_time(answer["stored"]), "hub", "Accept stored, with the whole Follow in it", _path(answer["uri"])),
        (_time(answered["received"]), "partner", "Accept received, signature verified", answered["state"]),
        (_time(answer["done"]), "hub", "Accept delivered", f"HTTP {answer['status']}"),
        (_time(row["answered"]), "partner", f"follows {name}", row["state"]),
    )


def _all_accepted(partner: DemoInstance, handles: list[str]) -> bool:
    rows = {row["handle"]: row["state"] for row in partner.ask("followings")}
    if refused := [handle for handle in handles if rows.get(handle) == "rejected"]:
        raise StepFailed(f"The hub refused the follow of {', '.join(refused)}.")
    return all(rows.get(handle) == "accepted" for handle in handles)


def _delivered(hub: DemoInstance, partner: DemoInstance, key: str) -> Row | None:
    rows = [row for row in hub.ask("said", kind="Create", about=key) if row["inbox"].startswith(partner.origin)]
    if refused := [row for row in rows if row["state"] in ("refused", "expired", "dropped")]:
        raise StepFailed(f"The partner's server did not take it: {refused[0]['status']} {refused[0]['error']}")
    return next((row for row in rows if row["state"] == "accepted"), None)


def _heard(partner: DemoInstance, kind: str, told: Row) -> Row | None:
    rows: list[Row] = partner.ask("heard", kind=kind, about=told["uri"])
    return next((row for row in rows if row["state"] == "done"), None)


def _check_title(page: Row, item: Row) -> None:
    if item["title"] != page["title"]:
        raise StepFailed(f"The partner lists “{item['title']}” instead of “{page['title']}”.")


def _first(rows: list[Row]) -> Row:
    if not rows:
        raise StepFailed("A step that must have happened is in neither ledger.")
    return rows[0]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _gap(start: datetime, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.2f} s" if end else ""


def _path(address: str) -> str:
    """The end of an address is enough to recognise it."""
    path = urlsplit(address).path
    return path if len(path) < 30 else f"{path[:20]}…"


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _name(handle: str) -> str:
    return f"@{handle.partition('@')[0]}"


def _short(title: str) -> str:
    return title if len(title) <= 38 else f"{title[:37].rstrip()}…"
