"""What is made once for all tests of a file, and is for each of them as it was made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from django.core.cache import caches
from django.db import transaction
from django.db.models import Model
from pytest_django import DjangoDbBlocker
from wagtail.models import Site

from tests.factories.hearing import Reader

World = TypeVar("World")


@contextmanager
def made_once(blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around those of the tests, which undo what they did; nothing of it stays either. For a fixture of a
    module: its tests have to follow each other, as they do unless they empty the database."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own tests: durable blocks may stand inside
    with blocker.unblock(), block:
        _forget()
        yield
        transaction.set_rollback(True)
    _forget()


def afresh(world: World) -> World:
    """For one test: rows are read again, a reader knows what it knew at first, and nothing is in a cache. ``world`` is
    a row, or a dataclass, dictionary or tuple that holds some."""
    _forget()
    return _afresh(world)


def _afresh(value: Any) -> Any:
    if isinstance(value, Reader):
        return value.afresh()
    if isinstance(value, Model):
        return type(value).objects.get(pk=value.pk)
    if isinstance(value, dict):
        return {name: _afresh(held) for name, held in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_afresh, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _afresh(getattr(value, f.name)) for f in fields(value) if f.init})
    return value


def _forget() -> None:
    """Wagtail keeps addresses and renditions, of which a test may have made others."""
    caches["default"].clear()
    Site.clear_site_root_paths_cache()
