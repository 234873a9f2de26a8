"""A table from its bytes, whatever kind of file they are: which sheet, which row names the columns, and the rows below it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from openpyxl.utils import get_column_letter

from exchange.cells import unguarded
from exchange.delimited import SEPARATORS, decode, said_separator, split_rows
from exchange.layouts import ANY, Layout, best_row, canonical, header_rows
from exchange.limits import CELLS, check_bytes, refusal
from exchange.names import KnownWords, key, language_of, languages
from exchange.options import NOT_AVAILABLE, FileReading
from exchange.problems import FileProblem, FileProblemsError, listed, nearest
from exchange.workbooks import is_workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from exchange.grids import Grid

KINDS: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"{\\rtf", "RTF"),
)
"""What is sent by mistake, by its first bytes."""


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the file (1 is the first) and its cells by column name."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class TableSheet:
    """A table of a file.

    Attributes
    ----------
    file : str
        The file's name.
    columns : tuple[str, ...]
        Their names in order, as the reader of the table knows them.
    rows : tuple[SheetRow, ...]
        Those that hold anything.
    sheet : str
        The sheet's name where the file has several.
    problems : tuple[FileProblem, ...]
        What is wrong with the table before anybody looks at its values.
    header : int
        The number of the row that names the columns.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    sheet: str = ""
    problems: tuple[FileProblem, ...] = ()
    header: int = 1

    def problem(
        self, code: str, row: int | None = None, column: str | None = None, got: str = "", /, **facts: object
    ) -> FileProblem:
        """Return a problem at a place of this table."""
        return FileProblem(self.file, code, row, column, got, facts, self.sheet)


def read_sheet(name: str, content: bytes, layout: Layout = ANY, reading: FileReading | None = None) -> TableSheet:
    """Read a table from its bytes; what they hold decides, not the ending of the file's name.

    CSV in UTF-8, or in the encoding said or the one that fits; parted by commas, semicolons, tabs or bars, whichever gives
    the columns looked for. Of a workbook (XLSX, XLS, ODS) the one visible sheet that has them, formulas by the value last
    computed. Rows above the one that names the columns are passed over.

    Raises
    ------
    FileProblemsError
        No table, no columns looked for in any sheet, or in several; too large. What is wrong with single rows and columns
        is in the sheet's ``problems``.
    """
    reading = FileReading() if reading is None else reading
    grids = read_grids(name, content, layout, reading)
    return table_of_grid(name, chosen_grid(name, grids, layout, reading), layout, reading, of=grids)


def read_grids(name: str, content: bytes, layout: Layout, reading: FileReading) -> list[Grid]:
    """Return the sheets of a file as they stand.

    Raises
    ------
    FileProblemsError
        Empty, too large, of a kind that holds no table, or broken.
    """
    reading.step(name)
    check_bytes(name, content)
    if not content.strip():
        raise FileProblemsError([FileProblem(name, "empty_file")])
    for magic, kind in KINDS:
        if content.startswith(magic):
            raise FileProblemsError([FileProblem(name, "wrong_kind", got=kind)])
    if is_workbook(content):
        return read_workbook(name, content)
    text = decode(name, content, reading, layout.words)
    if reading.options.is_plain:
        return [_restored(split_rows(name, text, ",", str.strip))]
    said, text = said_separator(text)
    return [_restored(_separated(name, text, said, layout, reading))]


def _restored(grid: Grid) -> Grid:
    """Take away the apostrophes that keep texts of an export from being formulas."""
    return replace(grid, rows=[(number, list(map(unguarded, cells))) for number, cells in grid.rows])


def _separated(name: str, text: str, said: str | None, layout: Layout, reading: FileReading) -> Grid:
    """Return the rows, parted by the separator said or the one that gives the columns looked for."""
    if said is not None:
        return split_rows(name, text, said)
    grids: dict[str, Grid] = {}
    failed: FileProblemsError | None = None
    for separator in SEPARATORS:
        if separator in text:
            try:
                grids[separator] = split_rows(name, text, separator)
            except FileProblemsError as error:
                failed = failed or error
    if not grids:
        if failed is not None:
            raise failed
        return split_rows(name, text, ",")
    fitting = {separator: grid for separator, grid in grids.items() if header_rows(grid, layout)}
    if len(fitting) > 1:
        separators = [SEPARATORS[separator] for separator in fitting]
        raise FileProblemsError([FileProblem(name, "separator", facts={"separators": listed(separators)})])
    separator = next(iter(fitting), max(grids, key=lambda one: best_row(grids[one], layout)[0]))
    if separator != ",":
        reading.note(name, "separator", separator=SEPARATORS[separator])
    return grids[separator]


# --- which sheet and which row ------------------------------------------------------------------------------------------


def chosen_grid(name: str, grids: list[Grid], layout: Layout, reading: FileReading) -> Grid:
    """Return the sheet that is meant: the one said, or the visible one that has the columns.

    A hint says which of several that have them.
    """
    visible = [grid for grid in grids if grid.is_visible]
    said = reading.options.sheet
    if grids[0].sheet:
        reading.sheets[name] = tuple(grid.sheet for grid in visible)
        if said is not None and not reading.options.is_hint:
            return _said_grid(name, said, grids)
    filled = [grid for grid in visible if grid.rows]
    if not filled:
        raise FileProblemsError([FileProblem(name, "no_visible_sheet" if grids[0].sheet else "empty_file")])
    fitting = [grid for grid in filled if header_rows(grid, layout)]
    hinted = [grid for grid in fitting or filled if said is not None and key(grid.sheet) == key(said)]
    if len(fitting) > 1 and not hinted:
        told = listed(grid.sheet for grid in fitting)
        raise FileProblemsError([FileProblem(name, "sheets", facts={"sheets": told})])
    best = max(filled, key=lambda grid: best_row(grid, layout)[0])
    chosen = [*hinted, *fitting, best][0]
    if len(grids) > 1:
        reading.note(name, "sheet", sheet=chosen.sheet, sheets=listed(grid.sheet for grid in grids))
    return chosen


def _said_grid(name: str, said: str, grids: list[Grid]) -> Grid:
    """Return the sheet of this name."""
    found = {key(grid.sheet): grid for grid in grids}.get(key(said))
    if found is not None and found.is_visible:
        return found
    sheets = listed(grid.sheet for grid in grids if grid.is_visible)
    code = "no_such_sheet" if found is None else "hidden_sheet"
    raise FileProblemsError([FileProblem(name, code, got=said, facts={"sheets": sheets})])


def unknown_sheet(reading: FileReading) -> list[FileProblem]:
    """Return a problem where a hint names a sheet that none of the workbooks has, at the first of them."""
    said = reading.options.sheet
    known = {key(sheet) for sheets in reading.sheets.values() for sheet in sheets}
    if said is None or not reading.sheets or key(said) in known:
        return []
    file, sheets = next(iter(reading.sheets.items()))
    return [FileProblem(file, "no_such_sheet", got=said, facts={"sheets": listed(sheets)})]


# --- the table ----------------------------------------------------------------------------------------------------------


def table_of_grid(
    name: str, grid: Grid, layout: Layout, reading: FileReading, *, of: Sequence[Grid] = ()
) -> TableSheet:
    """Put names to the cells of a sheet.

    Raises
    ------
    FileProblemsError
        No row has the names of the columns, or several have.
    """
    several = grid.sheet if len(of) > 1 else ""
    start = _header(name, grid, layout, reading, several)
    number, cells = grid.rows[start]
    problems: list[FileProblem] = []
    below = grid.rows[start + 1 :]
    if start and layout != ANY:
        skipped = [row for row, _ in grid.rows[:start]]
        reading.note(name, "skipped_rows", rows=listed(map(str, skipped)))
    columns = list(cells) if reading.options.is_plain else canonical(cells, layout, layout.names())
    while columns and not columns[-1] and not any(any(row[len(columns) - 1 :]) for _, row in below):
        columns.pop()
    is_named_by_row = (
        layout != ANY
        and len(columns) > 1
        and not columns[0]
        and layout.fits(columns)
        and bool(below)
        and all(row and row[0] for _, row in below)
    )
    if is_named_by_row:
        reading.note(name, "row_names")
    problems += _column_problems(name, several, number, columns, cells, is_named_by_row=is_named_by_row)
    sheets = listed(one.sheet for one in of if one.is_visible) if several else ""
    problems += _layout_problems(TableSheet(name, tuple(columns), (), several, header=number), layout, sheets)
    rows = []
    for row, texts in below:
        if any(texts[len(columns) :]) or len(texts) < len(columns):
            facts = {"most": len(columns)}
            problems.append(FileProblem(name, "row_length", row, None, str(len(texts)), facts, several))
        else:
            rows.append(SheetRow(row, dict(zip(columns, texts, strict=False))))
    rows = _without_missing(name, rows, layout, reading)
    if is_named_by_row:
        columns = columns[1:]
        rows = [SheetRow(row.number, {name: text for name, text in row.cells.items() if name}) for row in rows]
    problems += _marked(name, grid, several, columns, number, start_column=2 if is_named_by_row else 1)
    _tell_hidden(name, grid, reading, columns)
    if len(rows) * len(columns) > CELLS:
        raise refusal(name, "too_many_cells", CELLS)
    reading.rows[name] = tuple(row.number for row in rows)
    return TableSheet(name, tuple(columns), tuple(rows), several, tuple(problems), number)


def _without_missing(name: str, rows: list[SheetRow], layout: Layout, reading: FileReading) -> list[SheetRow]:
    """Empty the cells that mean a missing value, everywhere alike but in columns of codes; say it of texts that were said."""
    if reading.options.is_plain:
        return rows
    markers, counts = {NOT_AVAILABLE, *reading.options.missing}, Counter[str]()
    emptied = []
    for row in rows:
        missing = {column: text for column, text in row.cells.items() if text in markers and column not in layout.codes}
        counts.update(text for text in missing.values() if text != NOT_AVAILABLE)
        emptied.append(SheetRow(row.number, row.cells | dict.fromkeys(missing, "")) if missing else row)
    for marker, count in sorted(counts.items()):
        reading.note(name, "missing", marker=marker, count=count)
    return emptied


def _header(name: str, grid: Grid, layout: Layout, reading: FileReading, sheet: str) -> int:
    """Return the position of the row that names the columns."""
    if reading.options.is_plain:
        return 0
    found = header_rows(grid, layout)
    if layout == ANY:
        return 0
    if len(found) > 1:
        told = listed(str(grid.rows[position][0]) for position in found)
        raise FileProblemsError(
            [FileProblem(name, "headers", grid.rows[found[1]][0], facts={"rows": told}, sheet=sheet)]
        )
    return found[0] if found else best_row(grid, layout)[1]


def _column_problems(
    name: str, sheet: str, row: int, columns: Sequence[str], cells: Sequence[str], *, is_named_by_row: bool
) -> Iterator[FileProblem]:
    """Find columns without a name, and such as stand twice."""
    first: dict[str, int] = {}
    for position, column in enumerate(columns):
        if not column:
            if position or not is_named_by_row:
                yield FileProblem(name, "nameless_column", row, get_column_letter(position + 1), sheet=sheet)
            continue
        other = first.setdefault(column, position)
        if other != position:
            code, facts = "column_twice", {}
            if cells[other] != cells[position]:
                code, facts = "same_column", {"other": cells[other]}
            yield FileProblem(name, code, row, cells[position], "", facts, sheet)


def _layout_problems(sheet: TableSheet, layout: Layout, sheets: str) -> Iterator[FileProblem]:
    """Find columns that must be there and are not, and languages that nobody knows; ``sheets`` are those of a workbook."""
    known = layout.names().exact
    code, more = ("no_column_here", {"sheets": sheets}) if sheets else ("no_column", {})
    for needed in () if layout.fits(sheet.columns) else layout.needed:
        if needed not in sheet.columns:
            near = nearest(needed, [column for column in sheet.columns if column and column not in known])
            yield sheet.problem(code, sheet.header, needed, columns=listed(layout.needed), **near, **more)
    for column in sheet.columns:
        base, _, tag = column.partition("_")
        if base in layout.in_languages and tag and language_of(tag) is None:
            yield sheet.problem("unknown_language", sheet.header, column, tag, languages=listed(languages()))


def _marked(
    name: str, grid: Grid, sheet: str, columns: Sequence[str], header: int, *, start_column: int
) -> Iterator[FileProblem]:
    """Find cells of the table that a workbook marks: errors, formulas without value, merged ones."""

    def column_of(position: int) -> str:
        index = position - start_column
        return columns[index] if 0 <= index < len(columns) and columns[index] else get_column_letter(position)

    last = len(columns) + start_column - 1
    for code, places in (("error_cell", grid.errors), ("uncomputed", grid.uncomputed)):
        for row, column, shown in places:
            if row >= header and column <= last:
                yield FileProblem(name, code, row, column_of(column), shown, {}, sheet)
    for top, left, bottom, right in grid.merged:
        if bottom >= header and left <= last:
            cells = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
            yield FileProblem(name, "merged", top, column_of(left), "", {"cells": cells}, sheet)


def _tell_hidden(name: str, grid: Grid, reading: FileReading, columns: Sequence[str]) -> None:
    """Say which rows and columns are hidden, or that the file does not tell."""
    if not grid.tells_hidden:
        reading.note(name, "hidden_unknown")
    places = [str(row) for row in grid.hidden_rows]
    places += [get_column_letter(column) for column in grid.hidden_columns if column <= len(columns)]
    if places:
        reading.note(name, "hidden", places=listed(places))


def spelled(sheet: TableSheet, known: Mapping[str, KnownWords]) -> TableSheet:
    """Return the table with the words of some columns spelled as they are known; what nobody knows stays as it is."""
    columns = [column for column in known if column in sheet.columns]
    rows = []
    for row in sheet.rows:
        words = {name: known[name].find(row.cells[name]) or row.cells[name] for name in columns}
        others = {name: word for name, word in words.items() if word != row.cells[name]}
        rows.append(SheetRow(row.number, row.cells | others) if others else row)
    return replace(sheet, rows=tuple(rows))


def note_ignored(sheet: TableSheet, known: Iterable[str], reading: FileReading) -> None:
    """Say which columns nobody knows and are passed over."""
    names = set(known)
    unknown = [column for column in sheet.columns if column not in names]
    if unknown:
        reading.note(sheet.file, "ignored_columns", columns=listed(unknown))


def unknown_columns(sheet: TableSheet, known: Sequence[str], in_languages: Collection[str] = ()) -> list[FileProblem]:
    """Return a problem for each column that nobody knows, of a file that has no others."""
    return [
        sheet.problem("unknown_column", sheet.header, name, columns=listed(known), **nearest(name, known))
        for name in sheet.columns
        if name and name not in known and name.partition("_")[0] not in in_languages
    ]
