"""An edition's freezes, which are numbered: a release stands on its own one, work goes on with the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.models import Edition, Freeze


def last_freeze(edition: Edition) -> Freeze | None:
    """Return the edition's last freeze, or None before its method is frozen; one query, without what it froze."""
    return edition.freezes.defer("content").order_by("-number").first()
