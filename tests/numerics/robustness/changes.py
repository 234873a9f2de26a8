"""Two releases that differ by every cause at once, and what is said of a change of theirs."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from scoring.numerics.robustness.between import CAUSES, Basis
from scoring.numerics.robustness.change import DENOMINATOR
from scoring.numerics.types import (
    CompositeRecipe,
    Normalise,
    NormaliseRule,
    Screen,
    Table,
    Tree,
    TreeCriterion,
)

OLD_UNITS, NEW_UNITS = ("a", "b", "c", "d", "e", "f"), ("b", "a", "d", "c", "e", "g")
BOTH = "abcde"
NODES = (TreeCriterion("index", None), TreeCriterion("people", "index"), TreeCriterion("place", "index"))


def leaf(code, parent="people", **more):
    return TreeCriterion(code, parent, is_indicator=True, **more)


OLD_TREE = Tree((*NODES, leaf("p0"), leaf("p1", direction=-1), leaf("q0", "place")))
NEW_TREE = Tree((*OLD_TREE.criteria, leaf("q1", "place")))
OLD_WEIGHTS = {"people": 0.5, "place": 0.5, "p0": 0.4, "p1": 0.6, "q0": 1.0}
NEW_WEIGHTS = {"people": 0.7, "place": 0.3, "p0": 0.8, "p1": 0.2, "q0": 0.7, "q1": 0.3}
OLD_RECIPE = CompositeRecipe(screen=Screen(0, 0))
NEW_RECIPE = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule("zscore")))


def table(units=OLD_UNITS, tree=OLD_TREE, seed=1, time="2023", **more):
    values = np.random.default_rng(seed).lognormal(size=(len(units), len(tree.indicators)))
    return Table(units, units, (time,) * len(units), tree.indicators, values, **more)


OLD = Basis(OLD_TREE, OLD_WEIGHTS, OLD_RECIPE, table())
NEW = Basis(NEW_TREE, NEW_WEIGHTS, NEW_RECIPE, table(NEW_UNITS, NEW_TREE, 2, "2024"))
EVERYTHING = {
    "corrected_before": table(seed=3),
    "first_after": table(NEW_UNITS, NEW_TREE, 4, "2024"),
}


def with_rows(basis, seed, *units):
    """Give these units other values."""
    other = np.random.default_rng(seed).lognormal(size=basis.table.values.shape)
    here = np.array([unit in units for unit in basis.table.units])[:, None]
    return replace(basis, table=basis.table.with_values(np.where(here, other, basis.table.values)))


def moves(change, position):
    """Return the parts of rank and score by cause, exactly."""
    ranks = [Fraction(int(part), DENOMINATOR) for part in change.rank_parts[position]]
    return dict(zip(CAUSES, ranks, strict=True)), dict(
        zip(CAUSES, map(Fraction, change.score_parts[position]), strict=True)
    )


def printed(score_):
    return Fraction(f"{score_:.12g}")


def adds_up(change):
    """Say for every unit split whether all digits add up."""
    for position, status in enumerate(change.status):
        if status == "split":
            places, points = moves(change, position)
            yield sum(places.values()) == change.rank_before[position] - change.rank_after[position]
            yield sum(points.values()) == printed(change.score_after[position]) - printed(change.score_before[position])


SAME = replace(NEW, table=replace(NEW.table, times=("2023",) * len(NEW_UNITS)))
DATA = ("own_data", "other_data")  # one unit's own data are the others' other data
