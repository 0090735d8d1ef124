"""Makes a worker look at once when an editor did something, instead of at its next round some seconds later. The
receivers carry no news and decide nothing: what happened stands in the wakes, and a lost nudge loses only time."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from federation.queue import RECONCILE, nudge


def connect() -> None:
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(look_soon, dispatch_uid="federation.look_soon")
    for signal, sender in ((post_delete, Page), (post_save, PageViewRestriction), (post_delete, PageViewRestriction)):
        signal.connect(look_soon, sender=sender, dispatch_uid=f"federation.look_soon.{sender.__name__}")


def look_soon(sender: Any, **kwargs: Any) -> None:
    nudge(RECONCILE)
