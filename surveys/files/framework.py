"""The framework file in and out: COINr's iMeta with names and definitions per language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, cast

from exchange.layouts import Layout
from exchange.names import KnownWords
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import NOT_AVAILABLE, FileReading
from exchange.problems import FileProblemsError, listed, nearest
from exchange.sheets import read_sheet
from exchange.tables import csv_text
from scoring.numerics.errors import TreeError
from surveys.values.framework import ENGLISH, IN_TREE, LEVER, FrameworkRow, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exchange.problems import FileProblem
    from exchange.sheets import SheetRow, TableSheet

KINDS: Final = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
COLUMNS: Final = ("iCode", "Parent", "Level", "Direction", "Weight", "Type", "iName", "Unit", "Target", "Denominator")
NEEDED: Final = ("iCode", "Parent", "Type")
LEVERS: Final = ("city", "country", "nobody")
IN_LANGUAGES: Final = ("iName", "Definition")
LAYOUT: Final = Layout(
    NEEDED, known=(*COLUMNS, LEVER, "Source"), in_languages=IN_LANGUAGES, codes=("iCode", "Denominator")
)
NUMBERS: Final = {
    "Direction": NumberColumn(),
    "Weight": NumberColumn(low=0.0, outside="negative_weight"),
    "Level": NumberColumn(),
    "Target": NumberColumn(),
}


def read_framework(name: str, content: bytes, reading: FileReading | None = None) -> tuple[FrameworkRow, ...]:
    """Read a framework, columns in any order.

    Direction and Weight default to 1, Type must be one of COINr's five. A Level, where given, must be 1 for an indicator
    and rise towards the root. A Lever says of an indicator who could change it: city, country or nobody. Columns nobody
    knows are kept in ``extra``.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column; also what keeps the rows from forming one tree.
    """
    reading = FileReading() if reading is None else reading
    sheet = read_sheet(name, content, LAYOUT, reading)
    problems = list(sheet.problems)
    if any(problem.code.startswith("no_column") for problem in problems):
        raise FileProblemsError(problems)
    if not sheet.rows:
        raise FileProblemsError([*problems, sheet.problem("no_criterion")])
    problems += _extra_columns(sheet, reading)
    numbers = read_numbers(
        sheet, {column: kind for column, kind in NUMBERS.items() if column in sheet.columns}, reading, problems
    ).values
    codes = KnownWords(_get(row, "iCode") for row in sheet.rows)
    rows = [
        _row(sheet, row, {column: values[position] for column, values in numbers.items()}, codes, problems)
        for position, row in enumerate(sheet.rows)
    ]
    problems += _codes(sheet, codes)
    if not problems:
        problems += _tree_problems(sheet, rows)
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    return tuple(rows)


def _extra_columns(sheet: TableSheet, reading: FileReading) -> Iterator[FileProblem]:
    """Find columns that nobody knows: such as are spelt nearly like a known one are wrong, the others are kept and said."""
    known = {*COLUMNS, LEVER, "Source"}
    extra = [column for column in sheet.columns if column not in known and column.partition("_")[0] not in IN_LANGUAGES]
    for column in extra:
        near = nearest(column, known - set(sheet.columns))
        if near and not reading.options.is_plain:
            yield sheet.problem("unknown_column", sheet.header, column, columns=listed(COLUMNS), **near)
    if extra:
        reading.note(sheet.file, "kept_columns", columns=listed(extra))


def _get(row: SheetRow, column: str) -> str:
    text = row.cells.get(column, "")
    return "" if text == NOT_AVAILABLE else text


def _row(
    sheet: TableSheet,
    row: SheetRow,
    numbers: Mapping[str, float],
    codes: KnownWords,
    problems: list[FileProblem],
) -> FrameworkRow:
    """Read one row; what is wrong with it goes to ``problems``."""

    def told(column: str, default: float | None) -> float | None:
        value = numbers.get(column, math.nan)
        return default if math.isnan(value) else value

    def refuse(code: str, column: str, **facts: object) -> None:
        problems.append(sheet.problem(code, row.number, column, _get(row, column), **facts))

    kind = match_choice(_get(row, "Type"), KINDS)
    if kind not in KINDS:
        refuse("unknown_type", "Type", types=listed(KINDS), **nearest(kind, KINDS))
    direction, weight, level = told("Direction", 1.0), told("Weight", 1.0), told("Level", None)
    if direction not in {-1.0, 1.0}:
        refuse("direction", "Direction")
    if level is not None and not level.is_integer():
        refuse("level", "Level", level="1, 2, 3 …")
    lever = match_choice(_get(row, LEVER), LEVERS)
    if lever and lever not in LEVERS:
        refuse("unknown_lever", LEVER, levers=listed(LEVERS), **nearest(lever, LEVERS))
    elif lever and kind in KINDS and kind != "Indicator":
        refuse("lever_elsewhere", LEVER)
    parent, denominator = _get(row, "Parent"), _get(row, "Denominator")
    extra = {
        name: text
        for name, text in row.cells.items()
        if text and name != LEVER and name not in {*COLUMNS, "Source"} and name.split("_")[0] not in IN_LANGUAGES
    }
    return FrameworkRow(
        code=_get(row, "iCode"),
        parent=(codes.find(parent) or parent) or None,
        level=None if level is None else int(level),
        kind=kind,
        direction=-1 if direction == -1 else 1,
        weight=1.0 if weight is None else weight,
        unit=_get(row, "Unit"),
        target=told("Target", None),
        denominator=codes.find(denominator) or denominator,
        names=_languages(row, "iName"),
        definitions=_languages(row, "Definition"),
        source=_get(row, "Source"),
        extra=extra | ({LEVER: lever} if lever else {}),
    )


def match_choice(text: str, choices: Sequence[str]) -> str:
    """Return the choice that a text means, or the text itself."""
    return KnownWords(choices).find(text) or text


def _languages(row: SheetRow, column: str) -> dict[str, str]:
    """Gather ``column`` (English) and ``column_<language>``."""
    found = {ENGLISH: _get(row, column)} | {
        name.removeprefix(f"{column}_"): _get(row, name) for name in row.cells if name.startswith(f"{column}_")
    }
    return {language: text for language, text in found.items() if text}


def _codes(sheet: TableSheet, codes: KnownWords) -> Iterator[FileProblem]:
    """Find rows without code, codes that stand twice, and parents and denominators that no row has."""
    first: dict[str, int] = {}
    for row in sheet.rows:
        code = _get(row, "iCode")
        if not code:
            yield sheet.problem("no_code", row.number, "iCode")
        elif code in first:
            yield sheet.problem("code_twice", row.number, "iCode", code, code=code, earlier=first[code])
        first.setdefault(code, row.number)
    for row in sheet.rows:
        for column in ("Parent", "Denominator"):
            code = _get(row, column)
            if code and codes.find(code) is None:
                yield sheet.problem("no_parent", row.number, column, code, **nearest(code, first))


def _tree_problems(sheet: TableSheet, rows: Sequence[FrameworkRow]) -> Iterator[FileProblem]:
    """Find what keeps the rows from forming one tree, and levels that do not fit it."""
    numbers = {row.code: place.number for row, place in zip(rows, sheet.rows, strict=True)}
    try:
        tree = tree_of(rows)
    except TreeError as error:
        yield _tree_problem(sheet, error, {row.code: row for row in rows}, numbers)
        return
    for row in rows:
        if row.kind not in IN_TREE or row.level is None:
            continue
        lowest = 1 + max((tree.height[child] for child in tree.children.get(row.code, ())), default=0)
        if row.level < lowest or (row.kind == "Indicator" and row.level != 1):
            yield sheet.problem("level", numbers[row.code], "Level", str(row.level), level=lowest)


def _tree_problem(
    sheet: TableSheet, error: TreeError, rows: Mapping[str, FrameworkRow], numbers: Mapping[str, int]
) -> FileProblem:
    """Say what keeps the rows from forming one tree."""
    facts = error.facts
    if "roots" in facts:
        roots = cast("list[str]", facts["roots"])
        return sheet.problem("tree_roots", None, "Parent", count=len(roots), codes=listed(roots))
    if "criteria" in facts:
        return sheet.problem("tree_cycle", None, "Parent", codes=listed(cast("list[str]", facts["criteria"])))
    code = str(facts.get("criterion", ""))
    parents = {row.parent for row in rows.values()}
    if rows[code].kind == "Indicator" and code in parents:
        return sheet.problem("below_indicator", numbers[code], "Type", code=code)
    if rows[code].kind == "Aggregate" and code not in parents:
        return sheet.problem("childless", numbers[code], "Type", code=code)
    return sheet.problem("tree", numbers.get(code), "Parent", why=str(error))


def other_columns(rows: Iterable[FrameworkRow]) -> tuple[str, ...]:
    """Return the codes of groups, denominators and others: columns that a data file may have beside the indicators."""
    return tuple(row.code for row in rows if row.kind not in IN_TREE)


def write_framework(rows: Sequence[FrameworkRow]) -> str:
    """Write the rows as CSV: the standard columns, names and definitions per language, source, then extra columns."""
    languages = sorted({lang for row in rows for lang in (*row.names, *row.definitions)} - {ENGLISH})
    extra = sorted({name for row in rows for name in row.extra})
    header = [
        *COLUMNS,
        *(f"iName_{language}" for language in languages),
        "Definition",
        *(f"Definition_{language}" for language in languages),
        "Source",
        *extra,
    ]
    cells = (
        [
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
        ]
        for row in rows
    )
    return csv_text(header, cells)
