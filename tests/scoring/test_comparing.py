"""Two numbers of a release agree to the twelfth digit; whole numbers, texts and empty cells exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.files.comparing import Difference, compare, same_cell, same_number
from scoring.files.digits import computed_text


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("0.04", "0.0400000000001", True),  # one unit of the twelfth digit
        ("0.04", "0.0400000000002", False),
        ("0.04", "0.04000000000011", False),
        ("0.04", "0.0399999999999", True),
        ("0.04", "0.04000", True),
        ("0.123456789012", "0.123456789013", True),
        ("0.123456789012", "0.123456789014", False),
        ("-0.123456789012", "-0.123456789011", True),
        ("-0.123456789012", "-0.12345678901", False),
        ("-0.5", "0.5", False),
        ("1", "0.999999999999", True),  # below a power of ten the unit is that of the recomputed number
        ("1", "1.00000000001", True),
        ("1", "1.00000000002", False),
        ("0.999999999999", "1", True),
        ("0.999999999999", "1.00000000001", False),
        ("123456.789012", "123456.789013", True),
        ("123456.789012", "123456.789014", False),
        ("1.23456789012e-07", "0.000000123456789013", True),
        ("1e+20", "100000000000000000000", True),
        ("0", "1e-12", False),
        ("0", "1.1e-14", False),
        ("0", "-1e-14", True),  # what doubles leave of a difference that is none
        ("2.22e-16", "0", True),
        ("1e-12", "0", False),
        ("0", "-0", True),
        ("", "", True),
        ("", "0", False),
        ("0", "", False),
        ("1", "nan", False),
        ("", "nan", False),
        ("1", "inf", False),
        ("10", "1_0", False),
        ("3", "٣", False),
        ("3", " 3", False),
        ("1", "1e999", False),
    ],
)
def test_derived_numbers_agree_within_one_unit_of_the_twelfth_digit(expected, got, same):
    assert same_cell(expected, got, "number") is same


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        ("5", "5.00000000001", "integer"),
        ("5", "5.0", "integer"),
        ("123456789012", "123456789013", "integer"),
        ("007", "7", "text"),
        ("1e3", "1000", "text"),
        ("-7/6", "-1.16666666667", "fraction"),
    ],
)
def test_whole_numbers_texts_and_fractions_are_exact(expected, got, kind):
    assert same_cell(expected, expected, kind)
    assert not same_cell(expected, got, kind)


@given(st.floats(min_value=1e-13, max_value=1e15), st.sampled_from([-1, 1]))
def test_one_unit_passes_and_two_do_not_at_every_size(value, sign):
    number = Decimal(computed_text(value)) * sign
    unit = Decimal(1).scaleb(number.adjusted() - 11)

    for step in (-1, 1):
        assert same_number(number, number + step * unit)
        assert not same_number(number, number + step * 2 * unit)


def everything(_part):
    return False


def test_columns_are_compared_by_their_type():
    computed = "uCode,uName,rank,tier,rank_low,rank_high,score,A\nU1,1e3,1,1,1,2,0.04,0.5\n"
    near = "uCode,uName,rank,tier,rank_low,rank_high,score,A\nU1,1e3,1,1,1,2,0.0400000000001,0.500000000001\n"
    far = "uCode,uName,rank,tier,rank_low,rank_high,score,A\nU1,1000,1.0,1,1,2.00000000001,0.0400000000002,\n"

    assert compare("scores.csv", near, computed, skipped=everything) == (6, [])
    assert compare("scores.csv", far, computed, skipped=everything)[1] == [
        Difference("scores.csv", "does not come out again", 2, "uName", "1e3", "1000"),
        Difference("scores.csv", "does not come out again", 2, "rank", "1", "1.0"),
        Difference("scores.csv", "does not come out again", 2, "rank_high", "2", "2.00000000001"),
        Difference("scores.csv", "does not come out again", 2, "score", "0.04", "0.0400000000002"),
        Difference("scores.csv", "does not come out again", 2, "A", "0.5", "empty"),
    ]


@pytest.mark.parametrize(
    ("computed", "found", "same"),
    [
        ('{"weights": {"A": 0.04}}', '{"weights": {"A": 0.0400000000001}}', True),
        ('{"weights": {"A": 0.04}}', '{"weights": {"A": 0.0400000000002}}', False),
        ('{"weights": {"A": 1}}', '{"weights": {"A": 0.999999999999}}', True),
        ('{"units": 8}', '{"units": 8.0}', False),
        ('[{"rank": 8}]', '[{"rank": 8.00000000001}]', False),
        ('{"weights": 123456789012}', '{"weights": 123456789013}', False),
        ('{"pairs": true}', '{"pairs": 1}', False),
        ('{"cr": null}', '{"cr": 0}', False),
        ('{"cr": null}', "{}", False),
        ('{"cr": 0.1}', '{"cr": NaN}', False),
        ('{"cr": 0.1}', '{"cr": "0.1"}', False),
        ('{"cr": 0.1}', '{"cr": 0.1, "more": 2}', False),
        ('{"cr": 0.1}', "[" * 100_000, False),
        ('{"cr": 0.1}', "no JSON", False),
    ],
)
def test_json_is_compared_leaf_by_leaf(computed, found, same):
    assert (compare("summary.json", found, computed, skipped=everything)[1] == []) is same


def test_differences_are_sorted_by_file_row_and_column():
    places = [("b", 2, "x"), ("a", 10, "x"), ("a", 2, "rows[10]"), ("a", 2, "rows[9]"), ("a", None, None)]
    differences = [Difference(file, "differs", row, column) for file, row, column in places]

    ordered = sorted(differences, key=lambda one: one.place)

    assert [(one.file, one.row, one.column) for one in ordered] == [
        ("a", None, None),
        ("a", 2, "rows[9]"),
        ("a", 2, "rows[10]"),
        ("a", 10, "x"),
        ("b", 2, "x"),
    ]
