"""What the database itself refuses: no migration loses a trigger of an earlier one, on either database."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.immutable import Lift

pytestmark = pytest.mark.django_db

STANDING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def test_every_trigger_that_migrations_make_stands():
    """SQLite builds a table anew to change it, and its triggers go with the old one without a word."""
    executor = MigrationExecutor(connection)
    made: set[str] = set()
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True):
        for operation in migration.operations:
            if isinstance(operation, Lift):
                made.discard(operation.trigger)
            elif trigger := getattr(operation, "trigger", None):
                made.add(trigger)
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        standing = {name for (name,) in cursor.fetchall()}

    assert len(made) > 50
    assert standing == made
