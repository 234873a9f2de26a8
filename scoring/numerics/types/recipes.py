"""The method choices from missing data to ranks, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scoring.numerics.types.names import AggregateMethod, Factor, ImputeMethod, NormaliseMethod, OutlierMethod

FIRST_DRAWS = 1_000  # that are doubled where their accuracy is asked for


@dataclass(frozen=True, slots=True)
class Denominate:
    """x / (denominator / scale): whether the framework's Denominator column is used; ``scales`` by indicator, else 1."""

    use: bool = False
    scales: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screen:
    """The least share of values a unit and an indicator need; both taken on the full table, once.

    ``circumstances`` are units that are not ranked whatever values they have, each with the reason by language: what is
    measured does not speak of what is there.
    """

    unit_availability: float = 0.65
    indicator_availability: float = 0.65
    circumstances: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Impute:
    """How missing values are filled; ``group`` names the grouping column."""

    method: ImputeMethod = "none"
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Outliers:
    """The treatment rule; ``indicators`` forces a method for single indicators; ``trim`` is the percentile cut.

    ``method`` touches only columns that fail the test (|skewness| and kurtosis); a forced log or trim is applied whatever
    the test says, a forced winsorising keeps the test as its stopping rule. ``max_points`` "all" winsorises without limit.
    """

    method: OutlierMethod = "none"
    max_points: int | Literal["all"] = 5
    skewness: float = 2.0
    kurtosis: float = 3.5
    trim: tuple[float, float] = (0.05, 0.95)
    indicators: Mapping[str, OutlierMethod] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NormaliseRule:
    """One normalisation with its parameters; each method reads its own and leaves the others alone.

    ``lower``, ``upper`` the output range of minmax; ``mean``, ``sd`` of zscore; ``ties`` of the ranks; ``goalposts`` (l, u)
    in the data's terms with ``log``, ``clip`` and ``scale``; ``bounds`` (a, b) and ``scale`` of scaled; ``reference`` a
    unit's code; ``cap`` holds distances to reference and target at 1; ``constant`` what a constant column is given.
    """

    method: NormaliseMethod = "minmax"
    lower: float = 0.0
    upper: float = 100.0
    mean: float = 0.0
    sd: float = 1.0
    ties: Literal["min", "average"] = "min"
    goalposts: tuple[float, float] | None = None
    log: bool = False
    clip: bool = True
    scale: float = 1.0
    reference: str | None = None
    cap: bool = False
    bounds: tuple[float, float] | None = None
    constant: float | None = None


@dataclass(frozen=True, slots=True)
class Normalise:
    """The rule for all indicators and the rules for single ones; ``pooled`` takes parameters over all times, not the last."""

    rule: NormaliseRule = field(default_factory=NormaliseRule)
    indicators: Mapping[str, NormaliseRule] = field(default_factory=dict)
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The mean of each level from the bottom up (``levels``), or of every node (``method``), or of single ``nodes``.

    ``floor`` is the share of its children (by count) that a node needs to have a value, for all levels or one a level.
    """

    method: AggregateMethod = "arithmetic"
    levels: tuple[AggregateMethod, ...] = ()
    nodes: Mapping[str, AggregateMethod] = field(default_factory=dict)
    floor: float | tuple[float, ...] = 0.0
    power: float | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """Rank descending; ``decimals`` None ranks on unrounded scores (12 significant digits).

    With decimals a half is rounded away from zero, unless ``rounding`` says ``half_even``: to the even digit.
    """

    ties: Literal["min"] = "min"
    decimals: int | None = None
    rounding: Literal["half_away", "half_even"] | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """Cumulative shares of positions, the last 1.0; or ``by`` score: falling lower bounds ``scores``, the rest below."""

    shares: tuple[float, ...] = (0.10, 0.30, 0.60, 1.0)
    by: Literal["position", "score"] = "position"
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RobustnessChoices:
    """Draws over the declared factors; 0 draws leave the ranks without interval.

    ``draws`` is their number; "auto" doubles them from `FIRST_DRAWS` on until every interval's end is known to one place, or
    the ``budget`` ends it: the most draws, None for what `doubling.default_budget` gives.
    ``alternatives`` lists, by factor, what is drawn beside the recipe's own choice: the name of a method, or a table of the
    parameters that differ from the recipe's (robustness.choices states the defaults). ``sensitivity`` is the base size of the
    Sobol' sample, a power of two; 0 leaves the indices out. It takes ``sensitivity`` × (factors + 2) runs.
    """

    draws: int | Literal["auto"] = 0
    seed: int = 0
    factors: tuple[Factor, ...] = ("weights",)
    alternatives: Mapping[str, tuple[str | Mapping[str, Any], ...]] = field(default_factory=dict)
    sensitivity: int = 256
    budget: int | None = None

    @property
    def first_draws(self) -> int:
        """The stated number of draws; the first doubling where their accuracy is asked for."""
        return self.draws if isinstance(self.draws, int) else FIRST_DRAWS


@dataclass(frozen=True, slots=True)
class CompositeRecipe:
    """Every method choice from missing data to ranks, as one frozen value."""

    version: int = 1
    denominate: Denominate = field(default_factory=Denominate)
    screen: Screen = field(default_factory=Screen)
    impute: Impute = field(default_factory=Impute)
    outliers: Outliers = field(default_factory=Outliers)
    normalise: Normalise = field(default_factory=Normalise)
    aggregate: Aggregate = field(default_factory=Aggregate)
    rank: Rank = field(default_factory=Rank)
    tiers: Tiers = field(default_factory=Tiers)
    robustness: RobustnessChoices = field(default_factory=RobustnessChoices)
