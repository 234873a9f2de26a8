"""The moderators' list of a round's people as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.tables import csv_text

if TYPE_CHECKING:
    from surveys.values.people import People

COLUMNS = ("code", "name", "group", "language", "state", "invitation", "reminders", "mails_stopped")


def write_people(people: People) -> str:
    """Write the list, names letter by letter; without the column where names are not shown."""
    columns = [column for column in COLUMNS if column != "name" or people.names_shown]
    return csv_text(columns, ([getattr(person, column) for column in columns] for person in people.people))
