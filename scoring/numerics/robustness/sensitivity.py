"""Which choice moves the ranks most? Sobol' indices of the declared factors, on Saltelli's sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.choices import check_factors, sampled_choices, sizes
from scoring.numerics.robustness.intervals import rank_shift
from scoring.numerics.robustness.runs import CELLS, check_weights, rank_runs
from scoring.numerics.robustness.streams import BOOTSTRAP, SAMPLE, generator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.runs import Runs
    from scoring.numerics.types import CompositeRecipe, Factor, FloatArray, IntArray, Places, Scored, Tree, WeightDraws

RESAMPLES = 200
LOW, HIGH = 5, 95
FLAT = 1e-12  # an output that varies less than this does not vary


@dataclass(frozen=True)
class Sensitivity:
    """Sobol' indices of F factors for O outputs: the mean shift of rank (first row) and each unit's rank.

    ``first`` and ``total`` (O, F) with the 5th and 95th percentile of bootstrap resamples; NaN where an output is the same in
    every run, so that nothing explains it, and where a run has none: the mean shift of a run that ranks nobody, the rank of a
    unit that a run leaves unranked. ``choices`` (F,) is how many choices a factor has: 1 = it cannot vary.
    """

    factors: tuple[Factor, ...]
    choices: tuple[int, ...]
    units: tuple[str, ...]
    base: int
    first: FloatArray
    first_low: FloatArray
    first_high: FloatArray
    total: FloatArray
    total_low: FloatArray
    total_high: FloatArray

    @property
    def runs(self) -> int:
        """The number of runs: base × (factors + 2)."""
        return self.base * (len(self.factors) + 2)


def sobol_size(recipe: CompositeRecipe) -> int:
    """Return how many runs the recipe's sensitivity takes; 0 where it asks for none or has a single factor."""
    many = len(recipe.robustness.factors)
    return 0 if many < 2 else recipe.robustness.sensitivity * (many + 2)


def saltelli_sample(recipe: CompositeRecipe) -> FloatArray:
    """Return Saltelli's sample for the declared factors, (base · (F + 2), F), uniform numbers from the recipe's seed.

    Source: Saltelli et al. 2010, Computer Physics Communications 181, by SALib.
    """
    from SALib.sample import sobol  # noqa: PLC0415 - half a second that only this analysis pays

    base = recipe.robustness.sensitivity
    if base < 2 or base & (base - 1):
        raise MethodError(f"robustness: sensitivity is a power of two, here {base}", parameter="sensitivity", got=base)
    random = np.random.default_rng((recipe.robustness.seed, SAMPLE))  # one that scipy can spawn from
    sample = sobol.sample(_problem(len(recipe.robustness.factors)), base, calc_second_order=False, seed=random)
    return np.asarray(sample, dtype=np.float64)


def _problem(factors: int) -> dict[str, object]:
    return {"num_vars": factors, "names": [str(number) for number in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def sobol_runs(
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
    weight_draws: WeightDraws | None = None,
    *,
    first: int = 0,
    count: int | None = None,
    cells: int = CELLS,
) -> Runs:
    """Rank the units for the runs ``first`` … ``first + count - 1`` of Saltelli's sample; arguments as `rank_draws`.

    The ``weights`` factor chooses among all weight draws.

    Raises
    ------
    MethodError
        As `rank_draws`; a base that is no power of two.
    """
    recipe = nominal.recipe
    check_factors(recipe)
    drawn = check_weights(tree, nominal, weight_draws) if "weights" in recipe.robustness.factors else None
    sample = saltelli_sample(recipe)[first : None if count is None else first + count]
    choices = sampled_choices(recipe, len(nominal.indicators), sample, len(drawn.local) if drawn else 1)
    return rank_runs(nominal, tree, weights, choices, drawn, cells=cells)


def sensitivity(nominal: Scored, ranks: Places, weight_draws: int) -> Sensitivity:
    """Return first and total order indices from the ranks of all runs of the sample, (base · (F + 2), U).

    Estimators are SALib's (Saltelli et al. 2010 for the first order, Jansen 1999 for the total), the intervals percentiles
    of the same estimators on resampled base points.

    Raises
    ------
    MethodError
        Not the runs of the recipe's sample.
    """
    recipe = nominal.recipe
    many = sizes(recipe, len(nominal.indicators), weight_draws)
    base, factors = recipe.robustness.sensitivity, len(many)
    if len(ranks) != base * (factors + 2):
        raise MethodError(f"{len(ranks)} runs are not {base} × ({factors} + 2)", got=len(ranks))
    known_ranks = np.where((ranks > 0) & (nominal.ranks > 0), ranks.astype(np.float64), np.nan)
    outputs = np.column_stack([rank_shift(ranks, nominal.ranks), known_ranks])
    has_all = ~np.isnan(outputs).any(axis=0)
    outputs = np.where(has_all, outputs, 0.0)
    spread = outputs.std(axis=0)
    varies = spread > FLAT
    scaled = (outputs - outputs.mean(axis=0)) / np.where(varies, spread, 1.0)
    cube = scaled.reshape(base, factors + 2, -1)  # SALib's order: A, then each AB, then B
    picked = generator(recipe.robustness.seed, BOOTSTRAP).integers(base, size=(RESAMPLES, base))
    first, total = _indices(cube)
    ends = [np.percentile(again, [LOW, HIGH], axis=0) for again in resampled(cube, picked)]
    known = [np.where(varies[:, None], values.T, np.nan) for values in (first, *ends[0], total, *ends[1])]
    return Sensitivity(tuple(many), tuple(many.values()), nominal.units, base, *known)


def resampled(cube: FloatArray, picked: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return both indices for rows ``picked`` (R, base) with replacement, (R, F, O) each.

    What SALib's estimators give for ``cube[rows]``, all resamples in one product: both are means over the base points divided
    by a variance, so how often each point was picked says it all.
    """
    times = np.stack([np.bincount(rows, minlength=len(cube)) for rows in picked]) / len(cube)
    a, b, others = cube[:, 0], cube[:, -1], cube[:, 1:-1]
    variance = times @ (a**2 + b**2) / 2 - (times @ (a + b) / 2) ** 2
    safe = np.where(variance > FLAT, variance, np.inf)[:, None]
    flat = (len(cube), -1)
    first = times @ (b[:, None] * (others - a[:, None])).reshape(flat)
    total = times @ ((a[:, None] - others) ** 2 / 2).reshape(flat)
    shape = (len(times), others.shape[1], cube.shape[2])
    return first.reshape(shape) / safe, total.reshape(shape) / safe


def _indices(cube: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return first and total order indices, (F, O) each, of runs laid out as (base, F + 2, O)."""
    from SALib.analyze.sobol import first_order, total_order  # noqa: PLC0415

    a, b, factors = cube[:, 0], cube[:, -1], range(1, cube.shape[1] - 1)
    if np.ptp(cube) <= FLAT:
        return np.zeros((len(factors), cube.shape[2])), np.zeros((len(factors), cube.shape[2]))
    first = np.stack([first_order(a, cube[:, number], b) for number in factors])
    return first, np.stack([total_order(a, cube[:, number], b) for number in factors])
