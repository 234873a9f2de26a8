"""Guards of the database, lifted for a moment: tests put rows where no act leads, to see what happens there."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def unguarded(*models):
    """Lift the triggers of these models' tables meanwhile."""
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # ALTER TABLE would trip over constraints that are still to be checked
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = origin")
            return
        holes = ", ".join(["%s"] * len(tables))
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({holes}) ORDER BY name",
            tables,
        )
        guards = cursor.fetchall()
        for name, _sql in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _name, sql in guards:
                cursor.execute(sql)
