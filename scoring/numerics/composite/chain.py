"""Impute → treat → normalise → aggregate: the only place that knows the order of these steps and which times each sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from scoring.numerics.composite.aggregate import aggregate, aggregate_root, plan
from scoring.numerics.composite.impute import OVER_TIME, fill_row_mean, impute
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outliers import hold, treat
from scoring.numerics.composite.times import latest, latest_rows
from scoring.numerics.types import Yardstick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scoring.numerics.composite.aggregate import NodePlan
    from scoring.numerics.types import (
        Aggregate,
        BoolArray,
        CompositeRecipe,
        FloatArray,
        Impute,
        Normalise,
        NormaliseRule,
        Outliers,
        Table,
        Treatment,
        Tree,
    )

    Parameters = Mapping[str, Mapping[str, float]]

RELATIVE = ("rank", "borda", "percentile_rank")  # a value's place on the scale hangs on the other units' values
POSITIVE = ("geometric", "harmonic", "power")

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class NormalisationScale:
    """How values become normalised ones, with the numbers found for it: treatment, normalisation, gaps."""

    tree: Tree
    bounds: Parameters
    normalise: Normalise
    parameters: Parameters
    fills_rows: bool

    def place(self, values: Table) -> Table:
        """Return the normalised values of a table, gaps still open."""
        return normalise(hold(values, self.bounds), self.tree, self.normalise, self.parameters)[0]

    def filled(self, placed: Table) -> Table:
        """Fill gaps from the unit's other values, where the recipe does."""
        return fill_row_mean(placed, self.tree)[0] if self.fills_rows else placed

    @property
    def relative(self) -> frozenset[str]:
        """The indicators normalised by ranks among the units."""
        rules = {code: self.normalise.indicators.get(code, self.normalise.rule) for code in self.tree.indicators}
        return frozenset(code for code, rule in rules.items() if rule.method in RELATIVE)


@dataclass(frozen=True)
class Prepared:
    """A screened table made ready for weights by one recipe.

    ``imputed`` and ``treated`` hold the rows of all times where the normalisation is pooled over time, else those of the
    latest; ``placed`` the latest ones normalised, gaps still open, and ``normalised`` the same with the gaps filled that the
    recipe fills from a unit's other values. ``filled`` (U, I) marks the latest rows' cells that were filled.
    """

    imputed: Table
    treated: Table
    placed: Table
    normalised: Table
    filled: BoolArray
    treatments: tuple[Treatment, ...]
    scale: NormalisationScale
    plans: tuple[NodePlan, ...]

    @property
    def yardstick(self) -> Yardstick:
        """The numbers of treatment and normalisation, to be applied again."""
        bounds, parameters = self.scale.bounds, self.scale.parameters
        return Yardstick({code: {**bounds[code], **parameters[code]} for code in self.placed.columns})

    def nodes(self, local: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return every node's scores (..., U) under local weights by code."""
        return aggregate(self.normalised, self.plans, local)

    def scores(self, local: Mapping[str, FloatArray]) -> FloatArray:
        """Return the root's scores (..., U) under local weights by code."""
        return aggregate_root(self.normalised, self.plans, local)


def prepare(screened: Table, tree: Tree, recipe: CompositeRecipe, yardstick: Yardstick | None = None) -> Prepared:
    """Impute, treat and normalise a screened table, and say how its nodes are computed.

    Filling over time (``linear``, ``latest``) sees the rows of all times, and so does a pooled normalisation; every other
    step sees those of the latest time alone. ``row_mean`` fills gaps in the normalised values.

    Parameters
    ----------
    screened : Table
        What the screen leaves, with the rows of all times.
    tree : Tree
        The framework.
    recipe : CompositeRecipe
        The choices; those of the steps before and after are not read.
    yardstick : Yardstick | None
        Stored parameters of treatment and normalisation, applied instead of the table's own.

    Raises
    ------
    NumericsError
        Each step's refusals, by name.

    Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 3 to 6.
    """
    return chain(screened, tree)(recipe, yardstick)


def chain(screened: Table, tree: Tree) -> Callable[[CompositeRecipe, Yardstick | None], Prepared]:
    """Return `prepare` of one table for many recipes: each step is computed once for the rules that it depends on."""

    @_once
    def imputed(rule: Impute, pooled: bool) -> tuple[Table, BoolArray]:
        whole, filled = impute(screened if pooled or rule.method in OVER_TIME else latest(screened), rule)
        return whole if pooled else latest(whole), filled[latest_rows(whole)]

    @_once
    def treated(
        of: _Filling, rule: Outliers, stored: Yardstick | None
    ) -> tuple[Table, tuple[Treatment, ...], Parameters]:
        return treat(imputed(*of)[0], rule, None if stored is None else stored.parameters)

    @_once
    def placed(of: _Filling, outliers: Outliers, rule: Normalise, stored: Yardstick | None) -> tuple[Table, Parameters]:
        values = treated(of, outliers, stored)[0]
        scaled, parameters = normalise(values, tree, rule, None if stored is None else stored.parameters)
        return latest(scaled), parameters

    @_once
    def plans(rule: Aggregate) -> tuple[NodePlan, ...]:
        return plan(tree, screened.columns, rule)

    def prepared(recipe: CompositeRecipe, yardstick: Yardstick | None = None) -> Prepared:
        of = _Filling(recipe.impute, recipe.normalise.pooled)
        rows, filled = imputed(*of)
        values, treatments, bounds = treated(of, recipe.outliers, yardstick)
        open_gaps, parameters = placed(of, recipe.outliers, recipe.normalise, yardstick)
        by_row = recipe.impute.method == "row_mean"
        normalised, row_filled = fill_row_mean(open_gaps, tree) if by_row else (open_gaps, filled)
        return Prepared(
            imputed=rows,
            treated=values,
            placed=open_gaps,
            normalised=normalised,
            filled=row_filled,
            treatments=treatments,
            scale=NormalisationScale(tree, bounds, recipe.normalise, parameters, by_row),
            plans=plans(recipe.aggregate),
        )

    return prepared


class _Filling(NamedTuple):
    """What decides how gaps are filled: the rule, and whether the rows of all times are kept."""

    rule: Impute
    pooled: bool


def _once(step: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Keep a step's answers by equal arguments; rules hold mappings, so they have no hash that `functools.cache` could use."""
    known: list[tuple[object, Answer]] = []

    @wraps(step)
    def found(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        for given, answer in known:
            if given == (args, kwargs):
                return answer
        answer = step(*args, **kwargs)
        known.append(((args, kwargs), answer))
        return answer

    return found


def needs_positive(plans: tuple[NodePlan, ...]) -> bool:
    """Say whether a node's mean has no answer at 0."""
    return any(one.method in POSITIVE for one in plans)


def positive_scale(rule: NormaliseRule) -> NormaliseRule:
    """Move min-max and z-scores to where a geometric mean has an answer; ranks of arithmetic means do not change by it."""
    if rule.method == "minmax" and rule.lower <= 0:
        width = rule.upper - rule.lower
        return replace(rule, lower=width / 100, upper=width)
    if rule.method == "zscore" and rule.mean < 5 * rule.sd:
        return replace(rule, mean=5 * rule.sd)
    return rule
