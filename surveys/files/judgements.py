"""The files of a panel's judgements: whichever form comes in, one form out."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from exchange.layouts import Layout
from exchange.options import FileReading
from exchange.problems import FileProblem, FileProblemsError, listed
from exchange.sheets import chosen_grid, read_grids, table_of_grid
from exchange.tables import csv_text
from surveys.files import ahp_os
from surveys.files.judgement_rows import ItemNames, contradictions, known_row, off_scale, panel_of
from surveys.files.long_judgements import COLUMNS, NEEDED, long_rows
from surveys.files.wide_judgements import KNOWN, pair_columns, wide_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from exchange.sheets import TableSheet
    from scoring.numerics.types import PanelJudgements, Scale, Tree
    from surveys.files.judgement_rows import JudgementRow

FORMS: Final = (
    "expert, node, a, b, value",
    "expert, A_B, …",
    "AHP-OS",
)
SIMPLE: Final = {round(float(Fraction(1, step)), 12): f"1/{step}" for step in range(2, 10)}


def read_judgements(
    name: str,
    content: bytes,
    tree: Tree,
    scale: Scale = "linear",
    reading: FileReading | None = None,
    *,
    words: Collection[str] = (),
) -> PanelJudgements:
    """Read a panel's judgements; what the file holds decides its form.

    - long: ``expert, node, a, b, value`` and optionally ``expert_weight, group, language, comment``; value ``3``, ``1/3``, ``0.2``, empty;
    - wide: one row a respondent, a column ``A_B`` for each pair of any node, as `wide_rows` reads it;
    - AHP-OS: a project's JSON file, its table of comparisons, the input of a group, or one calculation (`ahp_os`).

    A value lies within 1/9 to 9, to half a unit of its last printed digit, unless any ratio was said to do; files of ours
    hold any. A pair may stand twice, in either direction, where both agree within what is printed of them.

    Parameters
    ----------
    words : Collection[str]
        What the file may hold beside the codes and names of the tree, such as the names in other languages; they tell old
        encodings apart.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    reading = FileReading() if reading is None else reading
    problems: list[FileProblem] = []
    names = ItemNames(tree)
    rows, sheet = _rows(name, content, names, reading, problems, layout=_layout(tree, words))
    known = [found for row in rows if (found := known_row(name, row, names, problems, sheet)) is not None]
    problems += contradictions(name, known, sheet)
    problems += off_scale(name, known, scale, sheet)
    if not problems and not rows:
        problems.append(FileProblem(name, "no_judgement"))
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    return panel_of(name, known, tree)


def _rows(
    name: str, content: bytes, names: ItemNames, reading: FileReading, problems: list[FileProblem], *, layout: Layout
) -> tuple[list[JudgementRow], str]:
    """Read the rows of whichever form the file has, and the sheet they stand in."""
    if ahp_os.is_project(content):
        return ahp_os.project_rows(name, content, names, reading, problems), ""
    grids = read_grids(name, content, layout, reading)
    for is_form, rows_of in (
        (ahp_os.is_group_input, ahp_os.group_rows),
        (ahp_os.is_calculation, ahp_os.calculation_rows),
    ):
        if is_form(grids[0]):
            return rows_of(name, grids[0], names, reading, problems), ""
    sheet = table_of_grid(name, chosen_grid(name, grids, layout, reading), layout, reading, of=grids)
    problems += sheet.problems
    return _table_rows(sheet, names, reading, problems), sheet.sheet


def _layout(tree: Tree, words: Collection[str]) -> Layout:
    """Return which columns a file of judgements may have, and which words beside those of the tree."""
    own = [text for criterion in tree.criteria for text in (criterion.code, criterion.name)]
    return Layout(
        NEEDED,
        known=(*COLUMNS, *KNOWN),
        choices=(ahp_os.COMPARISONS,),
        codes=NEEDED[:4],
        fitting=lambda columns: bool(pair_columns(columns, tree)),
        words=(*own, *words),
    )


def _table_rows(
    sheet: TableSheet, names: ItemNames, reading: FileReading, problems: list[FileProblem]
) -> list[JudgementRow]:
    """Read the rows of a table by its columns."""
    columns = set(sheet.columns)
    if set(ahp_os.COMPARISONS) <= columns:
        return ahp_os.comparison_rows(sheet, names, reading, problems)
    if set(NEEDED) <= columns:
        return long_rows(sheet, reading, problems)
    if pair_columns(sheet.columns, names.tree):
        return wide_rows(sheet, names.tree, reading, problems)
    if len(columns & set(NEEDED)) < 2:
        problems[:] = [FileProblem(sheet.file, "judgement_form", sheet.header, facts={"forms": listed(FORMS)})]
    return []


def write_judgements(panel: PanelJudgements) -> str:
    """Write a panel as a long CSV table, all pairs of every expert in order; empty = not answered.

    Languages have a column where there are any.
    """
    told_languages = any(panel.languages)
    return csv_text(COLUMNS[: 8 if told_languages else 7], _judgement_rows(panel, told_languages=told_languages))


def _judgement_rows(panel: PanelJudgements, *, told_languages: bool) -> Iterator[tuple[str, ...]]:
    """Give a row a pair of every expert, in order."""
    nodes = []
    for judged in panel.nodes:
        above = np.triu_indices(len(judged.items), 1)
        nodes.append((judged.node, [*combinations(judged.items, 2)], judged.matrices[:, above[0], above[1]].tolist()))
    people = zip(panel.experts, panel.expert_weights, panel.groups, panel.languages, strict=True)
    for k, (expert, weight, group, language) in enumerate(people):
        told = (f"{weight:.12g}", group, *([language] if told_languages else []))
        for node, pairs, values in nodes:
            for (a, b), value in zip(pairs, values[k], strict=True):
                yield (expert, node, a, b, _ratio_text(value), *told)


@lru_cache(maxsize=1024)
def _ratio_text(value: float) -> str:
    """Write 1/3 as it was meant, anything else with all its digits; not answered is empty."""
    if math.isnan(value):
        return ""
    simple = SIMPLE.get(round(value, 12))
    return simple or (str(int(value)) if value.is_integer() else repr(value))
