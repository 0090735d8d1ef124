"""Does what editors do, in an instance's own database, with Wagtail's own actions. Runs as a process of its own beside
the instance: one JSON order per line in, one JSON answer per line out."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page, PageViewRestriction  # noqa: E402

from cms.addresses import page_address  # noqa: E402
from cms.models import User  # noqa: E402
from cms.scheduling import run_due_pages  # noqa: E402
from federation import models  # noqa: E402
from federation.outbox import followers  # noqa: E402
from tests.factories import cms_media, cms_pages, figures, page_shapes  # noqa: E402


def _page(pk: int) -> Any:
    return Page.objects.get(pk=pk).specific


def _facts(page: Any) -> dict[str, Any]:
    return {"id": page.pk, "url": page_address(page), "title": page.title}


def organisation(title: str, handle: str, **fields: Any) -> dict[str, Any]:
    return _facts(cms_pages.make_organisation(title, handle=handle, **fields))


def section(parent: int, title: str) -> dict[str, Any]:
    return _facts(cms_pages.make_section(_page(parent), title=title))


def draft(parent: int, kind: str = "report", **fields: Any) -> dict[str, Any]:
    """A page that nobody published yet, to be shared when somebody does."""
    make = {"report": cms_pages.make_report, "news": cms_pages.make_news, "document": cms_pages.make_document_page}[
        kind
    ]
    return _facts(make(_page(parent), **{"live": False, "share": True} | fields))


def publish(page: int, **changes: Any) -> dict[str, Any]:
    return _facts(cms_pages.publish(_page(page), **changes))


def unpublish(page: int) -> None:
    _page(page).unpublish()


def schedule(page: int, go_live_in: float | None = None, expire_in: float | None = None) -> None:
    """As the editor's form does: the times are part of the revision that is published. Seconds from now."""
    specific = _page(page)
    specific.go_live_at = _later(go_live_in)
    specific.expire_at = _later(expire_in)
    specific.save_revision(approved_go_live_at=specific.go_live_at).publish()


def fill_figures(page: int) -> None:
    """As if the page had gone out to many, of whom not all took it."""
    told = models.PublishedObject.objects.get(key=f"page:{page}", withdrawn_at=None)
    figures.fill_three_months(told.actor, told)


def refused_by(page: int, host: str, words: str) -> None:
    told = models.PublishedObject.objects.get(key=f"page:{page}", withdrawn_at=None)
    figures.send(told, host, "refused", status=422, error=words)


def _later(seconds: float | None) -> datetime | None:
    return None if seconds is None else timezone.now() + timedelta(seconds=seconds)


def run_schedule() -> None:
    run_due_pages(timezone.now())


def restrict(page: int) -> None:
    cms_pages.make_private(_page(page))


def unrestrict(page: int) -> None:
    PageViewRestriction.objects.filter(page_id=page).delete()


def move(page: int, under: int) -> dict[str, Any]:
    _page(page).move(_page(under), pos="last-child")
    return _facts(_page(page))


def delete(page: int) -> None:
    _page(page).delete()


def quietly(page: int, **values: Any) -> None:
    """A change that sends no signal."""
    Page.objects.filter(pk=page).update(**values)


def image(**fields: Any) -> int:
    return int(cms_media.make_image(**fields).pk)


def every_type(name: str, handle: str) -> dict[str, Any]:
    """Facts of one page of each type, out where that can be, by name of type."""
    return {kind: _facts(page) for kind, page in page_shapes.every_type(name, share=True, handle=handle).items()}


def odd_ones() -> dict[str, Any]:
    return {shape: _facts(page) for shape, page in page_shapes.odd_ones().items()}


def partner(title: str, handle: str, editor: str, password: str) -> dict[str, Any]:
    """An organisation with an editor who can log in, a published report, a picture and a document."""
    page = cms_pages.make_organisation(title, handle=handle)
    user = User.objects.create_user(editor, f"{editor}@site.example", password)
    user.groups.add(page.editors)
    cms_media.make_image(title=f"{title} picture", collection=page.collection)
    cms_media.make_document(title=f"{title} paper", collection=page.collection)
    report = cms_pages.make_report(page, title=f"{title} report", live=False, share=True)
    cms_pages.publish(report)
    return {"page": page.pk, "report": report.pk, "handle": handle}


def administrator(name: str, password: str) -> None:
    User.objects.create_superuser(name, f"{name}@site.example", password)


def follower_of(handle: str) -> None:
    """Somebody on a server that never answers follows, and something waits to be delivered there."""
    now = timezone.now()
    actor = models.LocalActor.objects.get(handle=handle)
    peer, _ = models.Peer.objects.get_or_create(
        origin="https://peer.example", defaults={"held_until": now + timedelta(days=1), "holds": 1}
    )
    name = f"reader-of-{handle}"
    uri = f"https://peer.example/users/{name}"
    remote = models.RemoteActor.objects.create(
        uri=uri,
        peer=peer,
        kind="Person",
        handle=f"{name}@peer.example",
        name=name,
        inbox=f"{uri}/inbox",
        fetched_at=now,
    )
    models.Follower.objects.create(actor=actor, remote=remote)
    activity = models.Activity.objects.get(actor=actor, kind="Create")
    models.Delivery.objects.create(
        activity=activity,
        peer=peer,
        inbox=remote.inbox,
        lane=activity.lane,
        created=now,
        next_attempt=now + timedelta(days=1),
    )


def decide(handle: str, decision: str) -> int:
    """About everybody who waits to follow the organisation."""
    requests = models.FollowRequest.objects.filter(actor__handle=handle)
    return followers.decide(requests, models.FollowRequest.Decision(decision))


def remove_followers(handle: str) -> int:
    return followers.remove(models.Follower.objects.filter(actor__handle=handle))


def state() -> dict[str, Any]:
    """What the ledger holds, for the assertions of a journey."""
    return {
        "followers": list(models.Follower.objects.values_list("remote__uri", flat=True)),
        "waiting": list(models.FollowRequest.objects.values_list("actor__handle", "remote__uri", "decision")),
        "following": list(models.Following.objects.values_list("remote__uri", "state")),
        "objects": {o.uri: o.withdrawn_at is not None for o in models.PublishedObject.objects.order_by("published")},
        "deliveries": list(
            models.Delivery.objects.order_by("id").values_list("activity__kind", "inbox", "state", "status", "error")
        ),
        "received": list(models.InboundActivity.objects.order_by("id").values_list("kind", "state", "reason")),
        "items": [
            {"uri": o.uri, "title": o.title, "content": o.content, "withdrawn": o.withdrawn_at is not None}
            for o in models.RemoteObject.objects.order_by("id")
        ],
        "wakes": models.Wake.objects.count(),
        "reach": list(models.Reach.objects.order_by("id").values_list("object__uri", "inbox")),
    }


ORDERS: dict[str, Callable[..., Any]] = {
    order.__name__: order
    for order in (
        organisation,
        section,
        draft,
        publish,
        unpublish,
        schedule,
        run_schedule,
        restrict,
        unrestrict,
        move,
        delete,
        quietly,
        image,
        every_type,
        odd_ones,
        partner,
        administrator,
        follower_of,
        fill_figures,
        refused_by,
        decide,
        remove_followers,
        state,
    )
}


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"result": ORDERS[order.pop("do")](**order)}
        except Exception:  # noqa: BLE001  the other process shows it and fails
            answer = {"error": traceback.format_exc()}
        finally:
            connection.close()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
