"""States and the moves between them, as data."""

from __future__ import annotations

from typing import Final

JOB_MOVES: Final = {
    "queued": {"running", "cancelled"},
    "running": {"done", "failed", "queued", "cancelled"},
    "done": set[str](),
    "failed": {"queued"},
    "cancelled": {"queued"},
}
EDITION_MOVES: Final = {
    "preparing": {"frozen"},
    "frozen": {"released"},
    "released": {"released", "withdrawn"},
    "withdrawn": set[str](),
}
