"""What intervals hold and what they do not: from the factors that vary, and never nothing."""

from itertools import combinations

import pytest

from scoring.numerics.robustness.choices import FACTORS
from scoring.numerics.robustness.scope import scope_of


@pytest.mark.parametrize(
    ("varied", "panel_spread", "expected"),
    [
        (
            {"weights", "normalise", "outliers", "leave_one_indicator"},
            True,
            ("aggregate", "impute", "other_indicators", "data_error", "who_was_asked"),
        ),
        (
            {"weights"},
            False,
            (
                *("normalise", "aggregate", "outliers", "impute"),
                *("which_experts", "indicator_choice", "data_error", "who_was_asked"),
            ),
        ),
        (
            set(),
            None,
            (
                "weights",
                "normalise",
                "aggregate",
                "outliers",
                "impute",
                "indicator_choice",
                "data_error",
                "who_was_asked",
            ),
        ),
    ],
)
def test_what_no_interval_holds(varied, panel_spread, expected):
    found = scope_of(varied, panel_spread)

    assert found.not_varied == expected
    assert found.varied == tuple(factor for factor in FACTORS if factor in varied)


def test_every_factor_is_on_one_side_and_some_doubts_on_the_other():
    for many in range(len(FACTORS) + 1):
        for varied in combinations(FACTORS, many):
            found = scope_of(varied, panel_spread=True)
            assert set(found.varied) & set(found.not_varied) == set()
            assert set(FACTORS) - {"leave_one_indicator"} <= {*found.varied, *found.not_varied}
            assert found.not_varied[-2:] == ("data_error", "who_was_asked")
