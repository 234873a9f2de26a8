"""The whole study of how sure a ranking is, cut into parts that any number of workers may compute in any order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import sizes
from scoring.numerics.robustness.draws import draw_weights
from scoring.numerics.robustness.intervals import intervals, rank_draws
from scoring.numerics.robustness.leave_one_out import leave_one_out
from scoring.numerics.robustness.runs import Runs
from scoring.numerics.robustness.sensitivity import sensitivity, sobol_runs, sobol_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.numerics.robustness.intervals import Intervals
    from scoring.numerics.robustness.leave_one_out import LeaveOneOut
    from scoring.numerics.robustness.sensitivity import Sensitivity
    from scoring.numerics.types import (
        ConsensusMethod,
        Factor,
        PanelJudgements,
        Recipe,
        Scored,
        Table,
        Tree,
        WeightDraws,
    )

Work: TypeAlias = Literal["draws", "sobol"]


@dataclass(frozen=True)
class Question:
    """What a study is computed from: a table, the framework, local weights and recipe, and where there is one the panel.

    Draws of weights start from the panel's judgements, weighed as the method says; draw d is the consensus' own draw d.
    ``languages`` holds local weights without each language, where the judgements themselves do not tell the languages.
    """

    table: Table
    tree: Tree
    weights: Mapping[str, float] | None
    recipe: Recipe
    panel: PanelJudgements | None = None
    method: ConsensusMethod | None = None
    languages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def nominal(self) -> Scored:
        """Score once as the recipe says."""
        return score(self.table, self.tree, self.weights, self.recipe)

    def weight_draws(self, *, first: int = 0, count: int | None = None) -> WeightDraws | None:
        """Draw the panel's weights for the recipe's draws; None where weights are no factor or there is no panel."""
        if "weights" not in self.recipe.robustness.factors or self.panel is None or self.method is None:
            return None
        method = replace(self.method, draws=self.recipe.robustness.draws)
        return draw_weights(self.panel, method, first=first, count=count)


@dataclass(frozen=True)
class Robust:
    """What the study found; ``choices`` says how many choices each factor had."""

    nominal: Scored
    intervals: Intervals
    sensitivity: Sensitivity | None
    leave_one_out: LeaveOneOut
    weight_draws: WeightDraws | None
    choices: Mapping[Factor, int]


def work_of(recipe: Recipe) -> dict[Work, int]:
    """Return how many runs each kind of work takes; nothing without draws."""
    if recipe.robustness.draws == 0:
        return {}
    sobol: dict[Work, int] = {"sobol": sobol_size(recipe)} if sobol_size(recipe) else {}
    return {"draws": recipe.robustness.draws, **sobol}


def compute_part(question: Question, nominal: Scored, work: Work, *, first: int, count: int) -> Runs:
    """Compute the runs ``first`` … ``first + count - 1`` of one kind of work; cutting the work changes no run.

    Raises
    ------
    NumericsError
        A step's refusal.
    """
    if work == "sobol":
        drawn = question.weight_draws()
        return sobol_runs(nominal, question.tree, question.weights, drawn, first=first, count=count)
    drawn = question.weight_draws(first=first, count=count)
    return rank_draws(nominal, question.tree, question.weights, drawn, first=first, count=count)


def join_parts(question: Question, nominal: Scored, parts: Mapping[Work, Sequence[Runs]]) -> Robust:
    """Put the parts of all work together, each kind in the order of its runs."""
    joined = {
        work: Runs(*(np.concatenate([getattr(one, name) for one in runs]) for name in ("ranks", "tiers")))
        for work, runs in parts.items()
    }
    drawn = question.weight_draws()
    many = 1 if drawn is None else len(drawn.local)
    without = leave_one_out(
        nominal, question.tree, question.weights, question.panel, question.method, languages=question.languages
    )
    return Robust(
        nominal=nominal,
        intervals=intervals(nominal, joined["draws"]),
        sensitivity=sensitivity(nominal, joined["sobol"].ranks, many) if "sobol" in joined else None,
        leave_one_out=without,
        weight_draws=drawn,
        choices=sizes(nominal.recipe, len(nominal.indicators), many),
    )


def study(question: Question) -> Robust | None:
    """Study a ranking in one process; None where its recipe asks for no draws.

    Raises
    ------
    NumericsError
        A step's refusal.

    Source: Saisana, Saltelli & Tarantola 2005; OECD/JRC Handbook 2008, step 7.
    """
    nominal = question.nominal()
    work = work_of(question.recipe)
    if not work:
        return None
    parts = {kind: [compute_part(question, nominal, kind, first=0, count=size)] for kind, size in work.items()}
    return join_parts(question, nominal, parts)
