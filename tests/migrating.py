"""Migrations on rows as they stood before: back to what one of them found, and on again."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Migrations:
    """The database's migrations."""

    def before(self, app, name):
        """Go back to what a migration found, and return the models as they were there."""
        executor = MigrationExecutor(connection)
        targets = executor.loader.get_migration(app, name).dependencies
        executor.migrate(targets)
        return executor.loader.project_state(targets).apps

    def on(self):
        """Go on to the last one."""
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
