"""Migrations: complete, in one line, and possible to undo."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

OURS = ("cms", "federation")


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    output = StringIO()

    call_command("makemigrations", *OURS, check=True, dry_run=True, stdout=output)

    assert "No changes detected" in output.getvalue()


@pytest.mark.parametrize("app", OURS)
def test_migrations_stand_in_one_line(app: str) -> None:
    graph = MigrationLoader(None).graph

    assert len(graph.leaf_nodes(app)) == 1
    for node in (key for key in graph.nodes if key[0] == app):
        own_parents = [parent.key for parent in graph.node_map[node].parents if parent.key[0] == app]
        assert len(own_parents) <= 1, node


@pytest.mark.parametrize("app", OURS)
def test_every_migration_can_be_undone(app: str) -> None:
    loader = MigrationLoader(None)

    final = [
        f"{name}: {operation.describe()}"
        for (label, name), migration in loader.disk_migrations.items()
        if label == app
        for operation in migration.operations
        if not operation.reversible
    ]

    assert final == []


@pytest.mark.django_db(transaction=True)
def test_federation_can_be_taken_out_and_put_back() -> None:
    newest = MigrationLoader(None).graph.leaf_nodes("federation")

    MigrationExecutor(connection).migrate([("federation", None)])
    gone = [name for name in connection.introspection.table_names() if name.startswith("federation_")]
    MigrationExecutor(connection).migrate(newest)
    back = [name for name in connection.introspection.table_names() if name.startswith("federation_")]

    assert gone == []
    assert "federation_delivery" in back
    call_command("migrate", verbosity=0)  # the triggers, too
