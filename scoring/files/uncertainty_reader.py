"""How sure a ranking is, read back from the files of a release as ``scoring.files.uncertainty_writer`` writes them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from exchange.tables import csv_records, csv_rows
from scoring.files.uncertainty_writer import FOLDER
from scoring.numerics.robustness.scope import Scope, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring.numerics.robustness.doubling import Ended
    from scoring.numerics.robustness.leave_one_out import Kind
    from scoring.numerics.types import FloatArray

SUMMARY, ALIKE, RANKS = (f"{FOLDER}{name}" for name in ("summary.json", "alike.csv", "ranks.csv"))
READ = tuple(
    f"{FOLDER}{name}"
    for name in (
        "summary.json", "ranks.csv", "alike.csv", "sensitivity.csv", "leave_one_out.csv", "leave_one_out_ranks.csv",
        "weights.csv", "pairs.csv",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with the ends of its interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def width(self) -> float:
        """How far the ends lie apart; 0 where there are none."""
        return 0.0 if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True, slots=True)
class UnitRanks:
    """A unit's rank as released (None when left out), its drawn ranks, its joint set and the shares of its tiers.

    The ends of ``drawn`` are whole ranks, rounded outward; ``joint`` is None where there are no joint sets. ``low_error`` and
    ``high_error`` are the ranks between which each end lies, None where the release does not say; nor does it always say
    ``half``, the middle half of the drawn ranks, whole ranks outward, and ``modal_tier``, the tier drawn most often.
    """

    unit: str
    rank: int | None
    drawn: Interval
    joint: tuple[int, int] | None
    tiers: tuple[float, ...]
    low_error: tuple[int, int] | None
    high_error: tuple[int, int] | None
    half: tuple[int, int] | None
    modal_tier: int | None


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """Neighbours by rank, no two of which are told apart."""

    units: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FactorShare:
    """What a factor explains of the mean shift (``unit`` is empty) or of a unit's rank."""

    unit: str
    factor: str
    choices: int
    first: Interval
    total: Interval


@dataclass(frozen=True, slots=True)
class LeaveOneOutRow:
    """The ranking without one part; ``unit`` moves most, and is empty where none does. ``ranks`` are without the part."""

    kind: Kind
    name: str
    shift: float
    moved: int
    unit: str
    rank: int | None
    without: int | None
    change: int
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CriterionWeight:
    """A criterion's weight among its siblings and in the whole index."""

    code: str
    parent: str
    local: Interval
    global_weight: Interval


@dataclass(frozen=True, slots=True)
class VariedFactor:
    """What was varied, and among how many choices."""

    name: str
    choices: int
    varies: bool


@dataclass(frozen=True, slots=True)
class ToldAccuracy:
    """How exactly the ends of intervals are known, and why there are so many draws.

    ``ended`` is ``given`` (the recipe states the number), ``converged`` or ``budget``; ``budget`` is None with a stated number.
    ``open_ends`` of all ``ends`` are not known to one place; ``widest`` is how many places the worst known one spans.
    """

    ended: Ended
    budget: int | None
    ends: int
    open_ends: int
    widest: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What was drawn, from which seeds, and whether the draws were enough; ``gap`` compares them with their first half.

    ``mean_shift`` is None where no draw ranks anybody, ``ranking_nobody`` counts such draws. ``clear`` is the least share of
    the draws in which the first stands above another unit, and the same of every two in their order; None where pairs were
    not counted. ``weights_draws`` gave the intervals of weights; None where no weights were drawn, 0 where the consensus drew
    none. ``joint`` is the share of fresh draws in which all units are inside their joint sets, None where there are none, and
    ``joint_undefined`` the code of the reason. ``panel_spread`` is None where no panel was drawn. ``base`` and ``runs`` are 0 where no sensitivity was asked for;
    ``defined`` says whether the mean shift differs between its runs. ``accuracy`` is None where the release does not tell it.
    """

    draws: int
    seed: int
    weights_seed: int | None
    weights_draws: int | None
    factors: tuple[VariedFactor, ...]
    scope: Scope
    panel_spread: bool | None
    mean_shift: float | None
    ranking_nobody: int
    clear: tuple[float, float] | None
    joint: float | None
    joint_undefined: str
    accuracy: ToldAccuracy | None
    half: int
    gap: float
    base: int
    runs: int
    defined: bool
    undefined: tuple[tuple[Kind, str], ...]


@dataclass(frozen=True, slots=True)
class StudyTables:
    """All that the files tell; ``neighbours`` are the shares of draws in which each ranked unit stands above the next.

    ``pairs`` are those shares for every two of ``columns``, row above column, NaN where there is none. All three are empty
    where the ranking is too long for a table of pairs.
    """

    summary: Summary
    ranks: tuple[UnitRanks, ...]
    alike: tuple[AlikeRow, ...]
    sensitivity: tuple[FactorShare, ...]
    left_out: tuple[LeaveOneOutRow, ...]
    weights: tuple[CriterionWeight, ...]
    neighbours: tuple[float | None, ...]
    columns: tuple[str, ...]
    pairs: FloatArray

    def above(self, unit: str) -> dict[str, float | None]:
        """Return the share of the draws in which the unit stands above each other one, ties counted half."""
        if unit not in self.columns:
            return {}
        shares = map(_share_of, self.pairs[self.columns.index(unit)].tolist())
        return {other: share for other, share in zip(self.columns, shares, strict=True) if other != unit}


def read_study(files: Mapping[str, str]) -> StudyTables | None:
    """Read what a study found; None where the release has none."""
    if SUMMARY not in files:
        return None
    own = {name.removeprefix(FOLDER): text for name, text in files.items()}
    ranks = tuple(map(_ranks, _rows(own, "ranks.csv")))
    columns, pairs = _pairs(own.get("pairs.csv", ""))
    return StudyTables(
        summary=read_summary(files[SUMMARY]),
        ranks=ranks,
        alike=read_alike(files.get(ALIKE, "")),
        sensitivity=tuple(map(_share, _rows(own, "sensitivity.csv"))),
        left_out=tuple(_left_out(own)),
        weights=tuple(map(_weight, _rows(own, "weights.csv"))),
        neighbours=tuple(_neighbours([row.unit for row in ranks if row.rank], columns, pairs)),
        columns=columns,
        pairs=pairs,
    )


def _rows(files: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    return csv_records(files.get(name, ""))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _ranks(row: Mapping[str, str]) -> UnitRanks:
    tiers = [_number(cell) for column, cell in row.items() if column.startswith("tier_")]
    low, high = _number(row["rank_low"]), _number(row["rank_high"])
    return UnitRanks(
        unit=row["uCode"],
        rank=_whole(row["rank"]),
        drawn=Interval(
            _number(row["rank_median"]),
            None if low is None else float(math.floor(low)),
            None if high is None else float(math.ceil(high)),
        ),
        joint=_span(row, "rank_joint_low", "rank_joint_high"),
        tiers=tuple(share for share in tiers if share is not None),
        low_error=_span(row, "rank_low_from", "rank_low_to"),
        high_error=_span(row, "rank_high_from", "rank_high_to"),
        half=half_of(_number(row.get("rank_q1", "")), _number(row.get("rank_q3", ""))),
        modal_tier=_whole(row.get("modal_tier", "")),
    )


def half_of(low: float | None, high: float | None) -> tuple[int, int] | None:
    """Return the whole ranks that hold the middle half of the drawn ones; None where it is not known."""
    return None if low is None or high is None else (math.floor(low), math.ceil(high))


def _span(row: Mapping[str, str], low: str, high: str) -> tuple[int, int] | None:
    """Return two whole ranks; None where one is empty or there is no such column."""
    ends = _whole(row.get(low, "")), _whole(row.get(high, ""))
    return None if ends[0] is None or ends[1] is None else (ends[0], ends[1])


def read_alike(text: str) -> tuple[AlikeRow, ...]:
    """Read the groups of neighbours that cannot be told apart, from the file at ``ALIKE``."""
    groups: dict[str, tuple[int, int, list[str]]] = {}
    for row in csv_records(text):
        groups.setdefault(row["group"], (int(row["first_rank"]), int(row["last_rank"]), []))[2].append(row["uCode"])
    return tuple(AlikeRow(tuple(units), first, last) for first, last, units in groups.values())


def _share(row: Mapping[str, str]) -> FactorShare:
    first, total = (
        Interval(*(_number(row[column]) for column in (name, f"{name}_low", f"{name}_high")))
        for name in ("first", "total")
    )
    return FactorShare(row["uCode"], row["factor"], int(row["choices"]), first, total)


def _left_out(files: Mapping[str, str]) -> Iterator[LeaveOneOutRow]:
    ranks = {(row.pop("kind"), row.pop("left_out")): row for row in _rows(files, "leave_one_out_ranks.csv")}
    for row in _rows(files, "leave_one_out.csv"):
        yield LeaveOneOutRow(
            kind=cast("Kind", row["kind"]),
            name=row["left_out"],
            shift=float(row["mean_shift"]),
            moved=int(row["moved"]),
            unit=row["uCode"],
            rank=_whole(row["rank"]),
            without=_whole(row["rank_without"]),
            change=int(row["change"]),
            ranks={unit: int(rank) for unit, rank in ranks[row["kind"], row["left_out"]].items() if rank},
        )


def _weight(row: Mapping[str, str]) -> CriterionWeight:
    local, global_weight = (
        Interval(*(_number(row[f"{name}_{end}"]) for end in ("weight", "low", "high"))) for name in ("local", "global")
    )
    return CriterionWeight(row["iCode"], row["Parent"], local, global_weight)


def _pairs(text: str) -> tuple[tuple[str, ...], FloatArray]:
    header, *rows = csv_rows(text) if text else [[""]]
    shares = [[float(cell or "nan") for cell in cells] for _, *cells in rows]
    return tuple(header[1:]), np.array(shares, dtype=np.float64).reshape(len(rows), len(header) - 1)


def _neighbours(ranked: list[str], columns: tuple[str, ...], pairs: FloatArray) -> Iterator[float | None]:
    place = {unit: position for position, unit in enumerate(columns)}
    for unit, following in pairwise(ranked if columns else ()):
        yield _share_of(pairs[place[unit], place[following]].item())


def _share_of(value: float) -> float | None:
    return None if math.isnan(value) else value


def read_summary(text: str) -> Summary:
    """Read what was drawn, from the file at ``SUMMARY``; one of an older release may know less."""
    found: Mapping[str, Any] = json.loads(text)
    sensitivity = found["sensitivity"] or {"base": 0, "runs": 0, "defined": False}
    return Summary(
        draws=found["draws"],
        seed=found["seed"],
        weights_seed=found["weights_seed"],
        weights_draws=found.get("weights_draws", None if found["weights_seed"] is None else found["draws"]),
        factors=tuple(VariedFactor(one["factor"], one["choices"], one["varies"]) for one in found["factors"]),
        scope=scope_of([one["factor"] for one in found["factors"] if one["varies"]], found["panel_spread"]),
        panel_spread=found["panel_spread"],
        mean_shift=found["mean_shift"],
        ranking_nobody=found.get("ranking_nobody", 0),
        clear=(found["clear"]["first"], found["clear"]["order"]) if found.get("clear") else None,
        joint=found.get("joint", {}).get("share"),
        joint_undefined=found.get("joint", {}).get("undefined", ""),
        accuracy=_accuracy(found.get("accuracy")),
        half=found["convergence"]["half"],
        gap=found["convergence"]["largest_difference"],
        undefined=tuple((one["kind"], one["left_out"]) for one in found["undefined_without"]),
        **sensitivity,
    )


def _accuracy(told: Mapping[str, Any] | None) -> ToldAccuracy | None:
    if told is None:
        return None
    return ToldAccuracy(told["ended"], told["budget"], told["ends"], told["open_ends"], told["widest"])
