"""Why units moved, as a file: what is read is what was written, and the written parts add up as they stand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from exchange.tables import csv_records
from scoring.files.changes import COLUMNS, NAME, change_files, read_change
from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.between import CAUSES, Basis
from scoring.numerics.robustness.change import DENOMINATOR, split_change
from scoring.numerics.types import CompositeRecipe, Normalise, NormaliseRule, Screen, Table, Tree, TreeCriterion

TREE = Tree(
    (TreeCriterion("index", None), *(TreeCriterion(f"i{number}", "index", is_indicator=True) for number in range(3)))
)
WEIGHTS = {"i0": 0.2, "i1": 0.3, "i2": 0.5}
RECIPE = CompositeRecipe(screen=Screen(0, 0))
UNCHANGED = ("units", "indicators", "corrections")


@pytest.fixture(scope="module")
def change():
    """Every cell of c is missing before, every cell of d after."""
    units = tuple("abcdefg")
    values = np.random.default_rng(1).lognormal(size=(2, 7, 3))
    values[0, 2] = values[1, 3] = np.nan
    before, after = (Table(units, units, ("",) * 7, TREE.indicators, block) for block in values)
    rule = replace(RECIPE, normalise=Normalise(NormaliseRule("zscore", sd=0.001)))
    return split_change(Basis(TREE, WEIGHTS, RECIPE, before), Basis(TREE, {**WEIGHTS, "i0": 2.0}, rule, after))


@pytest.fixture(scope="module")
def text(change):
    return change_files(change)[NAME]


def test_what_is_read_is_what_was_written(change, text):
    rows = read_change(text)

    assert [row.unit for row in rows] == list(change.units)
    assert [row.status for row in rows] == list(change.status)
    assert set(change.status) == {"split", "unranked_before", "unranked_after"}
    for position, row in enumerate(rows):
        assert [row.rank_before or 0, row.rank_after or 0] == [
            change.rank_before[position],
            change.rank_after[position],
        ]
        assert (row.rank_new_method or 0) == change.rank_new_method[position]
        for name in ("score_before", "score_after", "score_new_method"):
            number = getattr(row, name)
            assert np.array_equal(
                np.nan if number is None else float(number), getattr(change, name)[position], equal_nan=True
            )
        if row.status == "split":
            assert [part * DENOMINATOR for part in row.rank_parts.values()] == change.rank_parts[position].tolist()
            assert tuple(row.score_parts.values()) == change.score_parts[position]
            assert tuple(row.score_parts) == tuple(row.rank_parts) == CAUSES


def test_written_parts_add_up_exactly_to_the_move_and_the_move_to_the_ends(text):
    split = [row for row in csv_records(text) if row["status"] == "split"]
    for row in split:
        for kind, sign in (("rank", -1), ("score", 1)):
            parts = sum(Fraction(row[f"{kind}_{cause}"]) for cause in CAUSES)
            assert parts == Fraction(row[f"{kind}_move"])
            assert parts == sign * (Fraction(row[f"{kind}_after"]) - Fraction(row[f"{kind}_before"]))
        assert sum(Decimal(row[f"score_{cause}"]) for cause in CAUSES) == Decimal(row["score_move"])
        assert {row[f"{kind}_{cause}"] for kind in ("rank", "score") for cause in UNCHANGED} == {"0"}
    assert len(split) == 5
    assert any("/" in row[f"rank_{cause}"] for row in split for cause in CAUSES)


def test_move_that_is_not_split_has_empty_cells(text):
    found = {row["uCode"]: row for row in csv_records(text)}
    empty = ["rank_move", "score_move", *(f"{kind}_{cause}" for kind in ("rank", "score") for cause in CAUSES)]
    for unit in ("c", "d"):
        assert {found[unit][name] for name in empty} == {""}
    assert (found["c"]["rank_before"], found["c"]["score_before"], found["c"]["rank_new_method"]) == ("", "", "")
    assert "" not in {found["d"]["rank_before"], found["d"]["score_before"], found["d"]["rank_new_method"]}
    assert (read_change(text)[2].rank_parts, read_change(text)[2].score_move) == ({}, None)


def test_digits_of_a_part_are_all_written(change):
    """More digits than a decimal context keeps, and none of them as an exponent."""
    long = Decimal("12.34567890123456789012345678901234567890")
    parts = (long, long.copy_negate(), Decimal("1E-9"), *[Decimal(0)] * 4)
    row = next(csv_records(change_files(replace(change, score_parts=(parts,) * 7))[NAME]))
    assert (row["score_own_data"], row["score_units"]) == ("12.3456789012345678901234567890123456789", "0.000000001")
    assert row["score_move"] == "0.000000001"


def test_columns_are_in_the_stated_order(text):
    assert tuple(text.partition("\n")[0].split(",")) == COLUMNS
    assert COLUMNS[5:12] == tuple(f"rank_{cause}" for cause in CAUSES)


@pytest.mark.parametrize(
    ("old", "new", "says"), [("rank_units", "rank_unit", "columns are not its own"), ("split", "spilt", "spilt is no")]
)
def test_strange_file_is_refused_by_name(text, old, new, says):
    with pytest.raises(MethodError, match=says):
        read_change(text.replace(old, new))
