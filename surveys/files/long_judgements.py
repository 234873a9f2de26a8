"""Judgements a pair a row: expert, node, a, b, value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from exchange.names import language_of
from exchange.numbers import read_numbers
from exchange.sheets import note_ignored
from surveys.files.judgement_rows import WEIGHT, JudgementRow, ratio_column

if TYPE_CHECKING:
    from exchange.options import FileReading
    from exchange.problems import FileProblem
    from exchange.sheets import SheetRow, TableSheet

COLUMNS: Final = ("expert", "node", "a", "b", "value", "expert_weight", "group", "language", "comment")
NEEDED: Final = COLUMNS[:5]
NAMES: Final = ("node_name", "a_name", "b_name")
"""What a template says beside the codes, and nobody reads."""


def long_rows(sheet: TableSheet, reading: FileReading, problems: list[FileProblem]) -> list[JudgementRow]:
    """Read the rows of a long table; what is wrong with them goes to ``problems``."""
    note_ignored(sheet, {*COLUMNS, *NAMES}, reading)
    kinds = {"value": ratio_column(reading)} | {name: WEIGHT for name in ("expert_weight",) if name in sheet.columns}
    numbers = read_numbers(sheet, kinds, reading, problems)
    weights = numbers.values.get("expert_weight", [math.nan] * len(sheet.rows))
    rows = []
    for row, value, half, weight in zip(
        sheet.rows, numbers.values["value"], numbers.half_units["value"], weights, strict=True
    ):
        if not row.cells["expert"]:
            problems.append(sheet.problem("no_expert", row.number, "expert"))
        group, language = labels(row, reading)
        rows.append(
            JudgementRow(
                row.number,
                "value",
                row.cells["expert"],
                row.cells["node"],
                row.cells["a"],
                row.cells["b"],
                None if math.isnan(value) else value,
                1.0 if math.isnan(weight) else weight,
                group,
                language,
                half,
            )
        )
    return rows


def labels(row: SheetRow, reading: FileReading) -> tuple[str, str]:
    """Return the group and the language of the expert of a row, empty where nobody said."""
    group, language = (row.cells.get(name, "") for name in ("group", "language"))
    if not reading.options.is_plain:
        language = language_of(language) or language
    return group, language
