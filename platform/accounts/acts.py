"""Who did what, in one log: moderators by user name, never a panelist."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger("steelyard.acts")


def note(verb: str, subject: object, *, by: str, at: datetime) -> None:
    """Write one line: when, who, verb, subject."""
    log.info("%s %s %s %s", at.isoformat(timespec="seconds"), by, verb, subject)
