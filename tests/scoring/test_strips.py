"""Strips inside table cells: numbers become places on an axis in one room, by rules that a ruler can check."""

import pytest

from scoring.charts.strips import IntervalStrip, field_strip, rank_strip, weight_strip


@pytest.mark.parametrize(
    ("rank", "low", "high", "total", "expected"),
    [
        (1, 1, 3, 5, IntervalStrip(140, 0.0, 0.0, 70.0)),
        (5, None, None, 5, IntervalStrip(140, 140.0, None, None)),
        (2, 1, 4, 4, IntervalStrip(140, 46.7, 0.0, 140.0)),
        (1, 1, 1, 1, IntervalStrip(140, 0.0, 0.0, 0.0)),
    ],
)
def test_ranks_lie_from_the_first_to_the_last(rank, low, high, total, expected):
    assert rank_strip(rank, low, high, total=total) == expected


def test_weights_share_an_axis_that_ends_with_the_longest():
    strip = weight_strip(0.2, 0.1, 0.5, longest=0.4)

    assert (strip.point, strip.low, strip.high) == (100.0, 50.0, 200.0)
    assert strip.view_box == "-4 0 208 14"


def test_a_unit_lies_among_all_on_an_axis_from_0_to_100():
    strip = field_strip((0.0, 50.0, 100.0), 50.0, 25.0)

    assert strip.ticks == "M4.0 10v14M150.0 10v14M296.0 10v14"
    assert (strip.own, strip.median) == (150.0, 77.0)


def test_scores_beyond_the_axis_stretch_it():
    strip = field_strip((-100.0, 100.0), None, 0.0)

    assert strip.ticks == "M4.0 10v14M296.0 10v14"
    assert (strip.own, strip.median) == (None, 150.0)


def test_without_scores_nothing_is_drawn():
    assert field_strip((), None, 0.0).ticks == ""
