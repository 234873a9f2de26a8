"""The weights of a panel without each language: published in place of the panelists' languages, which would single people out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, FileProblemsError
from exchange.sheets import read_sheet
from scoring.files.digits import computed_text, csv_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import Tree

NAME: Final = "weights_without_language.csv"
COLUMNS: Final = ("language", "iCode", "local_weight")


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
    sheet = read_sheet(name, content)
    problems = [
        FileProblem(sheet.file, "the column is not there", 1, name, ", ".join(COLUMNS))
        for name in COLUMNS
        if name not in sheet.columns
    ]
    found: dict[str, dict[str, float]] = {}
    for row in () if problems else sheet.rows:
        text = row.cells["local_weight"]
        try:
            found.setdefault(row.cells["language"], {})[row.cells["iCode"]] = float(text)
        except ValueError:
            problems.append(FileProblem(sheet.file, "is not a number", row.number, "local_weight", "0 to 1", text))
    wanted = {code for code in (*tree.nodes, *tree.indicators) if code != tree.root}
    problems += [
        FileProblem(sheet.file, f"{language}: the criteria are not the framework's", None, "iCode")
        for language, local in found.items()
        if set(local) != wanted
    ]
    if problems:
        raise FileProblemsError(problems)
    return found
