"""Change and cancel the plan of a round that nobody was invited to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.models import Comparison, Round
from surveys.usecases.rounds import asked_again, check_free, check_hours, held

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@transaction.atomic
def change_plan(
    round_: Round,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    drafts_count: bool,
    pairs: Iterable[tuple[str, str]] | None = None,
    by: str,
    at: datetime,
) -> Round:
    """Give a planned round other hours, another rule for drafts and, where it follows one, other pairs to ask again.

    Without ``pairs`` it asks what it asked. That it missed its hour is forgotten.

    Raises
    ------
    WrongStateError
        The round is not planned any more.
    BadDateError
        It would close before it opens, or one of its hours is over.
    OverlapError
        Another round of the panel is asked in these hours.
    NotAskedError
        A pair was not asked in the earlier round, or none is chosen.
    """
    locked = held(round_, "change_plan")
    check_hours(opens_at, closes_at, at=at)
    check_free(locked.panel, opens_at, closes_at, but=locked)
    locked.opens_at, locked.closes_at, locked.drafts_count = opens_at, closes_at, drafts_count
    locked.not_opened = None
    locked.save(update_fields=["opens_at", "closes_at", "drafts_count", "not_opened"])
    if pairs is not None and locked.follows is not None:
        asked = asked_again(locked, locked.follows, pairs)
        locked.comparisons.all().delete()
        Comparison.objects.bulk_create(asked)
    note("changed", f"plan of round {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def cancel_plan(round_: Round, *, by: str, at: datetime) -> None:
    """Cancel a planned round: it is gone, with its pairs; nobody was invited, and its number is free again.

    Raises
    ------
    WrongStateError
        The round is not planned any more.
    """
    locked: Round = held(round_, "cancel_plan")
    note(
        "cancelled", f"the plan of round {locked.uid}, number {locked.number} of panel {locked.panel.uid}", by=by, at=at
    )
    locked.delete()
