"""What is told to everybody when a round opens, and holds from then on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True)
class Promises:
    """Who is asked what in a round, and what becomes of it; ``framework`` is a version's fingerprint, pairs are codes.

    ``names_shown``: moderators see names beside progress. ``drafts_count``: complete nodes count though not handed in.
    ``stop_within``: the share within which weights must rest before an end is offered. ``seed``: of the round's orders.
    """

    round: UUID
    panel: UUID
    framework: str
    follows: UUID | None
    seed: int
    stop_within: float
    names_shown: bool
    drafts_count: bool
    pairs: tuple[tuple[str, str, str], ...]

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the promises as JSON with sorted keys and without blanks."""
        text = json.dumps(asdict(self), default=str, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
