"""States and the moves between them, as data."""

from __future__ import annotations

from typing import Final

ROUND_MOVES: Final = {"draft": {"open"}, "open": {"closed"}, "closed": set[str]()}
