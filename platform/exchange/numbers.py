"""Numbers of a table: one way of writing them for the whole file, applied where it is the only one that fits, else asked for."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from exchange.cells import NUMBER
from exchange.grids import StoredNumber
from exchange.number_texts import (
    DATE,
    GROUPING,
    MARKERS,
    NumberText,
    as_stored,
    number_text,
    plain_number,
    with_plain_signs,
)
from exchange.options import NOT_AVAILABLE
from exchange.problems import MOST_COUNTED, FileProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from exchange.options import FileReading
    from exchange.sheets import TableSheet


@dataclass(frozen=True)
class NumberColumn:
    """What the numbers of a column may be.

    Attributes
    ----------
    is_ratio : bool
        Whether a number may be written as a fraction, 1/3.
    is_signed_step : bool
        Whether the range is that of the number without its sign.
    low, high : float
        The declared range; a number is within it to half a unit of its last printed digit.
    is_open : bool
        Whether ``low`` itself is outside.
    may_be_percent : bool
        Whether percent signs may be left out.
    not_number, date, outside : str
        The codes of what is wrong.
    """

    is_ratio: bool = False
    is_signed_step: bool = False
    low: float = -math.inf
    high: float = math.inf
    is_open: bool = False
    may_be_percent: bool = False
    not_number: str = "not_number"
    date: str = "date_number"
    outside: str = "number_range"

    def holds(self, value: float, half_unit: float) -> bool:
        """Say whether a number is within the range."""
        size = abs(value) if self.is_signed_step else value
        slack = half_unit * (1 + 1e-9) + 1e-9 * abs(size)
        if self.is_open and size <= self.low:
            return False
        return self.low - slack <= size <= self.high + slack


class ReadNumbers(NamedTuple):
    """Columns as numbers, in the order of the rows, and half a unit of the last digit that is printed of each."""

    values: dict[str, Sequence[float]]
    half_units: dict[str, Sequence[float]]


class _Cell(NamedTuple):
    """A cell whose text has to be read."""

    row: int
    column: str
    text: str


SIMPLE: Final = {
    ".": re.compile(r"[+-]?\d+(?:\.(\d+))?", re.ASCII),
    ",": re.compile(r"[+-]?\d+(?:,(\d+))?", re.ASCII),
}
"""Numbers as nearly all are written, by decimal sign: read without asking what else they could be."""
WHOLE: Final = re.compile(r"[+-]?\d+", re.ASCII)
ONE_SIGN: Final = re.compile(
    r"[+-]?(?:\d+(?=[.,](?:\d{1,2}|\d{4,})$)|(?:0\d*|\d{4,})(?=[.,]\d{3}$))([.,])\d+", re.ASCII
)
"""A number whose one sign groups no thousands: they come in threes, after one to three digits that do not begin with 0."""


def read_numbers(
    sheet: TableSheet, columns: Mapping[str, NumberColumn], reading: FileReading, problems: list[FileProblem]
) -> ReadNumbers:
    """Read columns as numbers, NaN where a cell is empty, NA, said to be missing, or wrong.

    All numbers of the file are written in one way: with a decimal point or a decimal comma, thousands grouped or not. The
    one way that every cell fits is applied and noted; where two fit and give different numbers, which one is asked; a cell
    that does not fit the others is a problem. A file of ours is read with decimal points alone.

    Parameters
    ----------
    columns : Mapping[str, NumberColumn]
        By name, each a column of the sheet.
    problems : list[FileProblem]
        Takes what is wrong.
    """
    if reading.options.is_plain:
        values: dict[str, Sequence[float]] = {
            name: _plain(sheet, name, kind, problems) for name, kind in columns.items()
        }
        return ReadNumbers(values, {name: [0.0] * len(sheet.rows) for name in columns})
    return _Numbers(sheet, columns, reading, problems).read()


def _plain(sheet: TableSheet, name: str, kind: NumberColumn, problems: list[FileProblem]) -> list[float]:
    """Read a column of a file of ours."""
    values = []
    for row in sheet.rows:
        text = row.cells[name]
        found = None if text in {"", NOT_AVAILABLE} else plain_number(text, is_ratio=kind.is_ratio)
        values.append(math.nan if found is None else found)
        if found is None and text not in {"", NOT_AVAILABLE}:
            code = "number_large" if NUMBER.fullmatch(text) else kind.not_number
            problems.append(sheet.problem(code, row.number, name, text))
        elif found is not None and not kind.holds(found, 0.0):
            problems.append(_outside(sheet, kind, row.number, name, text))
    return values


def _outside(sheet: TableSheet, kind: NumberColumn, row: int, column: str, text: str) -> FileProblem:
    facts = {"low": f"{kind.low:g}", "high": f"{kind.high:g}", "value": text}
    return sheet.problem(kind.outside, row, column, text, **facts)


class _Numbers:
    """The numbers of one sheet, while the way in which they are written is being found."""

    def __init__(
        self,
        sheet: TableSheet,
        columns: Mapping[str, NumberColumn],
        reading: FileReading,
        problems: list[FileProblem],
    ) -> None:
        self.sheet, self.columns, self.reading, self.problems = sheet, columns, reading, problems
        self.example: str | None = None

    def read(self) -> ReadNumbers:
        """Return the numbers by column."""
        texts = {name: self._texts(name, kind) for name, kind in self.columns.items()}
        sign = self._decimal_sign(texts)
        return self._take(texts, sign)

    # --- which cells hold numbers ---

    def _texts(self, name: str, kind: NumberColumn) -> list[str]:
        """Return a column's texts, their digits and signs in one script, percent signs left out; empty where nothing is."""
        raw = [row.cells[name] for row in self.sheet.rows]
        texts = [text if text.isascii() else with_plain_signs(text) for text in raw]
        if kind.may_be_percent and any("%" in text for text in texts):
            return self._without_percent(name, texts)
        return texts

    def _without_percent(self, name: str, texts: list[str]) -> list[str]:
        """Leave percent signs out where every number of a column has one; cells that differ from the others are emptied."""
        signed = [row for row, text in enumerate(texts) if text.strip().endswith("%") or text.startswith("%")]
        if not signed:
            return texts
        with_sign = set(signed)
        others = [
            row for row, text in enumerate(texts) if text and row not in with_sign and text.casefold() not in MARKERS
        ]
        odd = others if len(signed) > len(others) else signed
        if others:
            self.problems += [self._problem("percent", _Cell(row, name, texts[row])) for row in odd]
        else:
            self.reading.note(self.sheet.file, "percent", column=name)
        wrong = set(odd) if others else set()
        return [
            "" if row in wrong else as_stored(text, text.strip().strip("%").strip() or text)
            for row, text in enumerate(texts)
        ]

    # --- which sign is the decimal one ---

    def _decimal_sign(self, texts: Mapping[str, list[str]]) -> str:
        """Return the decimal sign of the file; a cell that could be read in two ways is a problem."""
        options = self.reading.options
        said = options.decimal or {".": ",", ",": "."}.get(options.thousands or "")
        if said is not None and not options.is_hint:
            self.reading.note(self.sheet.file, "decimal_said", sign=said)
            return said
        counts: Counter[str] = Counter()
        unsure: _Cell | None = None
        fits = dict.fromkeys(".,", True)
        for cell in self._telling(texts, counts):
            point, comma = (self._parse(cell, sign) for sign in ".,")
            if (point is None) != (comma is None):
                counts["." if comma is None else ","] += 1
            elif point is not None and comma is not None and point.value != comma.value:
                unsure = unsure or cell
                holds = self.columns[cell.column].holds
                fits["."] &= holds(point.value, point.half_unit)
                fits[","] &= holds(comma.value, comma.half_unit)
        most = "," if counts[","] > counts["."] else "."
        fitting = [most] if counts else [sign for sign in ".," if fits[sign]]
        if unsure and len(fitting) != 1:
            return self._hinted_sign(said, unsure)
        if fitting[0] == ",":
            self.reading.note(self.sheet.file, "decimal_comma")
        return fitting[0]

    def _telling(self, texts: Mapping[str, list[str]], counts: Counter[str]) -> Iterator[_Cell]:
        """Yield the cells of which it has to be found out what they tell of the sign; count those that tell it at sight."""
        for name, column in texts.items():
            for row, text in enumerate(column):
                if not text or isinstance(text, StoredNumber) or WHOLE.fullmatch(text):
                    continue
                if found := ONE_SIGN.fullmatch(text):
                    counts[found[1]] += 1
                else:
                    yield _Cell(row, name, text)

    def _hinted_sign(self, said: str | None, cell: _Cell) -> str:
        """Return the decimal sign said where cells are within their ranges with both, or with none; unsaid it is a problem."""
        if said is not None:
            self.reading.note(self.sheet.file, "decimal_said", sign=said)
            return said
        point, comma = (self._parse(cell, sign) for sign in ".,")
        facts = {"point": f"{point.value:.12g}" if point else "", "comma": f"{comma.value:.12g}" if comma else ""}
        self.problems.append(self._problem("decimal", cell, **facts))
        return "."

    def _parse(self, cell: _Cell, sign: str) -> NumberText | None:
        grouping = self.reading.options.thousands
        allowed = GROUPING[sign] if grouping is None else tuple(grouping)
        return number_text(cell.text, sign, allowed, is_ratio=self.columns[cell.column].is_ratio)

    # --- the numbers ---

    def _take(self, texts: Mapping[str, list[str]], sign: str) -> ReadNumbers:
        """Return the numbers; what is wrong with a cell goes to the problems, markers once a file."""
        found = ReadNumbers({}, {})
        markers: dict[str, list[_Cell]] = {}
        for done, (name, column) in enumerate(texts.items()):
            self.reading.step(self.sheet.file, done, len(texts))
            numbers = [self._number(_Cell(row, name, text), sign, texts, markers) for row, text in enumerate(column)]
            found.values[name] = array("d", (value for value, _ in numbers))
            found.half_units[name] = array("d", (half_unit for _, half_unit in numbers))
        for marker, places in markers.items():
            self._add(self._problem("missing_marker", places[0], count=len(places), marker=marker))
        return found

    def _number(
        self, cell: _Cell, sign: str, texts: Mapping[str, list[str]], markers: dict[str, list[_Cell]]
    ) -> tuple[float, float]:
        """Return a cell's number with half a unit of its last digit, NaN where there is none."""
        if not cell.text:
            return NOTHING
        kind = self.columns[cell.column]
        found = _simple(cell.text, sign) or self._parse(cell, sign)
        if found is None:
            if cell.text.casefold() in MARKERS:
                markers.setdefault(self._raw(cell), []).append(cell)
            else:
                self._refuse(cell, kind, sign, texts)
            return NOTHING
        if found.is_grouped or not self._raw(cell).isascii():
            self._note(cell, found)
        if not math.isfinite(found.value):
            self._add(self._problem("number_large", cell))
        elif not kind.holds(found.value, found.half_unit):
            row = self.sheet.rows[cell.row].number
            self._add(_outside(self.sheet, kind, row, cell.column, self._raw(cell)))
        else:
            return found.value, found.half_unit
        return NOTHING

    def _refuse(self, cell: _Cell, kind: NumberColumn, sign: str, texts: Mapping[str, list[str]]) -> None:
        example = self._example(sign, texts) if self._parse(cell, "," if sign == "." else ".") else ""
        if example:
            self._add(self._problem("not_number_here", cell, example=example))
        elif DATE.fullmatch(cell.text):
            self._add(self._problem(kind.date, cell))
        else:
            self._add(self._problem(kind.not_number, cell))

    def _example(self, sign: str, texts: Mapping[str, list[str]]) -> str:
        """Return the first number that is one with the decimal sign of the file alone; empty where there is none."""
        if self.example is None:
            other = "," if sign == "." else "."
            cells = (
                _Cell(row, name, text) for name, column in texts.items() for row, text in enumerate(column) if text
            )
            fitting = (cell.text for cell in cells if self._parse(cell, sign) and not self._parse(cell, other))
            self.example = next(fitting, "")
        return self.example

    def _note(self, cell: _Cell, found: NumberText) -> None:
        """Say, once a file, how a number was read that is not written as most are."""
        raw = self._raw(cell)
        said = {note.code for note in self.reading.notes if note.file == self.sheet.file}
        if found.is_grouped and "thousands" not in said:
            self.reading.note(self.sheet.file, "thousands", example=raw)
        if "digits" not in said and any(one.isdecimal() and not one.isascii() for one in raw):
            self.reading.note(self.sheet.file, "digits", example=raw)

    def _raw(self, cell: _Cell) -> str:
        return self.sheet.rows[cell.row].cells[cell.column]

    def _problem(self, code: str, cell: _Cell, **facts: object) -> FileProblem:
        return self.sheet.problem(code, self.sheet.rows[cell.row].number, cell.column, self._raw(cell), **facts)

    def _add(self, problem: FileProblem) -> None:
        if len(self.problems) < MOST_COUNTED:
            self.problems.append(problem)


NOTHING: Final = (math.nan, 0.0)
HALVES: Final = tuple(0.5 * 10.0**-digits for digits in range(32))
"""Half a unit of the last of so many digits."""


def _simple(text: str, sign: str) -> NumberText | None:
    """Read a text at sight; None where more has to be thought of."""
    if isinstance(text, StoredNumber):
        sign = "."
    found = SIMPLE[sign].fullmatch(text)
    if found is None:
        return None
    fraction = found[1]
    if fraction is None:
        return NumberText(float(text), 0.0, is_grouped=False)
    if len(fraction) >= len(HALVES):
        return None
    return NumberText(float(text if sign == "." else text.replace(",", ".")), HALVES[len(fraction)], is_grouped=False)


SENTINEL: Final = re.compile(r"-?9{2,}(?:\.9+|\.0+)?|-9", re.ASCII)


def note_sentinels(sheet: TableSheet, values: Mapping[str, Sequence[float]], reading: FileReading) -> None:
    """Note numbers such as 999 that stand far outside the others of their column: often they mean missing.

    Far is further from the others than these are apart from each other.
    """
    for name, column in values.items():
        suspects = {
            row.cells[name]: (row.number, value)
            for row, value in zip(reversed(sheet.rows), reversed(column), strict=True)
            if SENTINEL.fullmatch(row.cells[name]) and not math.isnan(value)
        }
        for text, (row, value) in suspects.items():
            others = [one for one in column if not math.isnan(one) and one != value]
            if len(others) < 3:
                continue
            low, high = min(others), max(others)
            if value > high + (high - low) or value < low - (high - low):
                reading.note(sheet.file, "sentinel", value=text, column=name, row=row)
