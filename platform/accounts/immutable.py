"""Rows that never change: a migration operation that lets the database itself refuse UPDATE and DELETE.

Pages, API, admin and ``QuerySet.update`` all end at the trigger; nothing in Python has to remember the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.migrations.operations.base import Operation

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState


class Refuse(Operation):
    """Create a trigger on ``table`` that refuses an event ("UPDATE" or "DELETE"), always or where ``when`` holds.

    ``when`` is SQL over OLD and NEW; it is read inside the trigger's body, so it may hold sub-selects.
    """

    reversible = True

    def __init__(self, table: str, event: str, when: str = "1 = 1") -> None:
        """Keep the table, the event and the condition."""
        self.table, self.event, self.when = table, event, when

    @property
    def trigger(self) -> str:
        """Name of the trigger."""
        return f"immutable_{self.table}_{self.event.lower()}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the models' state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the trigger."""
        message = f"immutable: {self.table} refuses {self.event}"
        if schema_editor.connection.vendor == "postgresql":
            kept = "NEW" if self.event == "UPDATE" else "OLD"
            schema_editor.execute(
                f"CREATE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF ({self.when}) THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; "
                f"END IF; RETURN {kept}; END $$",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {self.trigger} BEFORE {self.event} ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.trigger}()",
                params=None,
            )
            return
        schema_editor.execute(
            f"CREATE TRIGGER {self.trigger} BEFORE {self.event} ON {self.table} FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{message}') WHERE ({self.when}); END",
            params=None,
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the trigger."""
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {self.trigger}() CASCADE", params=None)
            return
        schema_editor.execute(f"DROP TRIGGER {self.trigger}", params=None)

    def describe(self) -> str:
        """Say it in a migration listing."""
        return f"Refuse {self.event} on {self.table}"


class Lift(Refuse):
    """Drop a trigger that `Refuse` made; backwards it comes again.

    SQLite changes a table by building it anew, which loses its triggers and trips over others that read it: a migration
    lifts them, changes the table, and refuses again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the trigger."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the trigger."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say it in a migration listing."""
        return f"Allow {self.event} on {self.table}"
