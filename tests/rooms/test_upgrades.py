"""Migrations on a full database, forwards and back: the ledger tells the same story all the way. Nothing here knows
which migrations there are; each that is added is run, too."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from wagtail.models import Locale, Page

from federation.models import Activity, LocalActor, Wake
from federation.outbox.audience import Audience, fan_out
from tests.factories.first_release import FOLLOWERS, RELEASE, fill, inboxes_of_followers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name LIKE 'federation\\_%' ORDER BY table_name, column_name"""
_RULES = """
    SELECT c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c
     WHERE c.conrelid::regclass::text LIKE 'federation\\_%'
     UNION ALL
    SELECT indrelid::regclass::text,
           regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON', 'INDEX ON')
      FROM pg_index WHERE indrelid::regclass::text LIKE 'federation\\_%'"""

_OF_OLD = {"federation_wake": "WHERE created < '2026-02-01'"}


@dataclass(frozen=True)
class Shape:
    """``columns``: (table, name) → what it is; ``rules``: constraints and indexes in PostgreSQL's words, without names
    of indexes."""

    columns: dict[tuple[str, str], tuple[object, ...]]
    rules: frozenset[tuple[str, str]]

    @property
    def tables(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for table, column in self.columns:
            found.setdefault(table, []).append(column)
        return found


def migrate(targets: list[tuple[str, str]]) -> int:
    """As ``manage.py migrate`` does; how many steps."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(targets)
    state = executor.migrate(targets, plan=plan)
    state.clear_delayed_apps_cache()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    return len(plan)


def newest() -> list[tuple[str, str]]:
    graph = MigrationExecutor(connection).loader.graph
    return [node for app in RELEASE for node in graph.leaf_nodes(app)]


@pytest.fixture
def upgraded() -> Iterator[None]:
    """Whatever happens, the next test finds the newest tables."""
    yield
    migrate(newest())


def shape() -> Shape:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        columns = {(table, name): tuple(rest) for table, name, *rest in cursor.fetchall()}
        cursor.execute(_RULES)
        return Shape(columns, frozenset(cursor.fetchall()))


def story(first: Shape) -> dict[str, tuple[int, str]]:
    """Per table of the first release: how many rows, and a digest of every value that it had then. A migration that
    makes pages wakes somebody, rightly; that comes on top."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in first.tables.items():
            row = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"SELECT count(*), md5(string_agg(line, '' ORDER BY line))"
                f" FROM (SELECT md5(ROW({row})::text) AS line FROM {table} {_OF_OLD.get(table, '')}) AS lines"
            )
            found[table] = cursor.fetchone()
    return found


def wakes_after_a_change() -> list[str]:
    """What triggers write when a page's title changes by SQL alone; taken back at once."""
    page = Page.objects.filter(slug="upgraded").first()
    if page is None:
        Locale.objects.get_or_create(language_code="en")
        page = Page.add_root(title="Upgraded", slug="upgraded")
    before = set(Wake.objects.values_list("pk", flat=True))
    Page.objects.filter(pk=page.pk).update(title=f"Upgraded {uuid.uuid4()}")
    woken = Wake.objects.exclude(pk__in=before)
    keys = list(woken.values_list("key", flat=True))
    woken.delete()
    return [key.replace(str(page.pk), "it") for key in keys]


def copies_taken(first: Shape) -> list[str]:
    """Tables that let somebody put the same row in twice, with no more than a number of its own."""
    taken = []
    for table, columns in first.tables.items():
        if table == "federation_wake":  # the same key again and again is its purpose
            continue
        kind = first.columns[table, "id"][0] if "id" in columns else None
        others = [f'"{column}"' for column in columns if column != "id"]
        values = {"uuid": ["gen_random_uuid()"], "bigint": [], None: []}[kind]
        names = ['"id"'] * len(values) + others
        statement = (
            f"INSERT INTO {table} ({', '.join(names)})"
            f" SELECT {', '.join(values + others)} FROM {table} ORDER BY 1 LIMIT 1"
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                taken.append(table)
                transaction.set_rollback(True)
        except IntegrityError:
            continue
    return taken


def test_the_ledger_tells_the_same_story_forwards_and_back(upgraded: None) -> None:
    """Fails if a migration changes values, loses rows, forgets an index or cannot be undone: tried with one that rounds
    times, one that deletes deliveries, one that drops an index, and one whose way back restores nothing."""
    migrate(list(RELEASE.items()))
    first = shape()
    fill()
    told = story(first)
    assert told["federation_follower"][0] == FOLLOWERS
    assert all(count for count, _ in told.values()), "no table of the ledger is left out"
    seen = []
    for targets in (newest(), list(RELEASE.items()), newest()):
        assert migrate(targets) > 0
        now = shape()
        seen.append(now)
        assert first.columns.keys() <= now.columns.keys(), "a value that was told has lost its place"
        assert story(first) == told
        assert first.rules <= now.rules
        assert copies_taken(first) == []
        assert wakes_after_a_change() == ["page:it"]
    assert seen[1] == first, "the way back leads to the same tables"
    assert seen[2] == seen[0]
    _is_understood_by_the_present()


def _is_understood_by_the_present() -> None:
    """The code of today reads it: an audience is found as it was."""
    for number in (1, 2):
        actor = LocalActor.objects.get(handle=f"org{number}")
        uri = f"https://hub.example/ap/activities/{uuid.uuid4()}"
        said = Activity.objects.create(
            actor=actor, uri=uri, kind="Update", lane=actor.uri, body=b"{}", created=timezone.now()
        )
        assert fan_out(said, Audience.FOLLOWERS, first=False) == inboxes_of_followers(number)
