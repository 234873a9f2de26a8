"""The framework file in and out: COINr's iMeta with names and definitions per language."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, FileProblemsError, nearest
from exchange.sheets import number, read_sheet
from scoring.numerics.errors import TreeError
from surveys.values.framework import ENGLISH, IN_TREE, LEVER, FrameworkRow, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from exchange.sheets import SheetRow, TableSheet

KINDS: Final = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
COLUMNS: Final = ("iCode", "Parent", "Level", "Direction", "Weight", "Type", "iName", "Unit", "Target", "Denominator")
NEEDED: Final = ("iCode", "Parent", "Type")
LEVERS: Final = ("city", "country", "nobody")
EMPTY: Final = frozenset({"", "NA"})


def read_framework(name: str, content: bytes) -> tuple[FrameworkRow, ...]:
    """Read a framework, CSV or XLSX, columns in any order.

    Direction and Weight default to 1, Type must be one of COINr's five. A Level, where given, must be 1 for an indicator
    and rise towards the root. A Lever says of an indicator who could change it: city, country or nobody. Columns nobody
    knows are kept in ``extra``.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column; also what keeps the rows from forming one tree.
    """
    sheet = read_sheet(name, content)
    problems = [
        FileProblem(sheet.file, f"the column is not there{nearest(name, set(sheet.columns) - {*COLUMNS})}", 1, name)
        for name in NEEDED
        if name not in sheet.columns
    ]
    if problems:
        raise FileProblemsError(problems)
    if not sheet.rows:
        raise FileProblemsError([FileProblem(sheet.file, "there is no criterion below the header", 2)])
    rows = [_row(sheet, row, problems) for row in sheet.rows]
    problems += _codes(sheet)
    if not problems:
        problems += _tree_problems(sheet, rows)
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    return tuple(rows)


def _get(row: SheetRow, column: str) -> str:
    text = row.cells.get(column, "")
    return "" if text in EMPTY else text


def _row(sheet: TableSheet, row: SheetRow, problems: list[FileProblem]) -> FrameworkRow:
    """Read one row; what is wrong with it goes to ``problems``."""

    def read(column: str, default: float | None) -> float | None:
        if not _get(row, column):
            return default
        value = number(sheet, row, column)
        if isinstance(value, FileProblem):
            problems.append(value)
            return default
        return value

    kind = _get(row, "Type")
    if kind not in KINDS:
        what = f"unknown Type{nearest(kind, KINDS)}"
        problems.append(FileProblem(sheet.file, what, row.number, "Type", ", ".join(KINDS), kind or "an empty cell"))
    direction, weight, level = read("Direction", 1.0), read("Weight", 1.0), read("Level", None)
    if direction not in {-1.0, 1.0}:
        got = _get(row, "Direction")
        problems.append(FileProblem(sheet.file, "the direction is a sign", row.number, "Direction", "1 or -1", got))
    if weight is None or weight < 0:
        problems.append(
            FileProblem(sheet.file, "the weight is negative", row.number, "Weight", "0 or more", _get(row, "Weight"))
        )
    lever = _get(row, LEVER)
    if lever and (lever not in LEVERS or kind != "Indicator"):
        what, allowed = f"unknown {LEVER}{nearest(lever, LEVERS)}", ", ".join(LEVERS)
        if lever in LEVERS:
            what, allowed = "only an indicator has a lever", "an empty cell"
        problems.append(FileProblem(sheet.file, what, row.number, LEVER, allowed, lever))
    return FrameworkRow(
        code=_get(row, "iCode"),
        parent=_get(row, "Parent") or None,
        level=None if level is None else int(level),
        kind=kind,
        direction=-1 if direction == -1 else 1,
        weight=1.0 if weight is None else weight,
        unit=_get(row, "Unit"),
        target=read("Target", None),
        denominator=_get(row, "Denominator"),
        names=_languages(row, "iName"),
        definitions=_languages(row, "Definition"),
        source=_get(row, "Source"),
        extra={
            name: text
            for name, text in row.cells.items()
            if text
            and not (name == LEVER and text in EMPTY)
            and name not in {*COLUMNS, "Source"}
            and name.split("_")[0] not in {"iName", "Definition"}
        },
    )


def _languages(row: SheetRow, column: str) -> dict[str, str]:
    """Gather ``column`` (English) and ``column_<language>``."""
    found = {ENGLISH: _get(row, column)} | {
        name.removeprefix(f"{column}_"): _get(row, name) for name in row.cells if name.startswith(f"{column}_")
    }
    return {language: text for language, text in found.items() if text}


def _codes(sheet: TableSheet) -> Iterator[FileProblem]:
    """Find rows without code, codes that stand twice, and parents and denominators that no row has."""
    first: dict[str, int] = {}
    for row in sheet.rows:
        code = _get(row, "iCode")
        if not code:
            yield FileProblem(sheet.file, "the row has no code", row.number, "iCode", "a code", "an empty cell")
        elif code in first:
            yield FileProblem(
                sheet.file, f"{code} stands in row {first[code]} and again here", row.number, "iCode", "one row a code"
            )
        first.setdefault(code, row.number)
    for row in sheet.rows:
        for column in ("Parent", "Denominator"):
            code = _get(row, column)
            if code and code not in first:
                what = f"no row has this code{nearest(code, first)}"
                yield FileProblem(sheet.file, what, row.number, column, "a code of the file", code)


def _tree_problems(sheet: TableSheet, rows: Sequence[FrameworkRow]) -> Iterator[FileProblem]:
    """Find what keeps the rows from forming one tree, and levels that do not fit it."""
    numbers = {row.code: place.number for row, place in zip(rows, sheet.rows, strict=True)}
    try:
        tree = tree_of(rows)
    except TreeError as error:
        code = str(error.facts.get("criterion", ""))
        yield FileProblem(sheet.file, str(error), numbers.get(code), "Parent")
        return
    for row in rows:
        if row.kind not in IN_TREE or row.level is None:
            continue
        lowest = 1 + max((tree.height[child] for child in tree.children.get(row.code, ())), default=0)
        if row.level < lowest or (row.kind == "Indicator" and row.level != 1):
            yield FileProblem(
                sheet.file, "the level does not fit the tree", numbers[row.code], "Level", f"{lowest}", str(row.level)
            )


def other_columns(rows: Iterable[FrameworkRow]) -> tuple[str, ...]:
    """Return the codes of groups, denominators and others: columns that a data file may have beside the indicators."""
    return tuple(row.code for row in rows if row.kind not in IN_TREE)


def write_framework(rows: Sequence[FrameworkRow]) -> str:
    """Write the rows as CSV: the standard columns, names and definitions per language, source, then extra columns."""
    languages = sorted({lang for row in rows for lang in (*row.names, *row.definitions)} - {ENGLISH})
    extra = sorted({name for row in rows for name in row.extra})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([
        *COLUMNS,
        *(f"iName_{language}" for language in languages),
        "Definition",
        *(f"Definition_{language}" for language in languages),
        "Source",
        *extra,
    ])  # fmt: skip
    for row in rows:
        writer.writerow([
            row.code,
            row.parent or "",
            "" if row.level is None else row.level,
            row.direction,
            f"{row.weight:.12g}",
            row.kind,
            row.names.get(ENGLISH, ""),
            row.unit,
            "" if row.target is None else repr(row.target),
            row.denominator,
            *(row.names.get(language, "") for language in languages),
            row.definitions.get(ENGLISH, ""),
            *(row.definitions.get(language, "") for language in languages),
            row.source,
            *(row.extra.get(name, "") for name in extra),
        ])  # fmt: skip
    return out.getvalue()
