"""Plan, open and close rounds."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Q

from accounts.acts import note
from surveys.errors import OverlapError, WrongStateError
from surveys.models import Comparison, Criterion, FrameworkVersion, Mail, Panel, Panelist, Round
from surveys.states import ROUND_MOVES

if TYPE_CHECKING:
    from datetime import datetime

BY_BEAT = "the closing date"


@transaction.atomic
def plan_round(
    panel: Panel,
    *,
    version: FrameworkVersion,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    seed: int = 0,
    drafts_count: bool = False,
    by: str,
    at: datetime,
) -> Round:
    """Plan the panel's next round on a frozen framework version, with every pair of siblings as a comparison.

    Raises
    ------
    WrongStateError
        The framework version is a draft.
    OverlapError
        It would close before it opens.
    """
    if version.state != FrameworkVersion.State.FROZEN:
        raise WrongStateError(f"{version} is {version.state}", state=version.state, allowed=["frozen"])
    if opens_at and closes_at and closes_at <= opens_at:
        raise OverlapError("the round would close before it opens", opens_at=opens_at, closes_at=closes_at)
    locked = Panel.objects.select_for_update().get(pk=panel.pk)
    last = locked.rounds.aggregate(last=Max("number"))["last"] or 0
    planned = Round.objects.create(
        panel=locked,
        version=version,
        number=last + 1,
        seed=seed,
        opens_at=opens_at,
        closes_at=closes_at,
        drafts_count=drafts_count,
    )
    in_tree = version.criteria.filter(kind__in=["Indicator", "Aggregate"], parent__isnull=False).order_by("position")
    siblings: dict[int, list[Criterion]] = {}
    for criterion in in_tree:
        siblings.setdefault(criterion.parent_id or 0, []).append(criterion)
    Comparison.objects.bulk_create(
        Comparison(round=planned, parent_id=parent, a=a, b=b)
        for parent, children in siblings.items()
        for a, b in combinations(children, 2)
    )
    note("planned", f"round {planned.uid}", by=by, at=at)
    return planned


@transaction.atomic
def open_round(round_: Round, *, by: str, at: datetime) -> Round:
    """Open a planned round and queue an invitation for every panelist with an address.

    Raises
    ------
    WrongStateError
        The round is not planned.
    OverlapError
        Another round of the panel is open, or the closing date has passed.
    """
    locked = _move(round_, "open")
    if Round.objects.filter(panel=locked.panel, state=Round.State.OPEN).exists():
        raise OverlapError("another round of this panel is open", panel=locked.panel_id)
    if locked.closes_at and locked.closes_at <= at:
        raise OverlapError("the closing date has passed", closes_at=locked.closes_at)
    locked.state = Round.State.OPEN
    locked.opens_at = at
    locked.save(update_fields=["state", "opens_at"])
    invited = Panelist.objects.filter(panel=locked.panel, withdrawn_at__isnull=True).exclude(email="")
    Mail.objects.bulk_create(
        Mail(panelist=panelist, round=locked, kind=Mail.Kind.INVITATION, queued_at=at) for panelist in invited
    )
    note("opened", f"round {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def announce_close(round_: Round, *, finish_until: datetime, by: str, at: datetime) -> Round:
    """Announce the end of an open round: nobody new starts, those who started may finish until then.

    Raises
    ------
    WrongStateError
        The round is not open.
    OverlapError
        The time to finish is over before it began.
    """
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    if locked.state != Round.State.OPEN:
        raise WrongStateError(f"the round is {locked.state}", state=locked.state, allowed=["open"])
    if finish_until <= at:
        raise OverlapError("the time to finish would be over already", finish_until=finish_until)
    locked.finish_until = finish_until
    locked.save(update_fields=["finish_until"])
    note("announced", f"end of round {locked.uid} at {finish_until.isoformat()}", by=by, at=at)
    return locked


@transaction.atomic
def close_round(round_: Round, *, by: str, at: datetime) -> Round:
    """Close an open round; answers given stay, none is taken any more.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    locked = _move(round_, "closed")
    locked.state = Round.State.CLOSED
    locked.closed_at = at
    locked.save(update_fields=["state", "closed_at"])
    note("closed", f"round {locked.uid}", by=by, at=at)
    return locked


def close_due_rounds(*, at: datetime) -> list[Round]:
    """Close every open round whose closing date, or time to finish, has come; one closed meanwhile is passed over."""
    closed = []
    over = Q(closes_at__lte=at, finish_until__isnull=True) | Q(finish_until__lte=at)
    for due in Round.objects.filter(over, state=Round.State.OPEN):
        try:
            closed.append(close_round(due, by=BY_BEAT, at=at))
        except WrongStateError:
            continue
    return closed


def _move(round_: Round, state: str) -> Round:
    """Lock the round and check that it may move to the state."""
    locked = Round.objects.select_for_update(of=("self",)).select_related("panel").get(pk=round_.pk)
    if state not in ROUND_MOVES[locked.state]:
        allowed = [start for start, ends in ROUND_MOVES.items() if state in ends]
        raise WrongStateError(f"the round is {locked.state}", state=locked.state, allowed=allowed)
    return locked
