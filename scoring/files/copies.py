"""A number that stands in two files of a release is the same text in both: computed once, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.tables import csv_records
from scoring.files.comparing import Difference
from scoring.files.results import INTERVALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SINCE: Final = 4  # the format of release from which on this holds
COPIES: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "robustness/weights.csv": (
        "weights.csv",
        "iCode",
        {"local_weight": "local_weight", "global_weight": "global_weight", "global_low": "low", "global_high": "high"},
    ),
    "robustness/ranks.csv": (
        "scores.csv",
        "uCode",
        {name: name for name in ("rank", *INTERVALS)},
    ),
}
"""By copy: the file it repeats, the column that names the row, and what the copy's columns are called there."""


def copy_problems(files: Mapping[str, bytes]) -> Iterator[Difference]:
    """Find every cell that is not, character for character, what the file it repeats has."""
    for copy, (original, key, columns) in COPIES.items():
        if copy not in files or original not in files:
            continue
        told = {row.get(key): row for row in _rows(files[original])}
        for number, row in enumerate(_rows(files[copy]), start=2):
            source = told.get(row.get(key), {})
            for column, name in columns.items():
                if row.get(column) != source.get(name):
                    what = f"is not the number that {original} has as {name}"
                    yield Difference(
                        copy, what, number, column, source.get(name) or "empty", row.get(column) or "empty"
                    )


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv_records(content.decode(errors="replace"))
