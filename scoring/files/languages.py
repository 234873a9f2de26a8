"""The weights of a panel without each language: published in place of the panelists' languages, which would single people out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.layouts import Layout
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import NOT_AVAILABLE, FileReading
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet
from exchange.tables import csv_text
from scoring.files.digits import computed_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import Tree

NAME: Final = "weights_without_language.csv"
COLUMNS: Final = ("language", "iCode", "local_weight")
LAYOUT: Final = Layout(COLUMNS)
SHARE: Final = NumberColumn(not_number="not_share")


def write_languages(languages: Mapping[str, Mapping[str, float]]) -> str:
    """Write the local weights of all others by language and code."""
    rows = (
        [language, code, computed_text(weight)]
        for language, local in sorted(languages.items())
        for code, weight in local.items()
    )
    return csv_text(COLUMNS, rows)


def read_languages(name: str, content: bytes, tree: Tree) -> dict[str, dict[str, float]]:
    """Read them; every language needs a weight of every criterion but the root.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    reading = FileReading()
    sheet = read_sheet(name, content, LAYOUT, reading)
    problems = list(sheet.problems)
    if problems:
        raise FileProblemsError(problems)
    weights = read_numbers(sheet, {"local_weight": SHARE}, reading, problems).values["local_weight"]
    found: dict[str, dict[str, float]] = {}
    for row, weight in zip(sheet.rows, weights, strict=True):
        if row.cells["local_weight"] in {"", NOT_AVAILABLE}:
            problems.append(sheet.problem("not_share", row.number, "local_weight", row.cells["local_weight"]))
        found.setdefault(row.cells["language"], {})[row.cells["iCode"]] = weight
    wanted = {code for code in (*tree.nodes, *tree.indicators) if code != tree.root}
    problems += [
        sheet.problem("other_criteria", None, "iCode", language=language)
        for language, local in found.items()
        if set(local) != wanted
    ]
    if problems:
        raise FileProblemsError(problems)
    return found
