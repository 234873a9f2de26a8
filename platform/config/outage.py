"""Whether an error says that the database is away: not reached, shut down, full, or held by somebody else for too long."""

from __future__ import annotations

import sqlite3
from typing import Final

from django.db import InterfaceError, OperationalError

# classes of PostgreSQL's states: no connection, no room for one more, ended by its operator; without a state nothing answered
STATES: Final = {"08", "53", "57"}
CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def is_database_away(error: BaseException | None) -> bool:
    """Say whether an error that reached nobody else means that the database is away; what we ask wrongly does not."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in CODES  # the rest of it says more exactly what
    state = getattr(cause, "sqlstate", None)
    return state is None or state[:2] in STATES
