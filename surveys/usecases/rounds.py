"""Plan, open and close rounds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Q

from accounts.acts import note
from surveys.errors import BadDateError, BadFrameworkError, NotAskedError, OverlapError, RoundStateError
from surveys.models import Comparison, Mail, Panel, Panelist, Round
from surveys.queries.frameworks import sibling_pairs
from surveys.queries.promises import promises_of
from surveys.queries.rounds import count_round
from surveys.states import FRAMEWORK, ROUND, check
from surveys.usecases.news import drop_news, queue_news

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from surveys.models import FrameworkVersion

BY_BEAT = "the closing date"
BY_HOUR = "the opening hour"


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

    With ``opens_at`` a worker opens it at that hour; without, somebody does by hand. With ``follows`` it asks again what is
    open after that closed round: the ``pairs`` (codes, in either order) alone, and answers not given anew are taken from
    there. Without ``pairs`` it asks all pairs of the earlier round again.

    Raises
    ------
    WrongStateError
        The framework version is a draft, or the earlier round is not closed.
    BadFrameworkError
        The framework is another series' own.
    BadDateError
        It would close before it opens, or one of its hours is over.
    OverlapError
        Another round of the panel is asked in these hours; or the earlier round is another panel's or version's.
    NotAskedError
        A pair was not asked in the earlier round, or none is chosen.
    """
    check(FRAMEWORK, "plan_round", version.state, subject=str(version))
    if version.framework.series_id not in {None, panel.series_id}:
        raise BadFrameworkError("the framework is another series' own", framework=str(version.uid))
    check_hours(opens_at, closes_at, at=at)
    locked = _held_panel(panel.pk)
    if follows is not None:
        _check_follows(follows, panel=panel, version=version)
    check_free(locked, opens_at, closes_at)
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
    Comparison.objects.bulk_create(_siblings(planned) if follows is None else asked_again(planned, follows, pairs))
    note("planned", f"round {planned.uid}", by=by, at=at)
    return planned


def check_hours(opens_at: datetime | None, closes_at: datetime | None, *, at: datetime) -> None:
    """Check that both hours of a plan are still to come, one after the other."""
    for field, hour in (("opens_at", opens_at), ("closes_at", closes_at)):
        if hour and hour <= at:
            raise BadDateError(f"{field} has passed", field=field, why="passed", got=hour)
    if opens_at and closes_at and closes_at <= opens_at:
        raise BadDateError("the round would close before it opens", field="closes_at", why="before_opening")


def check_free(panel: Panel, opens_at: datetime | None, ends_at: datetime | None, *, but: Round | None = None) -> None:
    """Check that no other round of the panel is asked in these hours, or planned to be; a plan without an hour bars none.

    Nor does one that missed its hour: it waits for somebody to open it, or to give it another one.
    """
    if opens_at is None:
        return
    others = panel.rounds.filter(opens_at__isnull=False, closed_at__isnull=True, not_opened__isnull=True)
    for other in others.order_by("opens_at"):
        if but is not None and other.pk == but.pk:
            continue
        is_before = other.ends_at is not None and other.ends_at <= opens_at
        if not is_before and (ends_at is None or (other.opens_at and other.opens_at < ends_at)):
            raise _overlap(other)


def check_none_open(panel: Panel) -> None:
    """Check that no round of the panel is open, also none whose end has come and which nobody has closed yet."""
    if other := panel.rounds.filter(state=Round.State.OPEN).first():
        raise _overlap(other)


def _overlap(other: Round) -> OverlapError:
    told = {"why": "asked", "round": other.number, "until": other.ends_at}
    return OverlapError(f"round {other.number} of this panel is asked in these hours", **told)


def _check_follows(earlier: Round, *, panel: Panel, version: FrameworkVersion) -> None:
    """Check that a round may follow this one."""
    state = Round.objects.values_list("state", flat=True).get(pk=earlier.pk)
    check(ROUND, "plan_round", state, subject="the earlier round")
    if (earlier.panel_id, earlier.version_id) != (panel.pk, version.pk):
        told = {"why": "elsewhere", "round": earlier.number}
        raise OverlapError("the earlier round is of another panel or framework version", **told)


def asked_again(planned: Round, earlier: Round, pairs: Iterable[tuple[str, str]] | None) -> list[Comparison]:
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
    BadDateError
        The closing date has passed.
    OverlapError
        Another round of the panel is open, or planned to be before this one ends.
    """
    locked = held(round_, "open_round")
    if locked.closes_at and locked.closes_at <= at:
        raise BadDateError("the closing date has passed", field="closes_at", why="passed", got=locked.closes_at)
    check_none_open(locked.panel)
    check_free(locked.panel, at, locked.closes_at, but=locked)
    locked.state = Round.State.OPEN
    locked.opens_at, locked.not_opened = at, None
    locked.promise_fingerprint = promises_of(locked).fingerprint
    locked.save(update_fields=["state", "opens_at", "not_opened", "promise_fingerprint"])
    invited = Panelist.objects.filter(panel=locked.panel, withdrawn_at__isnull=True).exclude(email="")
    Mail.objects.bulk_create(
        Mail(panelist=panelist, round=locked, kind=Mail.Kind.INVITATION, queued_at=at) for panelist in invited
    )
    note("opened", f"round {locked.uid}", by=by, at=at)
    return locked


def open_due_rounds(*, at: datetime) -> list[Round]:
    """Open every planned round whose hour has come; one opened, moved or cancelled meanwhile is passed over.

    One that may not open then stays planned, keeps why, and is not tried again.
    """
    due = Round.objects.filter(state=Round.State.DRAFT, opens_at__lte=at, not_opened__isnull=True).order_by(
        "opens_at", "pk"
    )
    return [opened for one in due if (opened := _open_due(one, at=at))]


@transaction.atomic
def _open_due(due: Round, *, at: datetime) -> Round | None:
    try:
        locked = held(due, "open_round")
    except RoundStateError:
        return None
    if locked.opens_at is None or locked.opens_at > at or locked.not_opened:
        return None
    try:
        return open_round(locked, by=BY_HOUR, at=at)
    except (BadDateError, OverlapError) as refused:
        until = refused.facts.get("until")
        locked.not_opened = {
            "code": refused.code,
            "at": at.isoformat(),
            "round": refused.facts.get("round"),
            "until": until and f"{until}",
        }
        locked.save(update_fields=["not_opened"])
        note("could not open", f"round {locked.uid}: {refused}", by=BY_HOUR, at=at)
        return None


@transaction.atomic
def announce_close(round_: Round, *, finish_until: datetime, tell: bool = False, by: str, at: datetime) -> Round:
    """Announce the end of an open round: nobody new starts, those who started may finish until then.

    With ``tell`` everybody who has not handed in is mailed once, those who are shut out too.

    Raises
    ------
    WrongStateError
        The round is not open.
    BadDateError
        The time to finish is over before it began.
    OverlapError
        Another round of the panel is to open before that.
    """
    locked = held(round_, "announce_close")
    if finish_until <= at:
        raise BadDateError("the time to finish is over already", field="finish_until", why="passed", got=finish_until)
    if locked.ends_at and finish_until > locked.ends_at:
        check_free(locked.panel, at, finish_until, but=locked)
    drop_news(locked, Mail.Kind.END_MOVED, Mail.Kind.REOPENED)  # what they would say is not so any more
    if tell:
        queue_news(locked, Mail.Kind.ENDING, at=at)
    locked.finish_until = finish_until
    locked.save(update_fields=["finish_until"])
    note("announced", f"end of round {locked.uid} at {finish_until.isoformat()}", by=by, at=at)
    return locked


@transaction.atomic
def close_round(round_: Round, *, tell: bool = False, by: str, at: datetime) -> Round:
    """Close an open round; answers given stay, none is taken any more.

    Its facts are counted now, under the round's lock, and kept with it: they are never counted again, unless it opens again.
    With ``tell`` everybody who has not handed in is mailed once.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    locked = held(round_, "close_round")
    if tell:
        queue_news(locked, Mail.Kind.CLOSED, at=at)
    locked.state = Round.State.CLOSED
    locked.closed_at = at
    locked.at_closing = asdict(count_round(locked))
    locked.save(update_fields=["state", "closed_at", "at_closing"])
    note("closed", f"round {locked.uid}", by=by, at=at)
    return locked


def close_due_rounds(*, at: datetime) -> list[Round]:
    """Close every open round whose end has come; one closed or moved meanwhile is passed over."""
    over = Q(closes_at__lte=at, finish_until__isnull=True) | Q(finish_until__lte=at)
    due = Round.objects.filter(over, state=Round.State.OPEN)
    return [closed for one in due if (closed := _close_due(one, at=at))]


@transaction.atomic
def _close_due(due: Round, *, at: datetime) -> Round | None:
    try:
        locked = held(due, "close_round")
    except RoundStateError:
        return None
    if locked.ends_at is None or locked.ends_at > at:  # moved while this waited for its lock
        return None
    return close_round(locked, by=BY_BEAT, at=at)


def _held_panel(pk: int) -> Panel:
    """Lock a panel, so that its rounds are planned, opened and moved one after the other; who answers waits for nothing."""
    return Panel.objects.select_for_update(no_key=True).get(pk=pk)


def held(round_: Round, act: str) -> Round:
    """Lock the round, its panel first, and check that its state allows the act.

    Raises
    ------
    WrongStateError
        Its state does not, or the plan was cancelled meanwhile.
    """
    panel = _held_panel(round_.panel_id)
    locked = Round.objects.select_for_update(of=("self",)).filter(pk=round_.pk).first()
    if locked is None:
        raise RoundStateError("the plan was cancelled", state="cancelled", allowed=ROUND.allowed(act))
    check(ROUND, act, locked.state)
    locked.panel = panel
    return locked
