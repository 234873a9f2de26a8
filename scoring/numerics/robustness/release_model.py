"""Some units' values changed and all else held: where one would stand on a release's yardstick, nominally and in the draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.composite.aggregate import aggregate, aggregate_root, local_weights, plan
from scoring.numerics.composite.chain import chain
from scoring.numerics.composite.ranking import rounded_for_ranking
from scoring.numerics.composite.times import latest, latest_rows
from scoring.numerics.errors import NonPositiveValueError, NotRankedError, NoYardstickError
from scoring.numerics.robustness.choices import FACTORS, Choices, drawn_choices, sizes, variants
from scoring.numerics.robustness.runs import blocks, check_weights, combinations, drawn_recipes, run_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scoring.numerics.composite.aggregate import NodePlan
    from scoring.numerics.composite.chain import NormalisationScale, Prepared
    from scoring.numerics.robustness.runs import MethodChoice
    from scoring.numerics.types import (
        BoolArray,
        CompositeRecipe,
        Factor,
        FloatArray,
        IntArray,
        Rank,
        Scored,
        Table,
        Tree,
        WeightDraws,
        Yardstick,
    )

    Change = Mapping[str, Mapping[str, float]]  # new values by indicator, by unit: the one asked about first

PAIRWISE = ("copeland", "borda", "kemeny")  # a unit's score hangs on the other units' scores
LEAST_DRAWS = 40
CELLS = 500_000  # numbers computed at once; bounds the memory, changes no result
FLAGS = 8  # comparisons that take a number's memory
PAIRS = 10_000_000  # pairs of units compared in all draws; beyond it fewer draws are taken, and their number is stated


@dataclass(frozen=True)
class MethodCombination:
    """One combination of methods with D sets of local weights; what it makes of the units stays while one changes.

    ``local`` arrays are (D,).
    """

    prepared: Prepared
    rank: Rank
    local: Mapping[str, FloatArray]
    draws: int

    @property
    def scale(self) -> NormalisationScale:
        """How values become normalised ones."""
        return self.prepared.scale

    @property
    def plans(self) -> tuple[NodePlan, ...]:
        """How each node is computed."""
        return self.prepared.plans

    @property
    def placed(self) -> Table:
        """The units' normalised values, gaps still open."""
        return self.prepared.placed

    @property
    def normalised(self) -> Table:
        """The units' normalised values."""
        return self.prepared.normalised

    @cached_property
    def keys(self) -> FloatArray:
        """The units' scores as they are compared, (D, U)."""
        out = np.empty((self.draws, len(self.placed.units)))
        for rows in self._blocks():
            out[rows] = self._compared(self.prepared.scores(self._local(rows)))
        return out

    def own(self, unit: str, changes: Sequence[Change]) -> tuple[FloatArray, IntArray]:
        """Return the unit's scores and ranks under each of C changes, (D, C) each; rank 0 = none.

        A change begins with the unit itself; other units that it names move with it.
        """
        if unit not in self.placed.units:
            shape = (self.draws, len(changes))
            return np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
        row = self.placed.units.index(unit)
        pairwise, relative = any(one.method in PAIRWISE for one in self.plans), self.scale.relative
        moving = [c for c, change in enumerate(changes) if pairwise or relative & set().union(*change.values())]
        alone = sorted(set(range(len(changes))) - set(moving))
        scores = np.empty((self.draws, len(changes)))
        ranks = np.zeros((self.draws, len(changes)), dtype=np.int64)
        if alone:
            scores[:, alone], ranks[:, alone] = self._aside(row, [changes[c] for c in alone])
        for c in moving:  # the others move too: each change is a field of its own
            scores[:, c], ranks[:, c] = self._among(row, self.changed(changes[c]))
        return scores, ranks

    def nodes(self, table: Table) -> dict[str, FloatArray]:
        """Return every node's scores (U,) of a normalised table, by the first of the weights."""
        return aggregate(table, self.plans, {code: weights[0] for code, weights in self.local.items()})

    def changed(self, change: Change) -> Table:
        """Return the units' normalised values with those of some units changed."""
        rows = [self.placed.units.index(unit) for unit in change]
        values = self.placed.values.copy()
        values[rows] = self._rows(rows, list(change.values())).values
        moving = tuple({code: 0 for one in change.values() for code in one if code in self.scale.relative})
        if moving:
            raw = self.prepared.imputed.take_columns(moving)
            given = raw.values.copy()
            for row, one in zip(latest_rows(raw)[rows], change.values(), strict=True):
                given[row] = [one.get(code, old) for code, old in zip(moving, given[row], strict=True)]
            columns = [self.placed.columns.index(code) for code in moving]
            values[:, columns] = latest(self.scale.place(raw.with_values(given))).values
        return self.scale.filled(self.placed.with_values(values))

    def _rows(self, rows: Sequence[int], changes: Sequence[Mapping[str, float]]) -> Table:
        """Return each row under its change, gaps still open; what hangs on other units is not placed here."""
        columns, relative = self.placed.columns, self.scale.relative
        raw = np.full((len(changes), len(columns)), np.nan)
        for c, change in enumerate(changes):
            for code, value in change.items():
                if code not in relative:
                    raw[c, columns.index(code)] = value
        table = replace(
            self.placed,
            units=tuple(self.placed.units[row] for row in rows),
            names=tuple(self.placed.names[row] for row in rows),
            times=tuple(map(str, range(len(changes)))),
            values=raw,
            groups={},
            denominators={},
        )
        placed = self.scale.place(table).values
        return table.with_values(np.where(np.isnan(raw), self.placed.values[list(rows)], placed))

    def _aside(self, row: int, changes: Sequence[Change]) -> tuple[FloatArray, IntArray]:
        """Rank the unit's changed rows among the others, which stay as they are but for those that a change names."""
        places = [[self.placed.units.index(unit) for unit in change] for change in changes]
        flat = [place for group in places for place in group]
        rows = self.scale.filled(self._rows(flat, [one for change in changes for one in change.values()]))
        firsts = np.cumsum([0, *map(len, places)])[:-1]
        others = self.keys.copy()
        others[:, row] = np.nan
        scores = np.empty((self.draws, len(changes)))
        ranks = np.empty((self.draws, len(changes)), dtype=np.int64)
        step = max(1, CELLS // max(len(flat), len(changes) * others.shape[1] // FLAGS))
        for start in range(0, self.draws, step):
            block = np.arange(start, min(start + step, self.draws))
            found = aggregate_root(rows, self.plans, self._local(block))
            moved, held = self._compared(found), others[block]
            keys = moved[:, firsts]
            above = (held[:, None, :] > keys[:, :, None]).sum(axis=-1)
            for c, (first, group) in enumerate(zip(firsts, places, strict=True)):
                if len(group) > 1:  # they leave where they were, and stand where they come to
                    own, along = keys[:, c, None], slice(first + 1, first + len(group))
                    above[:, c] += (moved[:, along] > own).sum(axis=-1) - (held[:, group[1:]] > own).sum(axis=-1)
            scores[block], ranks[block] = found[:, firsts], np.where(np.isnan(keys), 0, 1 + above)
        return scores, ranks

    def _among(self, row: int, table: Table) -> tuple[FloatArray, IntArray]:
        """Rank the unit in a changed field, (D,) each."""
        own, ranks = np.empty(self.draws), np.zeros(self.draws, dtype=np.int64)
        for rows in self._blocks():
            scores = aggregate_root(table, self.plans, self._local(rows))
            own[rows], keys = scores[:, row], self._compared(scores)
            ranks[rows] = np.where(np.isnan(keys[:, row]), 0, 1 + (keys > keys[:, row, None]).sum(axis=-1))
        return own, ranks

    def _compared(self, scores: FloatArray) -> FloatArray:
        return rounded_for_ranking(scores, self.rank)

    def _local(self, rows: IntArray) -> dict[str, FloatArray]:
        return {code: weights[rows] for code, weights in self.local.items()}

    def _blocks(self) -> Iterator[IntArray]:
        return blocks(np.arange(self.draws), self.plans, max(1, len(self.placed.units)), CELLS)


@dataclass(frozen=True)
class ReleaseModel:
    """What a release was computed from, and its yardstick: a unit's values change on it while all else is held.

    A value that was measured for the country is one number for all its units: they move together.

    Values are those compared, after division by their denominators. What the recipe filled in for a gap stays as it was
    filled; only a gap that is filled from the unit's own other values (row_mean) follows them.

    Parameters
    ----------
    nominal : Scored
        The release's result, with its steps and its stored parameters of treatment and normalisation.
    tree, weights
        As given to `score`.
    draws : WeightDraws | None
        The panel's draws of local weights, for the intervals.
    countries : tuple[str, ...]
        Each unit's country, empty where it is unknown; empty as a whole where nobody said.
    national : BoolArray | None
        (U, I), marks the values that were measured for the country; None where nobody said of any.

    Raises
    ------
    NoYardstickError
        An indicator has no stored parameters: facts indicators.
    """

    nominal: Scored
    tree: Tree
    weights: Mapping[str, float] | None
    draws: WeightDraws | None = None
    countries: tuple[str, ...] = ()
    national: BoolArray | None = None

    def __post_init__(self) -> None:
        """Refuse a result that nothing can be placed on."""
        lost = [code for code in self.nominal.indicators if code not in self.nominal.yardstick.parameters]
        if lost:
            raise NoYardstickError(f"there are no stored parameters for {lost[0]}", indicators=lost)

    @property
    def recipe(self) -> CompositeRecipe:
        """The recipe."""
        return self.nominal.recipe

    @cached_property
    def local(self) -> Mapping[str, float]:
        """Local weights as used."""
        return local_weights(self.tree, self.nominal.indicators, self.weights)

    @cached_property
    def given(self) -> FloatArray:
        """The units' values that nobody filled in, (U, I); NaN = missing or filled."""
        return np.where(self.nominal.imputed, np.nan, self.nominal.steps["imputed"].values)

    def row_of(self, unit: str) -> int:
        """Return the row of a ranked unit in the tables.

        Raises
        ------
        NotRankedError
            The release does not rank it.
        """
        row = self.nominal.units.index(unit) if unit in self.nominal.units else -1
        if row < 0 or self.nominal.ranks[row] == 0:
            raise NotRankedError(f"{unit} has no rank", unit=unit)
        return row

    def is_national(self, unit: str, indicator: str) -> bool:
        """Say whether a unit's value was measured for its country."""
        row, column = self.nominal.units.index(unit), self.nominal.indicators.index(indicator)
        named = bool(self.countries) and bool(self.countries[row])
        return self.national is not None and named and bool(self.national[row, column])

    def companions(self, unit: str, indicator: str) -> tuple[str, ...]:
        """Return the other units of the country whose value is the country's too, where this unit's is."""
        if self.national is None or not self.is_national(unit, indicator):
            return ()
        row, column = self.nominal.units.index(unit), self.nominal.indicators.index(indicator)
        given = ~np.isnan(self.given[:, column])
        same = np.array([country == self.countries[row] for country in self.countries])
        together = np.flatnonzero(same & given & self.national[:, column])
        return tuple(self.nominal.units[other] for other in together if other != row)

    def spread(self, unit: str, values: Mapping[str, float]) -> Change:
        """Return what new values of a unit change: its own and, where they are the country's, those of its companions."""
        change: dict[str, dict[str, float]] = {unit: dict(values)}
        for code, value in values.items():
            for other in self.companions(unit, code) if code in self.nominal.indicators else ():
                change.setdefault(other, {})[code] = value
        return change

    @cached_property
    def official(self) -> MethodCombination:
        """The release itself."""
        weights = {code: np.array([weight]) for code, weight in self.local.items()}
        return self._combination((0, 0, 0, 0), weights, 1)

    @cached_property
    def covers(self) -> tuple[Factor, ...]:
        """What the draws vary; nothing where there is nothing to draw."""
        rule = self.recipe.robustness
        if not rule.draws:
            return ("weights",) if self._draws_weights else ()
        many = len(self.draws.local) if self.draws is not None and self._draws_weights else 1
        vary = sizes(self.recipe, len(self.nominal.indicators), many)
        return tuple(factor for factor in FACTORS if vary.get(factor, 1) > 1)

    @property
    def _draws_weights(self) -> bool:
        rule = self.recipe.robustness
        return self.draws is not None and (rule.draws == 0 or "weights" in rule.factors)

    @cached_property
    def drawn(self) -> tuple[MethodCombination, ...]:
        """The combinations of methods that the draws choose, each with the weights of its draws."""
        if not self.covers:
            return ()
        drawn = self.draws if self._draws_weights else None
        if drawn is not None:
            check_weights(self.tree, self.nominal, drawn)
        choices = self._choices(drawn)
        return tuple(
            self._combination(
                choice,
                run_weights(self.local, drawn, choices, members, indicators=self.nominal.indicators, tree=self.tree),
                len(members),
            )
            for choice, members in combinations(choices)
        )

    def _choices(self, drawn: WeightDraws | None) -> Choices:
        """Choose for every draw as the release's own intervals did, weights as they are where there are no draws of them."""
        declared, have = self.recipe.robustness.first_draws, None if drawn is None else len(drawn.local)
        count = min(number for number in (declared or None, have) if number is not None)
        means = variants(self.recipe).aggregate
        methods = {one.method for rule in means for one in plan(self.tree, self.nominal.indicators, rule)}
        if methods & {"copeland", "kemeny"}:
            pairs = len(self.nominal.units) ** 2 * len(self.tree.criteria)
            count = min(count, max(LEAST_DRAWS, PAIRS // pairs))
        if not declared:
            own = np.zeros(count, dtype=np.int64)
            return Choices(own, own, own, own, own - 1, np.arange(count))
        found = drawn_choices(self.recipe, len(self.nominal.indicators), first=0, count=count)
        return replace(found, weights=np.full(count, -1)) if drawn is None else found

    @cached_property
    def _prepare(self) -> Callable[[CompositeRecipe, Yardstick | None], Prepared]:
        return chain(self.nominal.steps["screened"], self.tree)

    @cached_property
    def _recipe_of(self) -> Callable[[MethodChoice], CompositeRecipe]:
        return drawn_recipes(self.nominal, self.tree)

    def _combination(self, choice: MethodChoice, local: Mapping[str, FloatArray], draws: int) -> MethodCombination:
        """Return a combination of methods; the release's own stands on its stored parameters."""
        stored = self.nominal.yardstick if choice[:3] == (0, 0, 0) else None
        return MethodCombination(self._prepare(self._recipe_of(choice), stored), self.recipe.rank, local, draws)

    def drawn_ranks(self, unit: str, changes: Sequence[Mapping[str, float]]) -> IntArray | None:
        """Return the unit's ranks under each set of new values in every draw, (D, C), 0 = none; None without draws.

        A draw whose mean has no answer at a changed value has no rank.
        """
        if not self.drawn:
            return None
        out = []
        spread = [self.spread(unit, change) for change in changes]
        for ground in self.drawn:
            try:
                out.append(ground.own(unit, spread)[1])
            except NonPositiveValueError:
                out.append(np.zeros((ground.draws, len(changes)), dtype=np.int64))
        return np.concatenate(out)
