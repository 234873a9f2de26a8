"""Half of the pairs against all of them: simulated panels, the group's weights from both, and a random half beside.

``make simulation`` runs this file and writes its part of ``docs/validation.md``; the tests beside it run the same functions
with fewer panels. It needs no tables: what real panels are like is in `REAL`, derived from published answers.
"""

from __future__ import annotations

import csv
import math
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.group import aggregate_judgements
from scoring.numerics.ahp.incomplete import llsm
from scoring.numerics.ahp.next_pair import planned_pairs, pooled_variance, short_set
from scoring.numerics.ahp.pairwise import connected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring.numerics.types import BoolArray, FloatArray

ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- simulation -->"  # published.py keeps what stands from here on
NEXT = "<!-- three answers -->"  # and this file what stands from there on
SIZES = range(5, 16)
REPETITIONS = 1500
SEED = 2022
LIMIT = 1.6  # a group's weights from the short set have at most this many times the error of all pairs
STEPS = np.log(np.array([1 / x for x in range(9, 1, -1)] + [float(x) for x in range(1, 10)]))


@dataclass(frozen=True)
class Panels:
    """What simulated panels are like: standard deviations of logarithms.

    ``spread`` of the true group weights over the items, ``deviation`` of an expert's own weights from the group's, and
    ``noise`` of a judgement about her own weights' ratio.
    """

    spread: float
    deviation: float
    noise: float
    experts: int = 20


# Standard deviations of logarithms, derived from published tables by `spread_of_weights` and `derived`:
# WIDE    the weights of the 8 indicators of TAI by AHP of 20 experts (OECD/JRC Handbook 2008, table 22)
# The others from 141 people at 4 nodes of 3 items (Kasper & John 2023, doi 10.5281/zenodo.7774935):
# NARROW  the group's weights at a node
# APART   an expert's own weights from the group's: the variance between people less what noise puts there
# NOISE   a judgement from the expert's own weights: residual variance 0.487, one spare comparison in each of 564 matrices
WIDE, NARROW, APART, NOISE = 0.61, 0.24, 0.65, 0.70
REAL = Panels(spread=WIDE, deviation=APART, noise=NOISE)
AGREED = Panels(spread=NARROW, deviation=0.0, noise=NOISE)


def spread_of_weights() -> float:
    """Return WIDE, not rounded, from the published weights of TAI."""
    table = ROOT / "tests" / "numerics" / "cases" / "composite" / "tai" / "tai_weights_table22.csv"
    printed = next(row for row in _rows(table) if row["method"] == "AHP")
    wide = np.var([math.log(float(value)) for name, value in printed.items() if name != "method"], ddof=1)
    return math.sqrt(wide)


def derived(survey: Path) -> tuple[float, float, float]:
    """Return NARROW, APART and NOISE, not rounded, from the answers of the survey.

    Over n items and all pairs the log-least-squares x of a person, mean 0, have
    Var x_i = (1 - 1/n) (apart² + noise²/n).
    """
    rows = _rows(survey / "edible_cities_judgements_long.csv")
    nodes = [_matrices([row for row in rows if row["matrix"] == node]) for node in ("crit", "env", "soc", "eco")]
    noise = np.mean([pooled_variance(matrices) for matrices in nodes])
    logs = np.log([llsm(matrices) for matrices in nodes])  # (nodes, people, items)
    logs -= logs.mean(axis=-1, keepdims=True)
    narrow = logs.mean(axis=1).var(axis=-1, ddof=1).mean()
    n = logs.shape[-1]
    apart = logs.var(axis=1, ddof=1).mean() / (1 - 1 / n) - noise / n
    return math.sqrt(narrow), math.sqrt(apart), math.sqrt(noise)


def _rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _matrices(rows: Sequence[dict[str, str]]) -> FloatArray:
    """Return everybody's matrices (K, 3, 3) at one node."""
    items = sorted({row[side] for row in rows for side in ("left", "right")})
    people = sorted({row["respondent"] for row in rows})
    matrices = np.tile(np.where(np.eye(len(items)), 1.0, np.nan), (len(people), 1, 1))
    for row in rows:
        who, i, j = people.index(row["respondent"]), items.index(row["left"]), items.index(row["right"])
        matrices[who, i, j] = float(row["ratio_left_over_right"])
        matrices[who, j, i] = 1 / matrices[who, i, j]
    return matrices


def half(n: int) -> int:
    """Return how many pairs the half has: the short set, and below 7 items, where none is offered, half of the pairs."""
    return short_set(n) if n >= 7 else -(-n * (n - 1) // 4)


def planned_graphs(n: int, seeds: Sequence[int]) -> BoolArray:
    """Return the graphs (seeds, n, n) of the first half of the pairs in each seed's order."""
    i, j = np.moveaxis(np.array([planned_pairs(n, half(n), seed) for seed in seeds]), -1, 0)
    graphs = np.zeros((len(seeds), n, n), dtype=bool)
    which = np.arange(len(seeds))[:, None]
    graphs[which, i, j] = graphs[which, j, i] = True
    return graphs


def random_graphs(n: int, count: int, rng: np.random.Generator) -> BoolArray:
    """Return ``count`` graphs of as many pairs, drawn evenly from all those that join the items."""
    i, j = np.triu_indices(n, 1)
    drawn = rng.permuted(np.tile(np.arange(len(i)) < half(n), (3 * count, 1)), axis=1)
    graphs = np.zeros((len(drawn), n, n), dtype=bool)
    graphs[:, i, j] = graphs[:, j, i] = drawn
    joined = graphs[connected(np.where(graphs | np.eye(n, dtype=bool), 1.0, np.nan))]
    if len(joined) < count:
        raise RuntimeError(f"{len(joined)} of {len(drawn)} random graphs of {n} items are connected")
    return joined[:count]


def answers(own: FloatArray, noise: float, rng: np.random.Generator) -> FloatArray:
    """Return complete matrices (..., n, n) of experts with own log weights (..., n): noise, then the nearest of 1/9 … 9."""
    logs = own[..., :, None] - own[..., None, :]
    logs = logs + noise * rng.standard_normal(logs.shape)
    nearest = STEPS[np.searchsorted((STEPS[1:] + STEPS[:-1]) / 2, logs)]
    upper = np.triu(nearest, 1)
    return np.exp(upper - np.swapaxes(upper, -1, -2))


def weights_of(logs: FloatArray) -> FloatArray:
    """Return the weights (..., n) of log weights."""
    raised = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Ratio:
    """A root mean square error over that of all pairs, with its standard error over the panels."""

    value: float
    error: float


def ratio(some: FloatArray, every: FloatArray) -> Ratio:
    """Return √(mean some / mean every) of the panels' mean squares (R,), its standard error by the delta method."""
    square = float(some.mean() / every.mean())
    error = float((some - square * every).std(ddof=1) / every.mean()) / math.sqrt(len(some))
    return Ratio(math.sqrt(square), error / (2 * math.sqrt(square)))


@dataclass(frozen=True)
class Half:
    """What one way to choose half of the pairs gives, against all pairs.

    ``group`` and ``own`` weights' errors against the true ones of the group and of each expert; ``same_top``: the share of
    panels whose top half of the items has the order that all pairs give.
    """

    group: Ratio
    own: Ratio
    same_top: float


@dataclass(frozen=True)
class Outcome:
    """The result for one number of items: pairs, half, the error of group weights from all pairs, and both halves."""

    n: int
    pairs: int
    half: int
    error: float
    planned: Half
    random: Half


def simulate(n: int, panels: Panels, *, repetitions: int, seed: int) -> Outcome:
    """Simulate panels whose experts answer all pairs, the planned half in an order of their own, or a random half."""
    rng = np.random.default_rng((seed, n))
    seeds = np.arange(max(repetitions // 2, 2 * panels.experts))  # a panel draws its experts' seeds from these
    chosen = rng.permuted(np.tile(seeds, (repetitions, 1)), axis=1)[:, : panels.experts]
    truth = panels.spread * rng.standard_normal((repetitions, 1, n))
    own = truth + panels.deviation * rng.standard_normal((repetitions, panels.experts, n))
    given = answers(own, panels.noise, rng)
    shape = given.shape
    planned = planned_graphs(n, seeds.tolist())[chosen]
    random = random_graphs(n, repetitions * panels.experts, rng).reshape(shape)
    group_truth, own_truth = weights_of(truth[:, 0]), weights_of(own)
    every, *halves = (
        _weigh(np.where(graphs | np.eye(n, dtype=bool), given, np.nan), group_truth, own_truth)
        for graphs in (np.ones(shape, dtype=bool), planned, random)
    )
    measured = [
        Half(
            ratio(found.group, every.group), ratio(found.own, every.own), float((found.top == every.top).all(-1).mean())
        )
        for found in halves
    ]
    return Outcome(n, n * (n - 1) // 2, half(n), math.sqrt(every.group.mean()), *measured)


@dataclass(frozen=True)
class _Weighed:
    """Mean square errors of group and own weights (R,), and the items of the group's top half in order."""

    group: FloatArray
    own: FloatArray
    top: FloatArray


def _weigh(matrices: FloatArray, group_truth: FloatArray, own_truth: FloatArray) -> _Weighed:
    """Weigh panels (R, K, n, n) by AIJ and log least squares, and their experts one by one."""
    equal = np.ones(matrices.shape[1])
    group = llsm(np.array([aggregate_judgements(panel, equal) for panel in matrices]))
    top = np.argsort(-group, axis=-1, kind="stable")[:, : -(-group.shape[-1] // 2)]
    return _Weighed(
        ((group - group_truth) ** 2).mean(axis=-1), ((llsm(matrices) - own_truth) ** 2).mean(axis=(-1, -2)), top
    )


def table(outcomes: Iterable[Outcome]) -> list[str]:
    """Write the table, one line a number of items."""
    lines = [
        (
            "| Items | Pairs | Half | Error, all pairs | Error, short set | Ratio | Error, random half | Ratio "
            "| Same order | Same order, random | Own weights | Own weights, random |"
        ),
        f"|{' ---: |' * 12}",
    ]
    for found in outcomes:
        planned, random = found.planned, found.random
        cells = (
            f"{found.n}",
            f"{found.pairs}",
            f"{found.half}",
            f"{found.error:.4f}",
            f"{found.error * planned.group.value:.4f}",
            f"{planned.group.value:.3f} ± {planned.group.error:.3f}",
            f"{found.error * random.group.value:.4f}",
            f"{random.group.value:.3f} ± {random.group.error:.3f}",
            f"{planned.same_top:.0%}",
            f"{random.same_top:.0%}",
            f"{planned.own.value:.3f} ± {planned.own.error:.3f}",
            f"{random.own.value:.3f} ± {random.own.error:.3f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def report(real: Sequence[Outcome], agreed: Sequence[Outcome]) -> str:
    """Write this file's part of the page in Markdown."""
    machine = f"{platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    worst = max(found.planned.group.value for found in (*real, *agreed) if found.n >= 7)
    return f"""{MARK}

## The short set, simulated

What a group's weights lose when every expert answers the short set of a node instead of all its pairs. `make simulation`
writes this part of the page again; it needs no tables. Last run: {machine}.

{REPETITIONS} panels of {REAL.experts} experts for each number of items, seed {SEED}. A panel has true group weights, each expert has own ones
about them, and answers by the ratio of her own with noise, brought to the nearest of 1/9 … 9. Group weights are the geometric
mean of judgements (AIJ) and logarithmic least squares. The half is the short set of `scoring/numerics/ahp/next_pair.py`, in
every expert's own seeded order; below 7 items, where no short set is offered, it is half of the pairs. The random half has as
many pairs for every expert, drawn from all choices that join the items.

Error is the root mean square of the group's weights about the true ones; ratio is to the error from all pairs, ± its standard
error. Same order: panels whose upper half of items stands exactly in the order that all pairs give; the more items, the nearer
neighbours are. Own weights: the ratio for each expert's weights about her own true ones.

### Panels like real ones

Standard deviations of logarithms: {WIDE} of the group's weights over the items, as in TAI (8 indicators, 20 experts; OECD/JRC
Handbook 2008, table 22); {APART} of an expert's weights from the group's and {NOISE:.2f} of a judgement, as in the edible cities survey
(141 people, 4 nodes; residual variance 0.487; Kasper & John 2023, doi 10.5281/zenodo.7774935).

{chr(10).join(table(real))}

Part of the error here is which experts were asked, and the ends of the scale; more pairs do not lessen either.

### Experts who agree, items near each other

The hardest case for half of the pairs: nothing but the same noise, and group weights that spread by {NARROW}, as at the survey's
nodes, so that the scale's ends hardly matter.

{chr(10).join(table(agreed))}

From 7 items on the short set's ratio is at most {worst:.2f}; the limit is {LIMIT}. For the group it matters little which half is
asked, for 20 experts together answer every pair about equally often; where they differ, the planned half is the nearer one.
For an expert's own weights, and so for stop advice, clusters and agreement, it matters everywhere.
"""


def run(panels: Panels) -> list[Outcome]:
    """Simulate every number of items."""
    return [simulate(n, panels, repetitions=REPETITIONS, seed=SEED) for n in SIZES]


if __name__ == "__main__":
    page = ROOT / "docs" / "validation.md"
    outcomes = run(REAL), run(AGREED)
    text = page.read_text(encoding="utf-8")
    before, (_, mark, after) = text.partition(MARK)[0].rstrip(), text.partition(NEXT)
    page.write_text(
        "\n\n".join(part for part in (before, report(*outcomes).rstrip(), f"{mark}{after}") if part), encoding="utf-8"
    )
    over = [found.n for found in (*outcomes[0], *outcomes[1]) if found.n >= 7 and found.planned.group.value > LIMIT]
    if over:
        sys.exit(f"The short set's error is over {LIMIT} times that of all pairs for {over} items.")
