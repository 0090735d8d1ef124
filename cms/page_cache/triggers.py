"""Which tables readers see, from the models that are installed, and the triggers that announce their changes. Made anew
after each migration, as docs/decisions/0003 says of those that wake federation; draft saves announce nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections, models
from modelcluster.models import get_all_child_relations
from wagtail import hooks
from wagtail.contrib.settings.registry import registry
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    Page,
    PageViewRestriction,
    Site,
)
from wagtail.snippets.models import get_snippet_models

from .sql import FUNCTIONS, TRIGGER, Watch, changed_but_for, columns_changed

# What saving a draft, locking a page or adding a draft below it writes.
_DRAFT_COLUMNS = (
    "draft_title",
    "has_unpublished_changes",
    "latest_revision_created_at",
    "latest_revision_id",
    "locked",
    "locked_at",
    "locked_by_id",
    "numchild",
    "owner_id",
)
# Other apps name what of theirs stands on pages: functions that return pairs of a model and the columns that readers
# see. A row whose first of these columns is NULL shows nothing.
HOOK = "cms_shown_on_pages"


def watches() -> list[Watch]:
    """Everything to watch, each table once."""
    found: dict[str, Watch] = {}
    for watch in _all():
        found.setdefault(watch.table, watch)
    return list(found.values())


def install(using: str = "default") -> None:
    """Makes functions and triggers, and removes those that are no longer wanted. Idempotent."""
    planned = watches()
    wanted = {pair for watch in planned for pair in watch.triggers()}
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TRIGGER])
        for statement in (*FUNCTIONS, *(each for watch in planned for each in watch.statements())):
            cursor.execute(statement)
        for table, trigger in _installed(cursor) - wanted:
            cursor.execute(f'DROP TRIGGER {trigger} ON "{table}"')


def missing(cursor: Any) -> set[str]:
    """Tables whose changes would not be announced. ``cursor`` is Django's or psycopg's."""
    installed = _installed(cursor)
    return {table for watch in watches() for table, trigger in watch.triggers() if (table, trigger) not in installed}


def check_triggers(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """With ``manage.py check --database default``."""
    if "default" not in (databases or ()) or not _has_tables("default"):
        return []
    with connections["default"].cursor() as cursor:
        return [
            Error(f"Changes in {table} do not reach cached pages.", hint="Run “manage.py migrate”.", id="cms.E010")
            for table in sorted(missing(cursor))
        ]


def after_migration(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receives ``post_migrate``, which is sent once per app: only after the last one all tables exist."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if app_config.label == last.label and _has_tables(using):
        install(using)


def _all() -> Iterator[Watch]:
    yield Watch(
        _table(Page),
        insert="NEW.live",
        update=f"(OLD.live OR NEW.live) AND {changed_but_for(_DRAFT_COLUMNS)}",
        delete="OLD.live",
    )
    yield from _tables_of_pages()
    yield from map(Watch, map(_table, (PageViewRestriction, CollectionViewRestriction, Site, *registry)))
    # A new one is not shown before something else names it.
    for model in (Collection, Locale, *_files(), *get_snippet_models()):
        yield Watch(_table(model), insert=None)
    # A rendition is made while the page that shows it is being made; if it goes, its address leads nowhere.
    for model in _files():
        if hasattr(model, "get_rendition_model"):
            yield Watch(_table(model.get_rendition_model()), insert=None)
    for function in hooks.get_hooks(HOOK):
        yield from (_columns_of(*shown) for shown in function())


def _tables_of_pages() -> Iterator[Watch]:
    for model in apps.get_models():
        if not issubclass(model, Page) or model._meta.proxy:
            continue
        own = model._meta.pk
        if model is not Page and own is not None and own.column and model._meta.local_fields:
            yield Watch(_table(model), page_column=own.column)
        for relation in get_all_child_relations(model):
            if relation.related_model is not Page:
                yield Watch(_table(relation.related_model), page_column=relation.field.column)


def _files() -> list[Any]:
    return [apps.get_model(name) for name in (settings.WAGTAILIMAGES_IMAGE_MODEL, settings.WAGTAILDOCS_DOCUMENT_MODEL)]


def _columns_of(model: type[models.Model], columns: Iterable[str]) -> Watch:
    names = tuple(columns)
    is_shown = f'"{names[0]}" IS NOT NULL'
    return Watch(_table(model), insert=f"NEW.{is_shown}", update=columns_changed(names), delete=f"OLD.{is_shown}")


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _installed(cursor: Any) -> set[tuple[str, str]]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE starts_with(t.tgname, %s) AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)",
        [TRIGGER],
    )
    return set(cursor.fetchall())


def _has_tables(using: str) -> bool:
    return {watch.table for watch in watches()} <= set(connections[using].introspection.table_names())
