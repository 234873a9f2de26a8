"""One unit of a release against the field of all ranked units."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from scoring.models import ConsensusWeight, ReleaseUnit
from scoring.numerics.robustness.strengths import claims
from scoring.queries.published import reading
from scoring.queries.published.correction import UnitCorrection, unit_correction
from scoring.queries.published.criteria import NamedCriterion, criteria
from scoring.queries.published.peers import PeerQuery, groupings, peers_of
from scoring.queries.published.rank_change import UnitChange, unit_change
from scoring.queries.published.ranking import RankingRow, UnrankedUnit, ranking_rows, tiers_of, unranked
from scoring.queries.published.release_study import release_facts
from scoring.queries.published.uncertainty import UnitUncertainty, unit_sure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoring.numerics.robustness.strengths import Claims, StrengthRule, Strengths
    from scoring.queries.published.peers import Peers
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.release_study import ReleaseFacts


OBSERVED: Final = ("given", "estimated", "unknown", "withheld")  # of a value that came in as data


@dataclass(frozen=True, slots=True)
class Pillar:
    """A criterion under the root on the field of all units.

    ``place`` counts from the highest score, ties sharing the smaller. ``field`` are
    the scores of all, in order.
    """

    criterion: NamedCriterion
    weight: float | None
    score: float | None
    median: float
    place: int | None
    of: int
    field: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One indicator of the unit with where it comes from; ``state`` is given, estimated, unknown, withheld, imputed or missing.

    ``place`` counts from the best normalised value among the ``of`` units that have one, ties sharing the smaller;
    ``shared`` is how many hold that place. Of an unknown value nobody said whether it was measured or estimated. An unknown
    year is None, an unknown resolution is empty. A withheld one counts in the ranking and may not be shown. ``source`` is a number in the page's list of sources, 0 without one.
    """

    criterion: NamedCriterion
    value: float | None
    median: float | None
    normalised: float | None
    place: int | None
    of: int
    shared: int
    year: int | None
    resolution: str
    source: int
    state: str

    @property
    def is_observed(self) -> bool:
        """Whether the value came in as data, so that it has an origin, known or not."""
        return self.state in OBSERVED


@dataclass(frozen=True, slots=True)
class UnitSource:
    """A source of a unit's values and its licence, empty where the release names none."""

    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class Group:
    """The indicators under one pillar."""

    pillar: NamedCriterion
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class UnclaimedPoint:
    """A value at a percentile of which nothing is claimed: so many ``units`` share it, or ``few`` others have one."""

    value: Value
    reason: str
    units: int


@dataclass(frozen=True, slots=True)
class Points:
    """What a unit is strong and weak at, the most outstanding first, against ``others``; ``is_enough`` says whether they are."""

    strong: tuple[Value, ...]
    weak: tuple[Value, ...]
    unclaimed: tuple[UnclaimedPoint, ...]
    others: int
    is_enough: bool


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A unit's page: its row in the ranking (None when left out), pillars, indicators, strong and weak points.

    ``alike`` counts the other units that cannot be told apart from this one: by pairs where the release counted them, else
    those whose interval has a rank in common with its own. Strong and weak are claimed, by ``rule``, only where enough of the
    indicators are given (``is_covered``). ``beside`` is what stands beside the release's numbers. ``sure`` tells how sure the
    rank is and ``change`` why it moved, as far as the release's files do; ``correction`` tells what this release corrected,
    where it is a correction.
    """

    head: ReleaseHead
    code: str
    name: str
    country: str
    country_code: str
    population: int | None
    total: int
    row: RankingRow | None
    left_out: UnrankedUnit | None
    alike: int
    pillars: tuple[Pillar, ...]
    groups: tuple[Group, ...]
    sources: tuple[UnitSource, ...]
    rule: StrengthRule
    peers: Peers
    against_all: Points
    against_peers: Points
    given: int
    indicators: int
    is_covered: bool
    sure: UnitUncertainty | None
    change: UnitChange | None
    beside: ReleaseFacts
    correction: UnitCorrection | None


def profile_page(head: ReleaseHead, code: str, asked: PeerQuery | None = None) -> ProfilePage | None:
    """Return the page of a unit of a release against the peers asked for, or None where it has no such unit.

    Six queries, one more for a correction, and two more before the release's files are read.
    """
    units = list(ReleaseUnit.objects.filter(release=head.release_id))
    unit = next((unit for unit in units if unit.code == code), None)
    if unit is None:
        return None
    tree = criteria(head.freeze_id)
    ranked = [other for other in units if other.rank is not None]
    tiers = tiers_of(head, units)
    rows = ranking_rows(units, tiers)
    row = next((row for row in rows if row.code == code), None)
    cited = {entry["source"]: entry.get("licence") or "" for entry in unit.values if entry.get("source")}
    sources = tuple(UnitSource(name, licence) for name, licence in cited.items())
    groups = _groups(tree, unit, ranked, tuple(cited))
    values = [value for group in groups for value in group.values]
    sure = unit_sure(head, code, rows=rows, tiers=tiers, tree=tree)
    peers = peers_of(code, units, groupings(units, reading.groupings(head)), asked or PeerQuery())
    found = _strengths(units, unit, ranked, peers, [value.criterion.code for value in values])
    return ProfilePage(
        head=head,
        code=unit.code,
        name=unit.name,
        country=unit.country,
        country_code=unit.country_code,
        population=unit.population,
        total=len(rows),
        row=row,
        left_out=None if row else unranked(unit),
        alike=_alike(row, rows) if sure is None or sure.alike is None else sure.alike,
        pillars=_pillars(head, tree, unit, ranked),
        groups=groups,
        sources=sources,
        rule=found.rule,
        peers=peers,
        against_all=_points(found.against_all, values),
        against_peers=_points(
            found.against_peers, _among(values, unit, [one for one in units if one.code in peers.codes])
        ),
        given=found.given,
        indicators=found.indicators,
        is_covered=row is not None and found.is_covered,
        sure=sure,
        change=unit_change(head, code),
        beside=release_facts(head),
        correction=unit_correction(head, code, units, tree),
    )


def unit_name(head: ReleaseHead, code: str) -> str | None:
    """Return a unit's name in the reader's language, or None where the release has no such unit; one query."""
    unit = ReleaseUnit.objects.filter(release=head.release_id, code=code).only("code", "names").first()
    return None if unit is None else unit.name


def _strengths(
    units: Sequence[ReleaseUnit], unit: ReleaseUnit, ranked: Sequence[ReleaseUnit], peers: Peers, codes: Sequence[str]
) -> Strengths:
    """Apply the rule to the normalised values that nobody filled in.

    A value that is left out for its licence is given, and says nothing: nothing is claimed where one of the group's is.
    """
    rows = {one.code: row for row, one in enumerate(units)}
    columns = {code: column for column, code in enumerate(codes)}
    values = np.full((len(units), len(codes)), np.nan)
    hidden = np.zeros(values.shape, dtype=bool)
    for row, one in enumerate(units):
        for entry in one.values:
            if entry["indicator"] in columns and not entry.get("imputed"):
                place = row, columns[entry["indicator"]]
                hidden[place] = bool(entry.get("withheld"))
                if entry["normalised"] is not None:
                    values[place] = entry["normalised"]
    everyone = np.array([rows[one.code] for one in ranked], dtype=np.int64)
    near = np.array([rows[one] for one in peers.codes], dtype=np.int64)
    return claims(values, rows[unit.code], everyone, near, hidden=hidden)


def _among(values: Sequence[Value], unit: ReleaseUnit, peers: Sequence[ReleaseUnit]) -> list[Value]:
    """Place the unit's values among its peers and itself."""
    field = _entries((unit, *peers))
    return [_value(one.criterion, field[one.criterion.code][0], field[one.criterion.code], one.source)
            if one.criterion.code in field else one for one in values]  # fmt: skip


def _points(found: Claims | None, values: Sequence[Value]) -> Points:
    if found is None:
        return Points((), (), (), others=0, is_enough=False)
    strong, weak = (tuple(values[column] for column in one) for one in (found.strong, found.weak))
    unclaimed = tuple(UnclaimedPoint(values[one.indicator], one.reason, one.units) for one in found.not_claimed)
    return Points(strong, weak, unclaimed, others=found.others, is_enough=found.enough)


def _alike(row: RankingRow | None, rows: Sequence[RankingRow]) -> int:
    if row is None or row.low is None or row.high is None:
        return 0
    overlaps = (
        other.low is not None and other.high is not None and other.low <= row.high and other.high >= row.low
        for other in rows
    )
    return sum(overlaps) - 1


# --- pillars ------------------------------------------------------------------------------------------------------------


def _pillars(
    head: ReleaseHead, tree: Sequence[NamedCriterion], unit: ReleaseUnit, ranked: Sequence[ReleaseUnit]
) -> tuple[Pillar, ...]:
    consensus = ConsensusWeight.objects.filter(consensus__freezes=head.freeze_id)
    weights = dict(consensus.values_list("code", "global_weight"))
    return tuple(
        _pillar(criterion, weights.get(criterion.code), unit, ranked)
        for criterion in tree
        if criterion.depth == 1 and not criterion.is_indicator
    )


def _pillar(
    criterion: NamedCriterion, weight: float | None, unit: ReleaseUnit, ranked: Sequence[ReleaseUnit]
) -> Pillar:
    scores = (other.aggregates.get(criterion.code) for other in ranked)
    field = sorted(score for score in scores if score is not None)
    own = unit.aggregates.get(criterion.code)
    return Pillar(
        criterion=criterion,
        weight=weight,
        score=own,
        median=median(field) if field else 0.0,
        place=None if own is None else 1 + len(field) - bisect_right(field, own),
        of=len(field),
        field=tuple(field),
    )


# --- indicators ---------------------------------------------------------------------------------------------------------


def _groups(
    tree: Sequence[NamedCriterion], unit: ReleaseUnit, ranked: Sequence[ReleaseUnit], sources: Sequence[str]
) -> tuple[Group, ...]:
    own = {entry["indicator"]: entry for entry in unit.values}
    field = _entries(ranked)
    groups: list[tuple[NamedCriterion, list[Value]]] = []
    for criterion in tree:
        if criterion.depth == 1:
            groups.append((criterion, []))
        if criterion.is_indicator:
            entry = own.get(criterion.code, {})
            source = sources.index(entry["source"]) + 1 if entry.get("source") else 0
            groups[-1][1].append(_value(criterion, entry, field.get(criterion.code, ()), source))
    return tuple(Group(pillar, tuple(values)) for pillar, values in groups)


def _entries(units: Iterable[ReleaseUnit]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the units' entries by indicator, in the order of the units."""
    field: dict[str, list[Mapping[str, Any]]] = {}
    for unit in units:
        for entry in unit.values:
            field.setdefault(entry["indicator"], []).append(entry)
    return field


def _value(
    criterion: NamedCriterion, entry: Mapping[str, Any], field: Sequence[Mapping[str, Any]], source: int
) -> Value:
    normalised = entry.get("normalised")
    others = sorted(other["normalised"] for other in field if other["normalised"] is not None)
    raw = [other["value"] for other in field if other["value"] is not None]
    value = Value(
        criterion=criterion,
        value=entry.get("value"),
        median=median(raw) if raw else None,
        normalised=normalised,
        place=None,
        of=len(others),
        shared=0,
        year=entry.get("year"),
        resolution=entry.get("resolution") or "",
        source=source,
        state=_state(entry),
    )
    if normalised is None or not others or value.state == "imputed":
        return value
    return _placed(value, normalised, others)


def _placed(value: Value, normalised: float, others: Sequence[float]) -> Value:
    below, upto = bisect_left(others, normalised), bisect_right(others, normalised)
    return replace(
        value,
        place=1 + len(others) - upto,
        shared=upto - below,
    )


def _state(entry: Mapping[str, Any]) -> str:
    if entry.get("imputed"):
        return "imputed"
    if entry.get("withheld"):
        return "withheld"
    if entry.get("value") is None:
        return "missing"
    given = entry.get("given")
    return "unknown" if given is None else "given" if given else "estimated"
