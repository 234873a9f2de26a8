"""Plan, open and close rounds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Q

from accounts.acts import note
from surveys.errors import NotAskedError, OverlapError, RoundStateError
from surveys.models import Comparison, Mail, Panel, Panelist, Round
from surveys.queries.frameworks import sibling_pairs
from surveys.queries.promises import promises_of
from surveys.queries.rounds import count_round
from surveys.states import FRAMEWORK, ROUND, check

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from surveys.models import FrameworkVersion

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
    follows: Round | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
    by: str,
    at: datetime,
) -> Round:
    """Plan the panel's next round on a frozen framework version, with every pair of siblings as a comparison.

    With ``follows`` it asks again what is open after that closed round: the ``pairs`` (codes, in either order) alone, and
    answers not given anew are taken from there. Without ``pairs`` it asks all pairs of the earlier round again.

    Raises
    ------
    WrongStateError
        The framework version is a draft, or the earlier round is not closed.
    OverlapError
        It would close before it opens, or closes in the past; or the earlier round is another panel's or version's.
    NotAskedError
        A pair was not asked in the earlier round, or none is chosen.
    """
    check(FRAMEWORK, "plan_round", version.state, subject=str(version))
    if opens_at and closes_at and closes_at <= opens_at:
        raise OverlapError("the round would close before it opens", opens_at=opens_at, closes_at=closes_at)
    if closes_at and closes_at <= at:
        raise OverlapError("the closing date has passed", closes_at=closes_at)
    if follows is not None:
        _check_follows(follows, panel=panel, version=version)
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
        follows=follows,
    )
    Comparison.objects.bulk_create(_siblings(planned) if follows is None else _again(planned, follows, pairs))
    note("planned", f"round {planned.uid}", by=by, at=at)
    return planned


def _check_follows(earlier: Round, *, panel: Panel, version: FrameworkVersion) -> None:
    """Check that a round may follow this one."""
    state = Round.objects.values_list("state", flat=True).get(pk=earlier.pk)
    check(ROUND, "plan_round", state, subject="the earlier round")
    if (earlier.panel_id, earlier.version_id) != (panel.pk, version.pk):
        raise OverlapError("the earlier round is of another panel or framework version", follows=str(earlier.uid))


def _again(planned: Round, earlier: Round, pairs: Iterable[tuple[str, str]] | None) -> list[Comparison]:
    """Return the chosen pairs of the earlier round, and those before it, as comparisons of this one."""
    asked: dict[frozenset[str], Comparison] = {}
    before: Round | None = earlier
    while before is not None:
        for one in before.comparisons.select_related("a", "b"):
            asked.setdefault(frozenset((one.a.code, one.b.code)), one)
        before = before.follows
    first = {frozenset((one.a.code, one.b.code)) for one in earlier.comparisons.select_related("a", "b")}
    chosen = first if pairs is None else {frozenset(pair) for pair in pairs}
    unknown = sorted(" / ".join(sorted(pair)) for pair in chosen - set(asked))
    if unknown or not chosen:
        raise NotAskedError("the earlier round did not ask these pairs", pairs=unknown)
    kept = (one for pair, one in asked.items() if pair in chosen)
    return [Comparison(round=planned, parent_id=one.parent_id, a=one.a, b=one.b) for one in kept]


def _siblings(planned: Round) -> list[Comparison]:
    """Return every pair of siblings of the framework as comparisons."""
    return [Comparison(round=planned, parent_id=a.parent_id or 0, a=a, b=b) for a, b in sibling_pairs(planned.version)]


@transaction.atomic
def open_round(round_: Round, *, by: str, at: datetime) -> Round:
    """Open a planned round, fingerprint what is promised, and queue an invitation for every panelist with an address.

    From now on the database refuses to change what was promised.

    Raises
    ------
    WrongStateError
        The round is not planned.
    OverlapError
        Another round of the panel is open, or the closing date has passed.
    """
    locked = _held(round_, "open_round")
    if Round.objects.filter(panel=locked.panel, state=Round.State.OPEN).exists():
        raise OverlapError("another round of this panel is open", panel=locked.panel_id)
    if locked.closes_at and locked.closes_at <= at:
        raise OverlapError("the closing date has passed", closes_at=locked.closes_at)
    locked.state = Round.State.OPEN
    locked.opens_at = at
    locked.promise_fingerprint = promises_of(locked).fingerprint
    locked.save(update_fields=["state", "opens_at", "promise_fingerprint"])
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
    locked = _held(round_, "announce_close")
    if finish_until <= at:
        raise OverlapError("the time to finish would be over already", finish_until=finish_until)
    locked.finish_until = finish_until
    locked.save(update_fields=["finish_until"])
    note("announced", f"end of round {locked.uid} at {finish_until.isoformat()}", by=by, at=at)
    return locked


@transaction.atomic
def close_round(round_: Round, *, by: str, at: datetime) -> Round:
    """Close an open round; answers given stay, none is taken any more.

    Its facts are counted now, under the round's lock, and kept with it: they are never counted again.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    locked = _held(round_, "close_round")
    locked.state = Round.State.CLOSED
    locked.closed_at = at
    locked.at_closing = asdict(count_round(locked))
    locked.save(update_fields=["state", "closed_at", "at_closing"])
    note("closed", f"round {locked.uid}", by=by, at=at)
    return locked


def close_due_rounds(*, at: datetime) -> list[Round]:
    """Close every open round whose closing date, or time to finish, has come; one closed meanwhile is passed over."""
    closed = []
    over = Q(closes_at__lte=at, finish_until__isnull=True) | Q(finish_until__lte=at)
    for due in Round.objects.filter(over, state=Round.State.OPEN):
        try:
            closed.append(close_round(due, by=BY_BEAT, at=at))
        except RoundStateError:
            continue
    return closed


def _held(round_: Round, act: str) -> Round:
    """Lock the round and check that its state allows the act."""
    locked = Round.objects.select_for_update(of=("self",)).select_related("panel").get(pk=round_.pk)
    check(ROUND, act, locked.state)
    return locked
