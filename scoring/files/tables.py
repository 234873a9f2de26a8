"""The data file (COINr's iData) in and out, and weights in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from exchange.problems import FileProblem, FileProblemsError, nearest
from exchange.sheets import number, read_sheet
from scoring.files.digits import csv_text, given_text
from scoring.files.results import LABELS, WEIGHTS
from scoring.numerics.types import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from exchange.sheets import SheetRow, TableSheet
    from scoring.numerics.types import FloatArray, Tree


def read_data(name: str, content: bytes, tree: Tree, *, others: Collection[str] = ()) -> Table:
    """Read indicator data: ``uCode, uName, Time, <groups…>, <denominators…>, <one column an indicator>``; empty = missing.

    Only ``uCode`` and the indicators must be there. A column that the framework does not name is a group when it stands
    before the first indicator, else it is refused: a mistyped indicator must not vanish.

    Parameters
    ----------
    name, content : str, bytes
        CSV or XLSX.
    tree : Tree
        Its indicators and denominators name the columns.
    others : Collection[str]
        Columns the framework names as Group, Denominator or Other, allowed anywhere.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    return table_of(read_sheet(name, content), tree, others=others)


def table_of(sheet: TableSheet, tree: Tree, *, others: Collection[str] = (), is_patch: bool = False) -> Table:
    """Read a sheet as `read_data` does its file.

    Of a patch indicators may be left out, and a column that nobody knows is a new group only where it stands before an
    indicator and is not spelt like one that is left out.
    """
    denominators = tuple(dict.fromkeys(c.denominator for c in tree.criteria if c.denominator in sheet.columns))
    columns = _patch_columns if is_patch else _columns
    problems = [*columns(sheet, tree, others), *_units(sheet)]
    values, bad = _numbers(sheet, [code for code in tree.indicators if code in sheet.columns])
    below, worse = _numbers(sheet, [name for name in denominators if name is not None])
    problems += [*bad, *worse]
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    numeric = {*tree.indicators, *denominators, *LABELS}
    return Table(
        units=_texts(sheet, "uCode"),
        names=_texts(sheet, "uName" if "uName" in sheet.columns else "uCode"),
        times=_texts(sheet, "Time") if "Time" in sheet.columns else ("",) * len(sheet.rows),
        columns=tuple(code for code in tree.indicators if code in sheet.columns),
        values=values,
        groups={name: _texts(sheet, name) for name in sheet.columns if name not in numeric},
        denominators={name: below[:, column] for column, name in enumerate(denominators) if name is not None},
    )


def write_data(table: Table) -> str:
    """Write a table as `read_data` reads it, with the digits as given; groups and denominators stand before the indicators."""
    header = [*LABELS, *table.groups, *table.denominators, *table.columns]
    below = np.array(list(table.denominators.values())).reshape(len(table.denominators), len(table.units)).T
    rows = (
        [*labels, *map(given_text, (*under, *values))]
        for *labels, under, values in zip(
            table.units,
            table.names,
            table.times,
            *table.groups.values(),
            below.tolist(),
            table.values.tolist(),
            strict=True,
        )
    )
    return csv_text(header, rows)


def _texts(sheet: TableSheet, column: str) -> tuple[str, ...]:
    return tuple(row.cells[column] for row in sheet.rows)


def _columns(sheet: TableSheet, tree: Tree, others: Collection[str]) -> Iterator[FileProblem]:
    """Find columns that must be there and are not, and columns nobody knows."""
    for code in ("uCode", *tree.indicators):
        if code not in sheet.columns:
            what = "the indicator has no column" if code != "uCode" else "the column is not there"
            yield FileProblem(sheet.file, f"{what}{nearest(code, set(sheet.columns) - {*tree.indicators})}", 1, code)
    known = _known(tree, others)
    first = next(
        (position for position, name in enumerate(sheet.columns) if name in tree.indicators), len(sheet.columns)
    )
    for name in sheet.columns[first:]:
        if name not in known:
            what = f"the framework names no such column{nearest(name, tree.indicators)}"
            yield FileProblem(sheet.file, what, 1, name, "an indicator, or a group before the first indicator")


def _patch_columns(sheet: TableSheet, tree: Tree, others: Collection[str]) -> Iterator[FileProblem]:
    """Find columns of a patch that nobody knows and that are no new groups."""
    if "uCode" not in sheet.columns:
        yield FileProblem(sheet.file, f"the column is not there{nearest('uCode', sheet.columns)}", 1, "uCode")
    last = max((position for position, name in enumerate(sheet.columns) if name in tree.indicators), default=0)
    left_out = [code for code in tree.indicators if code not in sheet.columns]
    for position, name in enumerate(sheet.columns):
        meant = nearest(name, left_out)
        if name not in _known(tree, others) and (meant or position > last or not last):
            what = f"nobody knows this column{meant}"
            yield FileProblem(
                sheet.file, what, 1, name, "an indicator, a group that stands, or one before an indicator"
            )


def _known(tree: Tree, others: Collection[str]) -> set[str | None]:
    """Return the columns that stand anywhere."""
    return {*LABELS, *tree.indicators, *others, *(c.denominator for c in tree.criteria)}


def _units(sheet: TableSheet) -> Iterator[FileProblem]:
    """Find rows without code and units that stand twice at a time."""
    if not sheet.rows:
        yield FileProblem(sheet.file, "there is no unit below the header", 2)
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        unit, time = row.cells.get("uCode", ""), row.cells.get("Time", "")
        if "uCode" in row.cells and not unit:
            yield FileProblem(sheet.file, "the unit has no code", row.number, "uCode", "a code", "an empty cell")
        elif unit and (unit, time) in seen:
            when = f" at {time}" if time else ""
            what = f"{unit}{when} stands in row {seen[unit, time]} and again here"
            yield FileProblem(sheet.file, what, row.number, "uCode", "one row a unit and time")
        seen.setdefault((unit, time), row.number)


def _numbers(sheet: TableSheet, columns: Iterable[str]) -> tuple[FloatArray, list[FileProblem]]:
    """Read the columns (rows, columns) and the problems of their cells."""
    read = [[number(sheet, row, column) for column in columns] for row in sheet.rows]
    problems = [cell for row in read for cell in row if isinstance(cell, FileProblem)]
    return (np.array([]) if problems else np.array(read, dtype=np.float64)), problems


def read_weights(name: str, content: bytes, tree: Tree) -> dict[str, float]:
    """Read local weights by code from ``iCode, Parent, local_weight, …``; the root may be left out.

    Raises
    ------
    FileProblemsError
        Unknown or missing column or code, another parent than the framework's, a weight that is no number ≥ 0.
    """
    sheet = read_sheet(name, content)
    problems = [
        FileProblem(sheet.file, f"unknown column{nearest(name, WEIGHTS)}", 1, name, ", ".join(WEIGHTS))
        for name in sheet.columns
        if name not in WEIGHTS
    ]
    needed = [name for name in ("iCode", "local_weight") if name not in sheet.columns]
    problems += [FileProblem(sheet.file, "the column is not there", 1, name) for name in needed]
    if needed:
        raise FileProblemsError(problems)
    out: dict[str, float] = {}
    for row in sheet.rows:
        code, weight = row.cells["iCode"], number(sheet, row, "local_weight")
        problems += _weight_problems(sheet, row, weight, tree, out)
        if not isinstance(weight, FileProblem):
            out[code] = weight
    lost = [code for code in tree.by_code if code != tree.root and code not in out]
    problems += [FileProblem(sheet.file, f"there is no weight for {code}", None, "iCode") for code in lost]
    if problems:
        raise FileProblemsError(problems)
    return {tree.root: 1.0, **out}


def _weight_problems(
    sheet: TableSheet, row: SheetRow, weight: float | FileProblem, tree: Tree, seen: Collection[str]
) -> Iterator[FileProblem]:
    """Find what is wrong with one row of weights."""
    code, got = row.cells["iCode"], row.cells["local_weight"]
    if isinstance(weight, FileProblem):
        yield weight
    elif math.isnan(weight) or weight < 0:
        yield FileProblem(sheet.file, "the weight is missing or negative", row.number, "local_weight", "0 or more", got)
    if code in seen:
        yield FileProblem(sheet.file, f"{code} stands twice", row.number, "iCode")
    if code not in tree.by_code:
        what = f"{code or 'an empty code'} is not in the framework{nearest(code, tree.by_code)}"
        yield FileProblem(sheet.file, what, row.number, "iCode")
        return
    parent = tree.by_code[code].parent or ""
    if row.cells.get("Parent", parent) != parent:
        what, allowed = f"{code} has another parent in the framework", parent or "an empty cell"
        yield FileProblem(sheet.file, what, row.number, "Parent", allowed, row.cells["Parent"])
