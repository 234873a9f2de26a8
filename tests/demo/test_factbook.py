"""Printed values are read as a person would read them."""

import pytest

from demo.factbook import Printed, read


@pytest.mark.parametrize(
    ("text", "value", "year"),
    [
        ("73% (2023 est.)", 73.0, 2023),
        ("$16,800 (2024 est.)", 16800.0, 2024),
        ("236.618 million metric tonnes of CO2 (2023 est.)", 236.618e6, 2023),
        ("-1.9% (2024 est.)", -1.9, 2024),
        ("<strong>note:</strong> .67 physicians", None, None),
        ("112,870,457 (2025 est.)", 112870457.0, 2025),
        ("12", 12.0, None),
        ("NA", None, None),
    ],
)
def test_read_takes_the_value_and_its_year(text: str, value: float | None, year: int | None) -> None:
    printed = read(text)

    assert (printed and printed.value, printed and printed.year) == (value, year)


def test_read_takes_half_of_a_bound_and_never_the_year() -> None:
    assert read("(2023 est.) less than 1") == Printed(0.5, 2023, "(2023 est.) less than 1", given=False)
