"""What never changes: migration operations that let the database itself refuse it, be it a row, a column or a move of state.

Pages, API, admin and ``QuerySet.update`` all end at the trigger; nothing in Python has to remember the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.migrations.operations.base import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState


class Refuse(Operation):
    """Create a trigger on ``table`` that refuses an event (INSERT, UPDATE or DELETE), always or where ``when`` holds.

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

    @property
    def message(self) -> str:
        """What is said to whoever tries; it begins with "immutable"."""
        return f"immutable: {self.table} refuses {self.event}"

    def refused(self, vendor: str) -> str:
        """Return what is refused, as SQL over OLD and NEW in the words of a database."""
        return self.when

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the models' state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the trigger."""
        refused = self.refused(schema_editor.connection.vendor)
        if schema_editor.connection.vendor == "postgresql":
            kept = "OLD" if self.event == "DELETE" else "NEW"
            schema_editor.execute(
                f"CREATE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF ({refused}) THEN RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation'; "
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
            f"BEGIN SELECT RAISE(ABORT, '{self.message}') WHERE ({refused}); END",
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


class Keep(Refuse):
    """Create a trigger on ``table`` that refuses to change ``columns`` of a row for which ``when`` holds.

    Where a table has several, each with its own condition, ``name`` tells them apart.
    """

    def __init__(self, table: str, columns: Iterable[str], when: str, *, name: str = "columns") -> None:
        """Keep the table, the columns, the condition and the name."""
        super().__init__(table, "UPDATE", when)
        self.columns, self.name = tuple(columns), name

    @property
    def trigger(self) -> str:
        """Name of the trigger."""
        return f"immutable_{self.table}_{self.name}"

    @property
    def message(self) -> str:
        """What is said."""
        return f"immutable: {self.table} keeps {', '.join(self.columns)}"

    def refused(self, vendor: str) -> str:
        """Return that one of the columns becomes another one, nothing being a value too."""
        differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
        changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in self.columns)
        return f"({changed}) AND ({self.when})"


class Moves(Refuse):
    """Create a trigger on ``table`` that refuses every change of its ``state`` but these, each written "from to".

    They are the moves of the table of states that `accounts.lifecycle` has for it, as they were when the migration was
    written: a test holds the database to that table, so that a move added there wants a migration.
    """

    def __init__(self, table: str, *moves: str) -> None:
        """Keep the table and the moves."""
        super().__init__(table, "UPDATE")
        self.moves = tuple(tuple(move.split()) for move in moves)

    @property
    def trigger(self) -> str:
        """Name of the trigger."""
        return f"immutable_{self.table}_moves"

    @property
    def message(self) -> str:
        """What is said."""
        return f"immutable: {self.table} has no such move of state"

    def refused(self, vendor: str) -> str:
        """Return that the state becomes another one by none of the moves."""
        known = " OR ".join(f"(OLD.state = '{start}' AND NEW.state = '{end}')" for start, end in self.moves)
        return f"NEW.state <> OLD.state AND NOT ({known})"


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


class LiftGuard(Operation):
    """Drop the trigger of any guard, such as `Keep` or `Moves`, so that one that holds more may follow; backwards it comes again."""

    reversible = True

    def __init__(self, guard: Refuse) -> None:
        """Keep the guard as it was made."""
        self.guard = guard

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the models' state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the trigger."""
        self.guard.database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the trigger."""
        self.guard.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say it in a migration listing."""
        return f"Lift {self.guard.trigger}"
