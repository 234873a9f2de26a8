"""Published indices in a few rows each, so that the numbers are proved on any machine; one file a source."""

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.pipeline import score
from scoring.numerics.types import Table, Tree, TreeCriterion
from scoring.recipe import recipe_from_dict

FOLDER = Path(__file__).parents[1] / "cases" / "composite"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
RUNS = [pytest.param(case, run, id=f"{name}-{run['name']}") for name, case in CASES.items() for run in case["runs"]]


def scored(case, run):
    tree = Tree(tuple(TreeCriterion(**criterion) for criterion in case["criteria"]))
    units = tuple(case["rows"])
    table = Table(units, units, ("",) * len(units), tuple(case["columns"]), np.array(list(case["rows"].values())))
    return score(table, tree, run["weights"], recipe_from_dict(case["recipe"]))


def test_the_folder_has_its_cases():
    assert sorted(CASES) == ["hdi_2022", "tai_leaders"]


@pytest.mark.parametrize(("case", "run"), RUNS)
def test_ranks_are_the_published_ones(case, run):
    assert scored(case, run).ranks.tolist() == run["ranks"]


@pytest.mark.parametrize(("case", "run"), [one for one in RUNS if "scores" in one.values[1]])
def test_scores_are_the_published_ones(case, run):
    assert [round(value, run["decimals"]) for value in scored(case, run).scores.tolist()] == run["scores"]
