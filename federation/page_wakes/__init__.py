"""Database triggers that note which page may have changed, in the same statement as the change: so an import,
``queryset.update`` and raw SQL wake federation as surely as an editor does, and nothing is lost between a commit and a
signal. They write keys into the table of :class:`~federation.models.Wake` and decide nothing. Installed after each
migration; every page type, present or to come, is covered because the models are asked, not listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections, models
from modelcluster.models import get_all_child_relations
from wagtail.contrib.settings.registry import registry
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction, ReferenceIndex, Site

from federation.models import Wake

from .sql import TRIGGER, functions


@dataclass(frozen=True, slots=True)
class Watch:
    """One table, the trigger function for it, and the arguments that the function reads."""

    table: str
    function: str
    arguments: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        arguments = ", ".join(f"'{argument}'" for argument in self.arguments)
        return (
            f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON "{self.table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {self.function}({arguments})"
        )


def watches() -> Iterator[Watch]:
    """Everything to watch, from the models that are installed now."""
    yield Watch(_table(Page), "federation_wake_page")
    yield Watch(_table(PageViewRestriction), "federation_wake_restriction")
    yield Watch(_table(CollectionViewRestriction), "federation_wake_collection_restriction")
    yield Watch(_table(Collection), "federation_wake_collection")
    for app, name, table in _members():
        yield Watch(table, "federation_wake_used", (app, name))
    yield Watch(_table(Site), "federation_wake_site")
    for model in registry:
        yield Watch(_table(model), "federation_wake_site")
    yield from _page_tables()


def install(using: str = "default") -> None:
    """Makes functions and triggers, and removes triggers from tables that are no longer watched. Idempotent."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TRIGGER])
        for statement in functions(_tall(), _members()):
            cursor.execute(statement)
        planned = {watch.table: watch for watch in watches()}
        for watch in planned.values():
            cursor.execute(watch.statement)
        for table in _installed(using) - planned.keys():
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON "{table}"')


def missing(using: str = "default") -> set[str]:
    """Tables that ought to wake and do not."""
    return {watch.table for watch in watches()} - _installed(using)


def check_triggers(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """With ``manage.py check --database default``: a restore without triggers would publish in silence."""
    found = missing() if "default" in (databases or ()) and _has_tables() else set()
    return [
        Error(f"Changes in {table} do not reach federation.", hint="Run “manage.py migrate”.", id="federation.E010")
        for table in sorted(found)
    ]


def after_migration(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receives ``post_migrate``, which is sent once per app: only after the last one all tables exist."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if app_config.label == last.label and _has_tables(using):
        install(using)


def _page_tables() -> Iterator[Watch]:
    children: dict[str, Watch] = {}
    for model in _page_models():
        deep = "subtree" if getattr(model, "wakes_descendants", False) else "page"
        own = model._meta.pk
        if model is not Page and own is not None and own.column and model._meta.local_fields:
            yield Watch(_table(model), "federation_wake_row", (own.column, deep, "users"))
        for relation in get_all_child_relations(model):
            child = Watch(_table(relation.related_model), "federation_wake_row", (relation.field.column, deep, ""))
            if relation.related_model is not Page and child.table not in children:
                children[child.table] = child
    yield from children.values()


def _page_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, Page) and not model._meta.proxy]


def _tall() -> list[str]:
    """Page types whose change is one of everything below them."""
    return [m._meta.label_lower for m in _page_models() if getattr(m, "wakes_descendants", False)]


def _members() -> list[tuple[str, str, str]]:
    """App, model and table of images and documents."""
    names = (settings.WAGTAILIMAGES_IMAGE_MODEL, settings.WAGTAILDOCS_DOCUMENT_MODEL)
    found = (apps.get_model(name) for name in names)
    return [(model._meta.app_label, str(model._meta.model_name), _table(model)) for model in found]


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _installed(using: str) -> set[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = %s AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)",
            [TRIGGER],
        )
        return {name for (name,) in cursor.fetchall()}


def _has_tables(using: str = "default") -> bool:
    tables = connections[using].introspection.table_names()
    return {_table(Wake), _table(Page), _table(ReferenceIndex)} <= set(tables) and all(
        watch.table in tables for watch in watches()
    )
