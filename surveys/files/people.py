"""The moderators' list of a round's people as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from exchange.cells import as_text

if TYPE_CHECKING:
    from surveys.values.people import People

COLUMNS = ("code", "name", "group", "language", "state", "invitation", "reminders", "mails_stopped")


def write_people(people: People) -> str:
    """Write the list, names letter by letter; without the column where names are not shown."""
    columns = [column for column in COLUMNS if column != "name" or people.names_shown]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for person in people.people:
        values = (getattr(person, column) for column in columns)
        writer.writerow([as_text(value) if isinstance(value, str) else value for value in values])
    return out.getvalue()
