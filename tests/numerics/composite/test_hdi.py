"""Human Development Index 2022: 193 values and ranks as published (UNDP, Human Development Report 2023/24)."""

import numpy as np
import pytest

from scoring.numerics.pipeline import score
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Normalise,
    NormaliseRule,
    Rank,
    Table,
    Tree,
    TreeCriterion,
)

TREE = Tree(
    (
        TreeCriterion("hdi", None),
        TreeCriterion("health", "hdi"),
        TreeCriterion("education", "hdi"),
        TreeCriterion("income", "hdi"),
        TreeCriterion("le", "health", is_indicator=True),
        TreeCriterion("eys", "education", is_indicator=True),
        TreeCriterion("mys", "education", is_indicator=True),
        TreeCriterion("gnipc", "income", is_indicator=True),
    )
)
POSTS = {"le": (20, 85), "eys": (0, 18), "mys": (0, 15), "gnipc": (100, 75_000)}
RECIPE = CompositeRecipe(
    normalise=Normalise(
        indicators={code: NormaliseRule("goalposts", goalposts=p, log=code == "gnipc") for code, p in POSTS.items()}
    ),
    aggregate=Aggregate(levels=("arithmetic", "geometric")),
    rank=Rank(decimals=3),
)


@pytest.fixture(scope="module")
def rows(golden, make):
    return [row for row in make.read(golden / "hdi" / "hdi_2022.csv") if row["hdi_rank_2022"]]


@pytest.fixture(scope="module")
def scored(rows):
    codes = tuple(POSTS)
    units = tuple(row["iso3"] for row in rows)
    values = np.array([[float(row[f"{code}_2022"]) for code in codes] for row in rows])
    return score(Table(units, units, ("2022",) * len(units), codes, values), TREE, None, RECIPE)


def test_all_193_values_agree(rows, scored):
    assert len(rows) == 193
    assert [round(value, 3) for value in scored.scores.tolist()] == [float(row["hdi_2022"]) for row in rows]


def test_all_193_ranks_agree(rows, scored):
    assert scored.ranks.tolist() == [int(float(row["hdi_rank_2022"])) for row in rows]
