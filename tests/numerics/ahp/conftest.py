"""Small panels and the golden matrices, shared by the tests of the hierarchy process."""

import csv
import json

import numpy as np
import pytest

from scoring.numerics.types import NodeJudgements, PanelJudgements, Tree, TreeCriterion


@pytest.fixture(scope="session")
def golden(cases):
    """Read one of the golden tables by its name."""
    return lambda name: json.loads((cases / "ahp" / "golden" / f"{name}.json").read_text(encoding="utf-8"))


def matrix_of(n, judgements):
    """Reciprocal matrix from {(i, j): ratio}; the rest is not answered."""
    matrix = np.full((n, n), np.nan)
    np.fill_diagonal(matrix, 1)
    for (i, j), ratio in judgements.items():
        matrix[i, j], matrix[j, i] = ratio, 1 / ratio
    return matrix


def one_node(matrices, weights=None, groups=None):
    """A panel on a tree of one node."""
    matrices = np.asarray(matrices, dtype=float)
    items = tuple(f"i{number}" for number in range(matrices.shape[-1]))
    tree = Tree((TreeCriterion("goal", None), *(TreeCriterion(item, "goal", is_indicator=True) for item in items)))
    experts = tuple(f"P{number:03}" for number in range(len(matrices)))
    return PanelJudgements(
        tree=tree,
        experts=experts,
        expert_weights=np.ones(len(matrices)) if weights is None else np.asarray(weights, dtype=float),
        groups=groups or ("",) * len(matrices),
        nodes=(NodeJudgements("goal", items, matrices),),
    )


def shuffled(panel, order):
    """The same panel with its rows in another order."""
    return PanelJudgements(
        tree=panel.tree,
        experts=tuple(panel.experts[k] for k in order),
        expert_weights=panel.expert_weights[order],
        groups=tuple(panel.groups[k] for k in order),
        nodes=tuple(NodeJudgements(judged.node, judged.items, judged.matrices[order]) for judged in panel.nodes),
    )


def noisy(seed, experts, n, *, noise=0.3, spread=0.0):
    """Matrices of experts who share a view up to ``spread`` and answer with ``noise``."""
    rng = np.random.default_rng(seed)
    views = rng.normal(0, 0.7, n) + rng.normal(0, 1, (experts, n)) * spread
    logs = views[:, :, None] - views[:, None, :] + rng.normal(0, 1, (experts, n, n)) * noise
    upper = np.triu(logs, 1)
    return np.exp(upper - np.swapaxes(upper, 1, 2))


@pytest.fixture(scope="session")
def make():
    """Build small panels by name."""

    class Make:
        matrix = staticmethod(matrix_of)
        panel = staticmethod(one_node)
        noisy = staticmethod(noisy)
        shuffled = staticmethod(shuffled)

    return Make


@pytest.fixture(scope="session")
def five_experts(golden):
    """The golden panel of five experts on three levels: (panel, expected)."""
    expected = golden("five_experts")
    below = {node: facts["children"] for node, facts in expected["nodes"].items()}
    parent = {child: node for node, children in below.items() for child in children}
    criteria = [TreeCriterion("Goal", None)]
    criteria += [TreeCriterion(code, node, is_indicator=code not in below) for code, node in parent.items()]
    tree = Tree(tuple(criteria))
    nodes = tuple(
        NodeJudgements(node, tree.children[node], coded(len(below[node]), expected["nodes"][node]["codes"]))
        for node in tree.nodes
    )
    return PanelJudgements(tree, tuple(expected["experts"]), np.ones(5), ("",) * 5, nodes), expected


def coded(n, codes):
    """Matrices from upper triangles row by row: c ≥ 0 is the ratio c + 1, c < 0 is 1/(1 − c)."""
    pairs = list(zip(*np.triu_indices(n, 1), strict=True))
    ratios = [[c + 1 if c >= 0 else 1 / (1 - c) for c in one] for one in codes]
    return np.array([matrix_of(n, dict(zip(pairs, one, strict=True))) for one in ratios])


@pytest.fixture(scope="session")
def rows_of():
    """Read a CSV file into rows."""

    def read(path):
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read
