"""The data file (COINr's iData) in and out, and weights in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from exchange.layouts import Layout
from exchange.names import KnownWords, key
from exchange.numbers import NumberColumn, note_sentinels, read_numbers
from exchange.options import NOT_AVAILABLE, FileReading
from exchange.problems import FileProblemsError, nearest
from exchange.sheets import read_sheet, unknown_columns
from exchange.tables import csv_text
from scoring.files.digits import given_text
from scoring.files.results import LABELS, WEIGHTS
from scoring.numerics.types import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from exchange.problems import FileProblem
    from exchange.sheets import SheetRow, TableSheet
    from scoring.numerics.types import Tree

NUMBER: Final = NumberColumn(may_be_percent=True)
WEIGHT: Final = NumberColumn(low=0.0, outside="weight_missing")
WEIGHT_LAYOUT: Final = Layout(("iCode", "local_weight"), known=WEIGHTS, codes=("iCode",))


def read_data(
    name: str, content: bytes, tree: Tree, *, others: Collection[str] = (), reading: FileReading | None = None
) -> Table:
    """Read indicator data: ``uCode, uName, Time, <groups…>, <denominators…>, <one column an indicator>``; empty = missing.

    Only ``uCode`` and the indicators must be there. A column that the framework does not name is a group when it stands
    before the first indicator, else it is refused: a mistyped indicator must not vanish.

    Parameters
    ----------
    tree : Tree
        Its indicators and denominators name the columns.
    others : Collection[str]
        Columns the framework names as Group, Denominator or Other, allowed anywhere.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    reading = FileReading() if reading is None else reading
    return table_of(read_sheet(name, content, data_layout(tree, others), reading), tree, others=others, reading=reading)


def data_layout(tree: Tree, others: Collection[str] = (), *, is_patch: bool = False) -> Layout:
    """Return which columns a file of data has; a patch may leave the indicators out."""
    known = [name for name in _known(tree, others) if name is not None]
    return Layout(("uCode",), known=known, one_of=() if is_patch else tree.indicators, codes=("uCode",))


def table_of(
    sheet: TableSheet, tree: Tree, *, others: Collection[str] = (), is_patch: bool = False, reading: FileReading
) -> Table:
    """Read a sheet as `read_data` does its file.

    Of a patch indicators may be left out, and a column that nobody knows is a new group only where it stands before an
    indicator and is not spelt like one that is left out.
    """
    names = dict.fromkeys(c.denominator for c in tree.criteria if c.denominator in sheet.columns)
    denominators = tuple(name for name in names if name is not None)
    indicators = tuple(code for code in tree.indicators if code in sheet.columns)
    columns = _patch_columns if is_patch else _columns
    problems = [*sheet.problems, *columns(sheet, tree, others)]
    if "uCode" in sheet.columns:
        problems += _units(sheet)
    kinds = dict.fromkeys((*indicators, *denominators), NUMBER)
    values = read_numbers(sheet, kinds, reading, problems).values
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    note_sentinels(sheet, values, reading)
    numeric = {*tree.indicators, *denominators, *LABELS}
    return Table(
        units=_texts(sheet, "uCode"),
        names=_texts(sheet, "uName" if "uName" in sheet.columns else "uCode"),
        times=_texts(sheet, "Time") if "Time" in sheet.columns else ("",) * len(sheet.rows),
        columns=indicators,
        values=np.array([values[code] for code in indicators], dtype=np.float64).reshape(-1, len(sheet.rows)).T.copy(),
        groups={name: _texts(sheet, name) for name in sheet.columns if name not in numeric},
        denominators={name: np.array(values[name], dtype=np.float64) for name in denominators},
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
    """Find indicators without a column, and columns nobody knows."""
    for code in tree.indicators:
        if code not in sheet.columns:
            near = nearest(code, set(sheet.columns) - {*tree.indicators})
            yield sheet.problem("no_indicator_column", sheet.header, code, **near)
    known = _known(tree, others)
    first = next(
        (position for position, name in enumerate(sheet.columns) if name in tree.indicators), len(sheet.columns)
    )
    for name in sheet.columns[first:]:
        if name not in known:
            yield sheet.problem("unknown_data_column", sheet.header, name, **nearest(name, tree.indicators))


def _patch_columns(sheet: TableSheet, tree: Tree, others: Collection[str]) -> Iterator[FileProblem]:
    """Find columns of a patch that nobody knows and that are no new groups."""
    last = max((position for position, name in enumerate(sheet.columns) if name in tree.indicators), default=0)
    left_out = [code for code in tree.indicators if code not in sheet.columns]
    for position, name in enumerate(sheet.columns):
        meant = nearest(name, left_out)
        if name not in _known(tree, others) and (meant or position > last or not last):
            yield sheet.problem("unknown_patch_column", sheet.header, name, **meant)


def _known(tree: Tree, others: Collection[str]) -> set[str | None]:
    """Return the columns that stand anywhere."""
    return {*LABELS, *tree.indicators, *others, *(c.denominator for c in tree.criteria)}


def _units(sheet: TableSheet) -> Iterator[FileProblem]:
    """Find rows without code and units that stand twice at a time."""
    if not sheet.rows:
        yield sheet.problem("no_unit", sheet.header + 1)
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        unit, time = row.cells["uCode"], row.cells.get("Time", "")
        if not unit:
            yield sheet.problem("no_code", row.number, "uCode")
        elif (unit, time) in seen:
            facts = {"unit": unit, "time": time, "earlier": seen[unit, time]}
            yield sheet.problem("unit_time_twice" if time else "unit_twice", row.number, "uCode", **facts)
        seen.setdefault((unit, time), row.number)


def read_weights(name: str, content: bytes, tree: Tree, reading: FileReading | None = None) -> dict[str, float]:
    """Read local weights by code from ``iCode, Parent, local_weight, …``; the root may be left out.

    Raises
    ------
    FileProblemsError
        Unknown or missing column or code, another parent than the framework's, a weight that is no number ≥ 0.
    """
    reading = FileReading() if reading is None else reading
    sheet = read_sheet(name, content, WEIGHT_LAYOUT, reading)
    problems = [*sheet.problems, *unknown_columns(sheet, WEIGHTS)]
    if any(problem.code.startswith("no_column") for problem in problems):
        raise FileProblemsError(problems)
    weights = read_numbers(sheet, {"local_weight": WEIGHT}, reading, problems).values["local_weight"]
    known = KnownWords(list(tree.by_code))
    codes = [known.find(row.cells["iCode"]) or row.cells["iCode"] for row in sheet.rows]
    seen: dict[str, int] = {}
    for row, code in zip(sheet.rows, codes, strict=True):
        problems += _weight_problems(sheet, row, code, tree, seen)
        seen.setdefault(code, row.number)
    lost = [code for code in tree.by_code if code != tree.root and code not in seen]
    problems += [sheet.problem("no_weight", None, "iCode", code=code) for code in lost]
    if problems:
        raise FileProblemsError(problems)
    return {tree.root: 1.0, **dict(zip(codes, weights, strict=True))}


def _weight_problems(
    sheet: TableSheet, row: SheetRow, code: str, tree: Tree, seen: Mapping[str, int]
) -> Iterator[FileProblem]:
    """Find what is wrong with one row of weights."""
    if row.cells["local_weight"] in {"", NOT_AVAILABLE}:
        yield sheet.problem("weight_missing", row.number, "local_weight", row.cells["local_weight"])
    if code in seen:
        yield sheet.problem("code_twice", row.number, "iCode", code=code, earlier=seen[code])
    if code not in tree.by_code:
        wrong, facts = "no_code", {}
        if code:
            wrong, facts = "not_in_framework", {"code": code, **nearest(code, tree.by_code)}
        yield sheet.problem(wrong, row.number, "iCode", **facts)
        return
    parent, said = tree.by_code[code].parent or "", row.cells.get("Parent", "")
    if "Parent" in row.cells and said != parent and key(said) != key(parent):
        wrong = "other_parent" if parent else "root_has_parent"
        yield sheet.problem(wrong, row.number, "Parent", said, code=code, parent=parent)
