"""What one recipe makes of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scoring.numerics.types.names import BoolArray, FloatArray, IntArray
from scoring.numerics.types.recipes import CompositeRecipe
from scoring.numerics.types.tables import Table


@dataclass(frozen=True, slots=True)
class Dropped:
    """A unit or indicator that the screen left out, with its share of values and the share asked for.

    ``reason`` by language is that of a unit left out for its circumstances, ``time`` the latest time where a unit has no row
    at it, which is then why; None of all others.
    """

    kind: Literal["unit", "indicator"]
    code: str
    share: float
    needed: float
    reason: Mapping[str, str] | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the outlier rule did to one indicator."""

    indicator: str
    method: str
    points: int
    skewness: float
    kurtosis: float
    passes: bool


@dataclass(frozen=True)
class Yardstick:
    """Frozen parameters of treatment and normalisation, by indicator and in the data's terms (before the direction).

    A later edition or a what-if is scored on the same yardstick. ``treated_low``, ``treated_high`` are winsorising bounds,
    ``log_shift`` (ln(x + shift)) or ``log_top`` (−ln(top − x)) logs; the others (min, max, mean, sd, lower, upper,
    reference, target) belong to the normalisation. Ranks have none: they stay relative to the units scored.
    """

    parameters: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Scored:
    """The result of one recipe on one table: every step, the ranking and what was left out.

    ``weights`` are the local weights of all codes as used: siblings sum to 1, what was dropped has 0.
    ``steps`` maps a step's name (denominated, screened, imputed, treated, normalised) to the table after it.
    ``aggregates`` (U, N) by ``nodes`` (root first); ``scores`` (U,) the root's; ``ranks`` and ``tiers`` (U,), 0 = not ranked.
    ``imputed`` (U, I) marks filled cells of the screened table. ``rank_low`` and ``rank_high`` (5th and 95th percentile)
    are None without draws; ``rank_joint`` are the lowest and highest rank (U,) of the sets that hold for all units at once,
    0 where a unit has none, None where there are none.
    """

    recipe: CompositeRecipe
    units: tuple[str, ...]
    names: tuple[str, ...]
    indicators: tuple[str, ...]
    nodes: tuple[str, ...]
    weights: Mapping[str, float]
    steps: Mapping[str, Table]
    imputed: BoolArray
    aggregates: FloatArray
    scores: FloatArray
    ranks: IntArray
    tiers: IntArray
    dropped: tuple[Dropped, ...]
    treatments: tuple[Treatment, ...]
    yardstick: Yardstick
    rank_low: FloatArray | None = None
    rank_high: FloatArray | None = None
    rank_median: FloatArray | None = None
    rank_joint: tuple[IntArray, IntArray] | None = None
