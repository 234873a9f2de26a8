"""What it costs to say how sure the ranks are, beside plain numpy: part of `make bench`.

Tables are random, of the size of COINr's ASEM example (51 units by 49 indicators) and larger. The probe is one matrix product
and one ranking with ties, written straight down.
"""

from __future__ import annotations

import resource
import subprocess
import sys

import numpy as np
from bench import best, line, table_of

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import drawn_choices
from scoring.numerics.robustness.intervals import intervals, rank_draws
from scoring.numerics.robustness.runs import rank_runs
from scoring.numerics.robustness.sensitivity import sensitivity, sobol_runs
from scoring.numerics.types import CompositeRecipe, NormaliseRule, RobustnessChoices, Scored, Tree, WeightDraws
from scoring.numerics.types import Normalise as NormaliseChoice

ASEM = (51, 49)
FOUR = ("weights", "normalise", "aggregate", "outliers")
GIB = 2**30


def drawn(rng: np.random.Generator, tree: Tree, draws: int) -> WeightDraws:
    """Return random local weights that sum to 1 among siblings."""
    codes = [child for node in tree.nodes for child in tree.children[node]]
    local = np.concatenate([rng.dirichlet(np.ones(len(tree.children[node])), draws) for node in tree.nodes], axis=1)
    return WeightDraws(tree.indicators, np.zeros((draws, len(tree.indicators))), tuple(codes), local, 0)


def case(
    units: int, indicators: int, draws: int, factors=("weights",), **robustness
) -> tuple[Scored, Tree, WeightDraws]:
    """Return a nominal result and draws of its weights."""
    rng = np.random.default_rng(7)
    table, tree = table_of(rng, units, indicators)
    rule = CompositeRecipe(
        normalise=NormaliseChoice(NormaliseRule(lower=1)), robustness=RobustnessChoices(draws, 7, factors, **robustness)
    )
    return score(table, tree, None, rule), tree, drawn(rng, tree, draws)


def probe(nominal: Scored, tree: Tree, draws: WeightDraws) -> np.ndarray:
    """Return the ranks of every draw: weights down the tree, a product, and a ranking in which equals share the smallest."""
    column = {code: draws.local[:, position] for position, code in enumerate(draws.codes)}
    parents = [tree.by_code[code].parent for code in nominal.indicators]
    whole = np.stack(
        [column[parent] * column[code] for parent, code in zip(parents, nominal.indicators, strict=True)], 1
    )
    scores = np.round(whole @ nominal.steps["normalised"].values.T, 9)
    order = np.argsort(-scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    new = np.ones(scores.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ranks = np.empty_like(order)
    place = np.maximum.accumulate(np.where(new, np.arange(1, scores.shape[1] + 1), 0), axis=1)
    np.put_along_axis(ranks, order, place, axis=1)
    return ranks


def beside(title: str, units: int, indicators: int, draws: int) -> None:
    """Print draws of weights beside the probe, and whether every rank agrees."""
    nominal, tree, weights = case(units, indicators, draws)
    choices = drawn_choices(nominal.recipe, indicators, first=0, count=draws)
    ours, runs = best(lambda: rank_runs(nominal, tree, None, choices, weights))
    theirs, expected = best(lambda: probe(nominal, tree, weights))
    print(f"\n{title}")
    line("steelyard", ours, ours)
    line("plain numpy", theirs, ours, f"ranks that differ {np.count_nonzero(runs.ranks != expected)}")
    print(f"  steelyard takes {ours / theirs:.2f} times the probe")


def slope(sizes: list[float], seconds: list[float]) -> float:
    """Return the slope of log time on log size: 1 where the cost is linear."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def cost(units: int, indicators: int, draws: int) -> float:
    """Return the seconds of ranking all draws."""
    nominal, tree, weights = case(units, indicators, draws)
    return best(lambda: rank_draws(nominal, tree, None, weights), 3)[0]


def memory() -> None:
    """Rank 10,000 draws of 10,000 units and print the most memory ever held."""
    nominal, tree, weights = case(10_000, 10, 10_000)
    found = intervals(nominal, rank_draws(nominal, tree, None, weights))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{peak / GIB:.2f} GiB at the most, {len(found.low):,} intervals")


def main() -> None:
    """Measure and print."""
    beside("10,000 draws of weights, 51 units by 49 indicators: every rank, ties exact", *ASEM, 10_000)
    beside("1,000 draws of weights, 1,000 units by 100 indicators: every rank, ties exact", 1_000, 100, 1_000)

    print("\n51 units by 49 indicators, whole studies")
    nominal, tree, weights = case(*ASEM, 1_000, FOUR, sensitivity=1024)
    seconds, runs = best(lambda: rank_draws(nominal, tree, None, weights))
    print(f"  1,000 draws with four factors of the recipe   {seconds * 1000:8.1f} ms")
    seconds, _ = best(lambda: intervals(nominal, runs))
    print(f"  intervals, pairs and groups of them           {seconds * 1000:8.1f} ms")
    seconds, runs = best(lambda: sobol_runs(nominal, tree, None, weights))
    print(f"  6,144 runs of the Sobol' sample               {seconds * 1000:8.1f} ms")
    seconds, _ = best(lambda: sensitivity(nominal, runs.ranks, 1_000), 1)
    print(f"  indices of 52 outputs with 200 resamples      {seconds * 1000:8.1f} ms")

    print("\nHow the cost grows: slope of log time on log size, 1 = linear")
    draws = [2_000, 8_000, 32_000]
    print(f"  in draws               {slope(draws, [cost(100, 40, size) for size in draws]):.2f}")
    units = [250, 1_000, 4_000]
    print(f"  in units × indicators  {slope(units, [cost(size, 40, 500) for size in units]):.2f} (units)")
    indicators = [40, 160, 640]
    found = [cost(500, size, 500) for size in indicators]
    print(
        f"  in units × indicators  {slope(indicators, found):.2f} (indicators; ranking alone does not grow with them)"
    )

    print("\n10,000 draws of 10,000 units in blocks")
    done = subprocess.run([sys.executable, __file__, "memory"], check=True, capture_output=True, text=True)
    print(f"  {done.stdout.strip()}")


if __name__ == "__main__":
    memory() if sys.argv[1:] == ["memory"] else main()
