"""Small steps of writing the demonstration's pages: their numbers, their texts, and publishing as an editor does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from wagtail.blocks import StreamValue
from wagtail.models import Page

_P = TypeVar("_P", bound=Page)


def number_of(key: str) -> UUID:
    """The translation key of the page with this key: the same each time, another one on each site."""
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/demo/{key}")


def publish(page: _P, above: Page, *, held_back: bool = False) -> _P:
    """Adds the page below ``above`` as a draft and publishes it, so that it has a history like any other."""
    page.live = False
    page.has_unpublished_changes = True
    above.add_child(instance=page)
    revision = page.save_revision()
    if not held_back:
        revision.publish()
    found: _P = type(page).objects.get(pk=page.pk)
    return found


def stream(model: type[Page], field: str, blocks: Iterable[tuple[str, Any]], ids: Mapping[str, int]) -> StreamValue:
    """The value of a StreamField. ``ids`` says which page a key in braces means."""
    raw = [{"type": kind, "value": _fill(value, ids)} for kind, value in blocks]
    value: StreamValue = model._meta.get_field(field).stream_block.to_python(raw)
    return value


def _fill(value: Any, ids: Mapping[str, int]) -> Any:
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, list):
        return [_fill(item, ids) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, ids) for key, item in value.items()}
    return value
