"""How sure a ranking is: what was varied, how far ranks move, who cannot be told apart, which choice matters most."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoring.models import ReleaseUnit
from scoring.numerics.robustness.doubling import ONE_PLACE
from scoring.numerics.robustness.intervals import TOLD_APART
from scoring.numerics.robustness.leave_one_out import KINDS
from scoring.queries.published.criteria import criteria
from scoring.queries.published.headline import PLACED, RankedPlace, Untypical, untypical
from scoring.queries.published.ranking import tiers_of
from scoring.queries.published.release_study import release_study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.files.uncertainty_reader import FactorShare, Interval, StudyTables, Summary, UnitRanks
    from scoring.numerics.robustness.leave_one_out import Kind
    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.ranking import RankingRow, Tier
    from scoring.queries.published.release_head import ReleaseHead

BESIDE = 4  # neighbours told on either side of a unit
TELLING = 6  # parts without which a unit moves most
STEADY = 1.0  # places: draws are enough where half of them move no end of an interval further


@dataclass(frozen=True, slots=True)
class UncertaintyRow:
    """A ranked unit: ``low`` and ``high`` are the ends of its drawn ranks, outward to whole ranks, ``joint_`` those of its set.

    ``first`` to ``last`` are the ranks around it that it cannot be told apart from, both 0 where it stands alone.
    ``low_error`` and ``high_error`` are the ranks between which each end lies, None where the release does not say. ``half``,
    ``modal_tier`` and what follows from them are as in `RankedPlace`.
    """

    code: str
    name: str
    country: str
    rank: int
    drawn: Interval
    low: int | None
    high: int | None
    joint_low: int | None
    joint_high: int | None
    shares: tuple[float, ...]
    first: int
    last: int
    low_error: tuple[int, int] | None
    high_error: tuple[int, int] | None
    half: tuple[int, int] | None
    modal_tier: int | None
    is_off_half: bool
    is_other_tier: bool

    @property
    def open_low(self) -> tuple[int, int] | None:
        """The ranks between which the lower end lies, where it is not known to one place."""
        return unless_known(self.low_error)

    @property
    def open_high(self) -> tuple[int, int] | None:
        """The ranks between which the upper end lies, where it is not known to one place."""
        return unless_known(self.high_error)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Neighbours that cannot be told apart: ``opens`` and ``closes`` name the first and the last of them."""

    first: int
    last: int
    units: tuple[str, ...]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The ranking without one part; ``unit`` is the code of who moves most and ``mover`` its name, empty where nobody does."""

    name: str
    shift: float
    moved: int
    unit: str
    mover: str
    rank: int | None
    without: int | None
    change: int


@dataclass(frozen=True, slots=True)
class Cases:
    """The parts of one kind, those that matter most first; ``undefined`` names those that nothing is left without."""

    kind: Kind
    rows: tuple[CaseRow, ...]
    undefined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightUncertainty:
    """A criterion's weight of its group and of the whole, with their intervals."""

    criterion: NamedCriterion
    parent: str
    local: Interval
    global_weight: Interval


@dataclass(frozen=True, slots=True)
class UncertaintySummary:
    """What the study says in one line: ``wide`` units have an interval wider than ``wider`` places.

    ``blurred`` of ``neighbours`` pairs by rank cannot be told apart; ``neighbours`` is 0 where pairs were not counted.
    ``steady`` counts the units that are in one tier in every joint set; without joint sets, and of tiers by scores, of which
    ranks say nothing, those that keep theirs in 95 % of the draws (``is_joint`` is False).
    """

    wide: int
    wider: int
    blurred: int
    neighbours: int
    steady: int
    is_joint: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class RobustnessPage:
    """How sure a release's ranking is; without draws ``summary`` and ``uncertainty_summary`` are None and the rest is empty.

    ``shares`` tell what each factor explains of the mean shift, the largest first. ``focus`` is the unit asked for.
    """

    head: ReleaseHead
    total: int
    summary: Summary | None
    uncertainty_summary: UncertaintySummary | None
    tiers: tuple[Tier, ...]
    rows: tuple[UncertaintyRow, ...]
    untypical: Untypical
    groups: tuple[GroupRow, ...]
    shares: tuple[FactorShare, ...]
    cases: tuple[Cases, ...]
    weights: tuple[WeightUncertainty, ...]
    focus: str

    @property
    def has_halves(self) -> bool:
        """Whether the release tells the middle half of the drawn ranks."""
        return any(row.half for row in self.rows)

    @property
    def focused(self) -> UncertaintyRow | None:
        """The row of the unit asked for."""
        return next((row for row in self.rows if row.code == self.focus), None)


def robustness_page(head: ReleaseHead, *, focus: str = "") -> RobustnessPage:
    """Return how sure a release is; three queries, and two more before its files are read.

    An unknown ``focus`` is nobody's.
    """
    asked = ReleaseUnit.objects.filter(release=head.release_id).only(*PLACED, "country_names")
    units = {unit.code: unit for unit in asked}
    studied = release_study(head).studied
    tiers = tiers_of(head, list(units.values()))
    tree = {criterion.code: criterion for criterion in criteria(head.freeze_id)}
    page = RobustnessPage(
        head=head,
        total=sum(unit.rank is not None for unit in units.values()),
        summary=None,
        uncertainty_summary=None,
        tiers=tiers,
        rows=(),
        untypical=Untypical(0, 0),
        groups=(),
        shares=(),
        cases=(),
        weights=(),
        focus=focus if focus in units else "",
    )
    if studied is None:
        return page
    rows = _rows(studied, units)
    return replace(
        page,
        summary=studied.summary,
        uncertainty_summary=uncertainty_summary(studied, tiers),
        rows=rows,
        untypical=untypical(rows),
        groups=tuple(
            GroupRow(one.first, one.last, one.units, units[one.units[0]].name, units[one.units[-1]].name)
            for one in studied.alike
        ),
        shares=_by_total([one for one in studied.sensitivity if not one.unit]),
        cases=tuple(_cases(kind, studied, units, tree) for kind in KINDS),
        weights=_weights(studied, tree),
    )


def uncertainty_summary(studied: StudyTables, tiers: Sequence[Tier]) -> UncertaintySummary:
    """Return what the study says in one line; an interval is wide that spans more than a tenth of the field."""
    ranked = [row for row in studied.ranks if row.rank]
    wider = max(2, math.ceil(len(ranked) / 10))
    by_joint = studied.summary.joint is not None and all(tier.by == "position" for tier in tiers)
    return UncertaintySummary(
        wide=sum(row.drawn.width > wider for row in ranked),
        wider=wider,
        blurred=sum(share is not None and 1 - TOLD_APART < share < TOLD_APART for share in studied.neighbours),
        neighbours=len(studied.neighbours),
        steady=sum(
            any(tier.holds(*row.joint) for tier in tiers)
            if by_joint and row.joint is not None
            else max(row.tiers, default=0.0) >= TOLD_APART
            for row in ranked
        ),
        is_joint=by_joint,
        is_settled=studied.summary.gap <= STEADY,
    )


def _rows(studied: StudyTables, units: Mapping[str, ReleaseUnit]) -> tuple[UncertaintyRow, ...]:
    around: dict[str, tuple[int, int]] = {}
    for group in studied.alike:
        for code in group.units:
            first, last = around.get(code, (group.first, group.last))
            around[code] = min(first, group.first), max(last, group.last)
    return tuple(
        _row(row, units[row.unit], *around.get(row.unit, (0, 0))) for row in studied.ranks if row.rank is not None
    )


def _row(row: UnitRanks, unit: ReleaseUnit, first: int, last: int) -> UncertaintyRow:
    place = RankedPlace.of(unit)
    return UncertaintyRow(
        code=unit.code,
        name=unit.name,
        country=unit.country,
        rank=place.rank,
        drawn=row.drawn,
        low=place.low,
        high=place.high,
        joint_low=place.joint_low,
        joint_high=place.joint_high,
        shares=row.tiers,
        first=first,
        last=last,
        low_error=row.low_error,
        high_error=row.high_error,
        half=place.half,
        modal_tier=place.modal_tier,
        is_off_half=place.is_off_half,
        is_other_tier=place.is_other_tier,
    )


def unless_known(error: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return the ranks between which an interval's end lies; None where it is known to one place."""
    return None if error is None or error[1] - error[0] <= ONE_PLACE else error


def _by_total(shares: Sequence[FactorShare]) -> tuple[FactorShare, ...]:
    return tuple(sorted(shares, key=lambda one: -(one.total.value or 0.0)))


def _cases(
    kind: Kind, studied: StudyTables, units: Mapping[str, ReleaseUnit], tree: Mapping[str, NamedCriterion]
) -> Cases:
    rows = [
        CaseRow(
            name=_part(one.name, tree, kind),
            shift=one.shift,
            moved=one.moved,
            unit=one.unit,
            mover=units[one.unit].name if one.unit else "",
            rank=one.rank,
            without=one.without,
            change=one.change,
        )
        for one in studied.left_out
        if one.kind == kind
    ]
    undefined = tuple(_part(name, tree, kind) for one, name in studied.summary.undefined if one == kind)
    return Cases(kind, tuple(sorted(rows, key=lambda row: -row.shift)), undefined)


def _part(code: str, tree: Mapping[str, NamedCriterion], kind: str) -> str:
    """Return the name of what is left out: a criterion's in the reader's language, else as the file has it."""
    return tree[code].name if kind in ("indicator", "pillar") and code in tree else code


def _weights(studied: StudyTables, tree: Mapping[str, NamedCriterion]) -> tuple[WeightUncertainty, ...]:
    found = {one.code: one for one in studied.weights}
    return tuple(
        WeightUncertainty(criterion, tree[criterion.parent].name, found[code].local, found[code].global_weight)
        for code, criterion in tree.items()
        if criterion.parent in tree and code in found
    )


# --- one unit -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TierShare:
    """The share of the draws that put a unit into a tier."""

    tier: Tier
    share: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another unit, and the share of the draws in which the unit in question stands ``above`` it, ties counted half."""

    code: str
    name: str
    rank: int
    above: float | None

    @property
    def is_apart(self) -> bool:
        """Say whether the two can be told apart."""
        return self.above is not None and not 1 - TOLD_APART < self.above < TOLD_APART


@dataclass(frozen=True, slots=True)
class UnitCase:
    """The unit's rank without one part; ``change`` counts the places gained."""

    kind: Kind
    name: str
    without: int
    change: int


@dataclass(frozen=True, slots=True)
class UnitUncertainty:
    """How sure one unit's rank is.

    ``alike`` counts the units that cannot be told apart from it, None where pairs were not counted; ``neighbours`` are those
    next to it by rank. ``cases`` are the parts without which it moves most; ``share`` is what the factor that matters most
    explains of its rank, None where nothing moves it or nothing was asked. ``open_low`` and ``open_high`` are the ranks between
    which an end lies that is not known to one place.
    """

    draws: int
    drawn: Interval
    tiers: tuple[TierShare, ...]
    alike: int | None
    neighbours: tuple[Neighbour, ...]
    cases: tuple[UnitCase, ...]
    share: FactorShare | None
    panel_spread: bool | None
    open_low: tuple[int, int] | None
    open_high: tuple[int, int] | None


def unit_sure(
    head: ReleaseHead, code: str, *, rows: Sequence[RankingRow], tiers: Sequence[Tier], tree: Sequence[NamedCriterion]
) -> UnitUncertainty | None:
    """Return how sure a unit's rank is; None where it is not ranked or the release has no study."""
    studied = release_study(head).studied
    position = next((position for position, row in enumerate(rows) if row.code == code), None)
    if studied is None or position is None:
        return None
    own = next(row for row in studied.ranks if row.unit == code)
    others = pairs_of(studied, code, rows)
    names = {criterion.code: criterion for criterion in tree}
    return UnitUncertainty(
        draws=studied.summary.draws,
        drawn=own.drawn,
        tiers=tuple(TierShare(tier, share) for tier, share in zip(tiers, own.tiers, strict=False)),
        alike=sum(not one.is_apart for one in others) if others else None,
        neighbours=others[max(position - BESIDE, 0) : position + BESIDE],
        cases=_unit_cases(studied, code, names),
        share=_main_share(studied, code),
        panel_spread=studied.summary.panel_spread,
        open_low=unless_known(own.low_error),
        open_high=unless_known(own.high_error),
    )


def pairs_of(studied: StudyTables, code: str, rows: Sequence[RankingRow | ReleaseUnit]) -> tuple[Neighbour, ...]:
    """Return every other ranked unit by rank with how often the unit stands above it; none where pairs were not counted."""
    above = studied.above(code)
    return tuple(Neighbour(row.code, row.name, row.rank or 0, above[row.code]) for row in rows if row.code in above)


@dataclass(frozen=True, slots=True)
class PairsPage:
    """A unit against every other ranked one, by rank."""

    head: ReleaseHead
    code: str
    name: str
    pairs: tuple[Neighbour, ...]


def pairs_page(head: ReleaseHead, code: str) -> PairsPage | None:
    """Return a unit against all others, or None where the release has no such unit; a query, and two more at first."""
    fields = ("release_id", "code", "names", "rank")
    units = list(ReleaseUnit.objects.filter(release=head.release_id).only(*fields).order_by("rank", "code"))
    name = next((unit.name for unit in units if unit.code == code), None)
    if name is None:
        return None
    studied = release_study(head).studied
    ranked = [unit for unit in units if unit.rank is not None]
    return PairsPage(head, code, name, pairs_of(studied, code, ranked) if studied else ())


def _unit_cases(studied: StudyTables, code: str, tree: Mapping[str, NamedCriterion]) -> tuple[UnitCase, ...]:
    rank = next(row.rank for row in studied.ranks if row.unit == code) or 0
    cases = [
        UnitCase(one.kind, _part(one.name, tree, one.kind), one.ranks[code], rank - one.ranks[code])
        for one in studied.left_out
        if one.ranks.get(code, rank) != rank
    ]
    return tuple(sorted(cases, key=lambda case: -abs(case.change))[:TELLING])


def _main_share(studied: StudyTables, code: str) -> FactorShare | None:
    own = _by_total([one for one in studied.sensitivity if one.unit == code and one.total.value is not None])
    return own[0] if own else None
