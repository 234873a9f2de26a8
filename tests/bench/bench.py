"""How fast the arithmetic is, beside ahpy, pyDecision and plain numpy: `make bench`.

Everything is measured in one run on one machine, the best of several rounds, on random but reproducible judgements.
The peers live in an environment of their own, so that none of their packages can change ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from scoring.numerics.ahp.consensus import weighed_one_by_one
from scoring.numerics.ahp.consistency import random_index
from scoring.numerics.pipeline import score, weigh
from scoring.numerics.types import (
    CompositeRecipe,
    ConsensusMethod,
    NodeJudgements,
    PanelJudgements,
    Table,
    Tree,
    TreeCriterion,
)

EXPERTS = 200
SIZES = (6, 6, 6, 6, 5, 5, 5, 4)  # 96 pairs an expert: 19,200 judgements in all
METHOD = ConsensusMethod(random_index="saaty")
PEERS = Path(".venv/peers/bin/python")


def random_matrices(rng: np.random.Generator, count: int, n: int) -> np.ndarray:
    """Return consistent matrices with log-normal noise, within 1/9 to 9."""
    weights = rng.dirichlet(np.full(n, 3.0), count)
    logs = np.log(weights[:, :, None] / weights[:, None, :]) + np.triu(rng.normal(0, 0.4, (count, n, n)), 1)
    upper = np.triu(np.clip(logs, -np.log(9), np.log(9)), 1)
    return np.exp(upper - upper.swapaxes(1, 2))


def best(work, rounds: int = 5):
    """Return (seconds of the fastest round, what it returned)."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), answer


# --- plain numpy: the same formulas, written straight down ------------------------------------------------------------


def probe_priorities(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and CR by numpy's stacked eigenvalues."""
    n = matrices.shape[-1]
    values, vectors = np.linalg.eig(matrices)
    principal = values.real.argmax(axis=-1)
    weights = np.abs(np.take_along_axis(vectors, principal[:, None, None], axis=-1)[..., 0].real)
    largest = np.take_along_axis(values.real, principal[:, None], axis=-1)[:, 0]
    return weights / weights.sum(axis=-1, keepdims=True), (largest - n) / (n - 1) / random_index(n, "saaty")


def probe_gci(matrices: np.ndarray) -> np.ndarray:
    """Return the GCI by the logarithms' distances from those of the row geometric means."""
    n = matrices.shape[-1]
    logs = np.log(matrices)
    means = logs.mean(axis=-1)
    errors = logs - means[:, :, None] + means[:, None, :]
    return (errors**2).sum(axis=(-1, -2)) / ((n - 1) * (n - 2))


def probe_consensus(nodes: list[np.ndarray]) -> list[np.ndarray]:
    """Return group weights (AIJ) after everybody's priorities and CR."""
    for matrices in nodes:
        probe_priorities(matrices)
    return [probe_priorities(np.exp(np.log(matrices).mean(axis=0))[None])[0][0] for matrices in nodes]


# --- ours -------------------------------------------------------------------------------------------------------------


def panel_of(nodes: list[np.ndarray]) -> PanelJudgements:
    """Return a panel on a tree in which each node is the first item of the node above it."""
    codes = [f"n{number}" for number in range(len(nodes))]
    items = [
        (*codes[position + 1 : position + 2], *(f"{codes[position]}_{leaf}" for leaf in range(stack.shape[-1])))[
            : stack.shape[-1]
        ]
        for position, stack in enumerate(nodes)
    ]
    below = (
        TreeCriterion(item, code, is_indicator=item not in codes)
        for code, row in zip(codes, items, strict=True)
        for item in row
    )
    experts = tuple(f"e{number:03d}" for number in range(len(nodes[0])))
    judged = tuple(map(NodeJudgements, codes, items, nodes))
    return PanelJudgements(
        Tree((TreeCriterion(codes[0], None), *below)), experts, np.ones(len(experts)), ("",) * len(experts), judged
    )


def table_of(rng: np.random.Generator, units: int, indicators: int) -> tuple[Table, Tree]:
    """Return a table of positive values under ten groups of indicators."""
    codes = tuple(f"x{number:03d}" for number in range(indicators))
    groups = tuple(f"g{number}" for number in range(10))
    leaves = (TreeCriterion(code, groups[number % 10], is_indicator=True) for number, code in enumerate(codes))
    tree = Tree((TreeCriterion("root", None), *(TreeCriterion(group, "root") for group in groups), *leaves))
    names = tuple(f"u{number:04d}" for number in range(units))
    table = Table(names, names, ("2024",) * units, codes, rng.lognormal(size=(units, indicators)))
    return table.take_columns(tree.indicators), tree


def ask_peers(matrices: np.ndarray, nodes: list[np.ndarray]) -> dict[str, dict]:
    """Return the peers' seconds and weights by name; nothing where they are not installed."""
    if not PEERS.exists():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judgements.npz"
        np.savez(path, matrices=matrices, **{f"node{number}": stack for number, stack in enumerate(nodes)})
        command = [PEERS, Path(__file__).with_name("peers.py"), path]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def line(name: str, seconds: float, ours: float, more: str = "") -> None:
    """Print one measurement."""
    print(f"  {name:<14}{seconds * 1000:>12.1f} ms {seconds / ours:>10.2f} x {more}")


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(7)
    matrices = random_matrices(rng, 10_000, 7)
    nodes = [random_matrices(rng, EXPERTS, n) for n in SIZES]
    peers = ask_peers(matrices, nodes)

    print(f"numpy {np.__version__}, Python {sys.version.split()[0]}; times as a multiple of ours\n")
    print("Priorities, CR and GCI of 10,000 matrices of 7 items, as a consensus computes them")
    ours, (weights, measured) = best(lambda: weighed_one_by_one(matrices, METHOD))
    line("steelyard", ours, ours)
    seconds, (plain_weights, plain_cr) = best(lambda: probe_priorities(matrices))
    more, plain_gci = best(lambda: probe_gci(matrices))
    apart = (weights - plain_weights, measured.cr - plain_cr, measured.gci - plain_gci)
    line("plain numpy", seconds + more, ours, f"largest difference {max(np.abs(one).max() for one in apart):.0e}")
    line("  without GCI", seconds, ours)
    for name, peer in peers.items():
        line(name, peer["priorities"], ours)

    print(f"\nConsensus of {EXPERTS} experts at {len(SIZES)} nodes: priorities, CR, agreement, clusters, group weights")
    panel = panel_of(nodes)
    ours, consensus = best(lambda: weigh(panel, METHOD))
    weights = np.concatenate([node.weights for node in consensus.nodes])
    line("steelyard", ours, ours)
    seconds, plain = best(lambda: probe_consensus(nodes))
    line("plain numpy", seconds, ours, f"largest difference {np.abs(np.concatenate(plain) - weights).max():.0e}")
    for name, peer in peers.items():
        line(
            name, peer["consensus"], ours, f"largest difference {np.abs(np.array(peer['weights']) - weights).max():.0e}"
        )

    print("\nScores and ranks of 1,000 units by 100 indicators")
    table, tree = table_of(rng, 1_000, 100)
    ours, _ = best(lambda: score(table, tree, None, CompositeRecipe()))
    line("steelyard", ours, ours)
    if not peers:
        print("\nahpy and pyDecision are not installed: make bench installs them into .venv/peers")


if __name__ == "__main__":
    main()
