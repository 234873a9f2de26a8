"""Numbers are printed as the reader's language prints them."""

import pytest
from django.utils.translation import override

from scoring.templatetags.figures import figure, percent, score, words


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


def test_words_tell_kinds_apart_and_keep_what_they_do_not_know():
    with override("en"):
        assert [words("linear", "scale"), words("linear"), words("new")] == [
            "1 to 9 as given",
            "a straight line between the years",
            "new",
        ]
