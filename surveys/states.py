"""States and the moves between them, as data."""

from __future__ import annotations

from typing import Final

FRAMEWORK_MOVES: Final = {"draft": {"frozen"}, "frozen": set[str]()}
ROUND_MOVES: Final = {"draft": {"open"}, "open": {"closed"}, "closed": set[str]()}
MAIL_MOVES: Final = {
    "queued": {"sending"},
    "sending": {"sent", "queued", "failed"},
    "sent": set[str](),
    "failed": {"queued"},
}
