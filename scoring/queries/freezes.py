"""An edition's freezes, which are numbered: a release stands on its own one, work goes on with the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.files.unit_lists import ListedUnits

if TYPE_CHECKING:
    from scoring.models import Edition, Freeze


def last_freeze(edition: Edition) -> Freeze | None:
    """Return the edition's last freeze, or None before its method is frozen; one query, without what it froze."""
    return edition.freezes.defer("content").order_by("-number").first()


def last_list(edition: Edition) -> ListedUnits | None:
    """Return the list of units of the last freeze; None where there is no freeze, or one of before lists were kept."""
    freeze = edition.freezes.select_related("unit_list").defer("content").order_by("-number").first()
    return ListedUnits.from_plain(freeze.unit_list.content) if freeze and freeze.unit_list else None
