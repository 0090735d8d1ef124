"""What the demo has done inside one of its instances: load the content, log somebody in, follow, publish, look into the
ledger. A process of its own per instance, because Django takes seconds to start: one JSON order per line in; lines of
progress and one answer out. It runs the same commands that an operator would."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from cms.demo import publish_next  # noqa: E402
from federation import models  # noqa: E402
from federation.conf import source  # noqa: E402

Answer = Any


def load(role: str, password: str) -> None:
    """The demo's content and its administrator."""
    call_command("load_demo", role=role, admin_password=password, stdout=_Details())


def let_in(handle: str, password: str) -> None:
    """The editor of one organisation. Not all of them: a good hash of a password takes a second each."""
    user = get_user_model().objects.get(username=f"editor-{handle}")
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])


def profiles() -> list[str]:
    """Handles of the profiles that exist; the worker makes them after their pages were published."""
    return list(models.LocalActor.objects.filter(deleted_at=None).values_list("handle", flat=True))


def organisations() -> list[dict[str, str]]:
    """Handle and name of every organisation that has a public page here."""
    keys = [key for key in source().publisher_keys() if key.startswith("organisation:")]
    found = [publisher for key in keys if (publisher := source().publisher(key))]
    return [{"handle": publisher.handle, "name": publisher.name, "url": publisher.url} for publisher in found]


def follow(handle: str, own: str) -> None:
    call_command("follow", handle, "--as", own, stdout=_Details())


def publish() -> dict[str, str]:
    return publish_next(timezone.now())._asdict()


def followings() -> list[dict[str, Any]]:
    """Whom this instance asked to follow, and what came of it."""
    rows = models.Following.objects.select_related("remote", "actor").order_by("created")
    return [
        {
            "uri": row.remote.uri,
            "handle": row.remote.handle,
            "state": row.state,
            "asked": _text(row.created),
            "answered": _text(row.answered_at),
            "follow": row.follow_uri,
            "known": _text(row.remote.fetched_at),
        }
        for row in rows
    ]


def said(kind: str, about: str = "", follow: str = "") -> list[dict[str, Any]]:
    """What this instance sent: all of a kind, or only about an object or a follow."""
    rows: QuerySet[models.Delivery] = models.Delivery.objects.filter(activity__kind=kind)
    if about:
        rows = rows.filter(activity__object__key=about)
    found = rows.select_related("activity").order_by("-id")
    return [
        {
            "inbox": row.inbox,
            "state": row.state,
            "status": row.status,
            "stored": _text(row.activity.created),
            "done": _text(row.done_at),
            "error": row.error,
            "uri": row.activity.uri,
        }
        for row in found
        if not follow or follow.encode() in bytes(row.activity.body)
    ]


def heard(kind: str, about: str) -> list[dict[str, Any]]:
    """What this instance received and verified, of a kind, that names ``about``."""
    rows = models.InboundActivity.objects.filter(kind=kind, document__icontains=about).order_by("-id")
    return [
        {"signer": row.signer, "received": _text(row.received_at), "state": row.state, "reason": row.reason}
        for row in rows
    ]


def told(key: str) -> dict[str, Any] | None:
    """What the world was told of a publication that is out now."""
    row = models.PublishedObject.objects.filter(key=key, withdrawn_at=None).order_by("-published").first()
    return (
        None
        if row is None
        else {"uri": row.uri, "kind": row.kind, "title": row.title, "published": _text(row.published)}
    )


def listed(uri: str) -> dict[str, Any] | None:
    """What is listed here as coming from a partner."""
    row = models.RemoteObject.objects.filter(uri=uri, withdrawn_at=None).first()
    return None if row is None else {"title": row.title, "received": _text(row.received_at), "kind": row.kind}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


ERRANDS: dict[str, Callable[..., Answer]] = {
    errand.__name__: errand
    for errand in (load, let_in, profiles, organisations, follow, publish, followings, said, heard, told, listed)
}


class _Details(io.TextIOBase):
    """What a command prints becomes lines of progress."""

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                _send({"detail": line.strip()})
        return len(text)


# Whatever else is printed goes to the log.
_out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def _send(message: dict[str, Any]) -> None:
    _out.write(json.dumps(message) + "\n")
    _out.flush()


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"result": ERRANDS[order.pop("errand")](**order)}
        except Exception as error:  # noqa: BLE001  whatever it is, the demo shows it and ends
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        connection.close()
        _send(answer)


if __name__ == "__main__":
    main()
