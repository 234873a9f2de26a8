"""A small ranking with a panel behind it, for all that is asked of its robustness."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.robustness.change import split_change
from scoring.numerics.robustness.study import Question
from scoring.numerics.types import (
    CompositeRecipe,
    ConsensusMethod,
    NodeJudgements,
    PanelJudgements,
    RobustnessChoices,
    Table,
    Tree,
    TreeCriterion,
)
from tests.numerics.robustness.changes import EVERYTHING, NEW, OLD

TREE = Tree(
    (
        TreeCriterion("index", None),
        TreeCriterion("people", "index"),
        TreeCriterion("place", "index"),
        *(TreeCriterion(f"p{number}", "people", is_indicator=True) for number in range(4)),
        *(TreeCriterion(f"q{number}", "place", is_indicator=True, direction=-1) for number in range(3)),
    )
)
FACTORS = ("weights", "normalise", "aggregate", "outliers", "impute", "leave_one_indicator")


def judgements(rng, experts, n, noise, spread):
    """Matrices (K, n, n) around weights that the experts share but for ``spread``."""
    middle = rng.normal(0, 0.6, n)
    logs = middle + rng.normal(0, spread, (experts, n)) if spread else np.tile(middle, (experts, 1))
    upper = np.triu(logs[:, :, None] - logs[:, None, :] + rng.normal(0, noise, (experts, n, n)), 1)
    return np.exp(upper - upper.swapaxes(1, 2))


def panel_of(experts=12, *, seed=2, noise=0.2, spread=0.4, groups=(), languages=()):
    rng = np.random.default_rng(seed)
    nodes = tuple(
        NodeJudgements(node, TREE.children[node], judgements(rng, experts, len(TREE.children[node]), noise, spread))
        for node in TREE.nodes
    )
    codes = tuple(f"P{number:02d}" for number in range(experts))
    return PanelJudgements(TREE, codes, np.ones(experts), groups or ("",) * experts, nodes, languages)


def only(panel, experts):
    """The panel of these experts (positions) alone."""
    rows = np.array(experts, dtype=np.int64)
    return replace(
        panel,
        experts=tuple(panel.experts[k] for k in rows),
        expert_weights=panel.expert_weights[rows],
        groups=tuple(panel.groups[k] for k in rows),
        languages=tuple(panel.languages[k] for k in rows),
        nodes=tuple(replace(judged, matrices=judged.matrices[rows]) for judged in panel.nodes),
    )


def table_of(units=15, *, seed=4):
    values = np.random.default_rng(seed).lognormal(size=(units, len(TREE.indicators)))
    names = tuple(f"u{number:02d}" for number in range(units))
    return Table(names, names, ("2024",) * units, TREE.indicators, values)


@pytest.fixture(scope="session")
def make():
    class Make:
        tree = TREE
        panel = staticmethod(panel_of)
        only = staticmethod(only)
        table = staticmethod(table_of)

        @staticmethod
        def question(*, table=None, panel=None, factors=FACTORS, draws=60, seed=0, sensitivity=8, **robustness):
            rule = CompositeRecipe(
                robustness=RobustnessChoices(draws, seed, factors, sensitivity=sensitivity, **robustness)
            )
            judged = panel_of() if panel is None else panel
            return Question(table_of() if table is None else table, TREE, None, rule, judged, ConsensusMethod(seed=5))

    return Make


@pytest.fixture(scope="module")
def whole():
    """The change with every cause at once, computed once."""
    return split_change(OLD, NEW, **EVERYTHING)
