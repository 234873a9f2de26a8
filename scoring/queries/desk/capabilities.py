"""What somebody at the desk may do there, of all apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import states as accounts
from scoring import states as scoring
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.lifecycle import Actor


def acts_of(roles: Collection[Actor]) -> frozenset[str]:
    """Return the acts that somebody with these roles may do, each in its states."""
    return accounts.LIFECYCLES.acts_of(roles) | scoring.LIFECYCLES.acts_of(roles) | handover.acts_of(roles)
