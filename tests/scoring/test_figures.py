"""Numbers are printed as the reader's language prints them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override

from scoring.queries.published.ranking import Tier
from scoring.wording.numbers import figure, language, outward, percent, score, signed, tier_name, whole, words


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.4, "0.4"),
        (0.157, "0.157"),
        (0.00012345, "0.000123"),
        (59.44, "59.4"),
        (100.0, "100"),
        (1234567.8, "1,234,568"),
        (-3.14159, "-3.14"),
        (99.999, "100"),
    ],
)
def test_figure_keeps_three_significant_digits(value, printed):
    with override("en"):
        assert figure(value) == printed


@pytest.mark.parametrize(("language", "printed"), [("en", "61.5"), ("ar", "61.5"), ("fr", "61,5"), ("pt", "61,5")])
def test_score_has_one_decimal_and_the_language_s_point(language, printed):
    with override(language):
        assert score(61.46) == printed


def test_percent_of_a_share():
    with override("en"):
        assert [percent(0.1), percent(0.123, 1), percent(None)] == ["10\u00a0%", "12.3\u00a0%", "–"]


def test_negative_percent_keeps_its_minus_in_front_in_every_direction():
    with override("ar"):
        assert percent(-0.012, 1) == "\u2066-1.2%\u2069"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "–"),
        (Fraction(0), "0"),
        (Fraction(-5), "−5"),
        (Fraction(-7, 6), "−1.17"),
        (Fraction(1, 2), "+0.50"),
        (Decimal("-0.004"), "0.00"),
        (3, "+3"),
    ],
)
def test_gains_and_losses_carry_their_sign(value, printed):
    with override("en"):
        assert signed(value, 2) == printed


def test_ranks_and_counts_are_whole_and_middles_as_they_are():
    with override("en"):
        assert [whole(1234), whole(None), outward(3.0), outward(3.05), outward(None)] == ["1,234", "–", "3", "3.1", "–"]


@pytest.mark.parametrize(
    ("number", "by", "low", "high", "printed"),
    [
        (1, "position", 0.0, 0.1, "top 10\u00a0%"),
        (2, "position", 0.1, 0.3, "10\u00a0% to 30\u00a0%"),
        (1, "score", 50.0, None, "50 points and more"),
        (2, "score", None, 50.0, "under 50 points"),
    ],
)
def test_tier_is_named_by_its_rule(number, by, low, high, printed):
    with override("en"):
        assert tier_name(Tier(number, by, low, high, count=1, first=1, last=1, above=0, until=1)) == printed


def test_language_is_named_in_the_readers():
    with override("fr"):
        assert [language("ar"), language("xx")] == ["Arabe", "xx"]


def test_words_tell_kinds_apart_and_keep_what_they_do_not_know():
    with override("en"):
        assert [words("linear", "scale"), words("linear"), words("new")] == [
            "1 to 9 as given",
            "a straight line between the years",
            "new",
        ]
