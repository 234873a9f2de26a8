"""The correction of a later edition, cell by cell, in the data of the earlier one."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.robustness.data_between import DataStates


@pytest.fixture
def tables(make):
    """The earlier edition's table, the later one's first, and the later one's corrected."""
    old = make.table(4)
    old = replace(
        old, groups={"Size": ("S", "S", "L", "L")}, denominators={"People": np.array([1.0, 2.0, np.nan, 4.0])}
    )
    first = old.with_values(old.values.copy())
    first.values[0, 0] += 1  # u00's first value is another edition's
    old.values[1, 1] = first.values[1, 1] = np.nan
    new = replace(
        first.with_values(first.values.copy()),
        groups={"Size": ("S", "metropolitan", "L", "L")},
        denominators={"People": np.array([1.0, 2.0, 3.0, 4.0])},
    )
    new.values[0, 0] += 10  # a cell in which the editions differ
    new.values[2, 2] += 10  # one in which they were alike
    new.values[1, 1] = 7.0  # a gap in both, which the correction fills
    return old, first, new


def corrected(make, old, first, new):
    return DataStates.of((old, new), (make.tree, make.tree), None, first).laid[0][1].table


def test_what_both_editions_first_had_is_corrected_and_nothing_else(make, tables):
    old, first, new = tables

    got = corrected(make, old, first, new)

    expected = old.values.copy()
    expected[2, 2], expected[1, 1] = new.values[2, 2], 7.0
    assert np.array_equal(got.values, expected, equal_nan=True)
    assert got.groups == {"Size": ("S", "metropolitan", "L", "L")}  # longer than any word that stood there
    assert got.denominators["People"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert np.isnan(old.denominators["People"][2])  # the earlier table stays as it is


def test_without_a_correction_the_earlier_table_is_itself(make, tables):
    old, _, new = tables

    data = DataStates.of((old, new), (make.tree, make.tree), None, None)

    assert data.laid[0][1] is data.laid[0][0]


def test_unit_that_one_edition_alone_has_is_left_alone(make, tables):
    old, first, new = tables
    fewer = [table.take_rows(np.array([0, 1, 3])) for table in (first, new)]

    got = corrected(make, old, *fewer)

    assert np.array_equal(got.values[2], old.values[2], equal_nan=True)


def test_editions_without_a_unit_in_common_have_nothing_to_correct(make, tables):
    old, first, new = tables
    apart = replace(old, units=("v0", "v1", "v2", "v3"))

    data = DataStates.of((apart, new), (make.tree, make.tree), None, first)

    assert data.laid[0][1] is data.laid[0][0]


def test_group_and_denominator_come_from_the_first_table_that_has_them_and_else_there_are_none(make, tables):
    old, _, new = tables
    bare = replace(old, groups={}, denominators={})  # an edition that had neither column
    gone = replace(bare, units=("gone", *old.units[1:]))  # and a unit that the other edition has not

    rows = DataStates.of((gone, new), (make.tree, make.tree), None, None).rows

    known, lost = rows("u01", 0, 0, 0), rows("gone", 0, 0, 0)
    assert np.array_equal(known.values[0], old.values[1], equal_nan=True)
    assert (known.groups, known.denominators["People"].tolist()) == ({"Size": ("metropolitan",)}, [2.0])
    assert np.array_equal(lost.values[0], old.values[0])
    assert lost.groups == {"Size": ("",)}
    assert np.isnan(lost.denominators["People"]).tolist() == [True]
