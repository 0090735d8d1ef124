"""Finds federation's side of the contract by a dotted path in settings, as Wagtail finds its front-end cache backends.
Without federation a null desk answers: nothing is shared, every handle is free."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from federation.contract import Desk, NullDesk

NULL_DESK = "federation.contract.NullDesk"


@lru_cache(maxsize=1)
def desk() -> Desk:
    """The desk that the settings name; the null desk if its application is not installed."""
    path = getattr(settings, "CMS", {}).get("DESK", NULL_DESK)
    installed = apps.get_containing_app_config(path) is not None
    return cast("Desk", import_string(path if installed else NULL_DESK)())


def is_connected() -> bool:
    """Whether anything can be shared at all."""
    return not isinstance(desk(), NullDesk)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "CMS":
        desk.cache_clear()


setting_changed.connect(_forget, dispatch_uid="cms.desk")
