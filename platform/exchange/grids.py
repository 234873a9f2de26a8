"""A sheet as it stands in a file: rows of texts with their numbers, before anybody knows what its columns are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

UNSEEN: Final = dict.fromkeys(
    map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


class StoredNumber(str):
    """The text of a cell that a spreadsheet stored as a number: it has a decimal point and can be read in one way only."""

    __slots__ = ()


@dataclass(frozen=True)
class Grid:
    """One sheet of a file.

    Attributes
    ----------
    sheet : str
        Its name; empty where the file has no sheets.
    rows : list[tuple[int, list[str]]]
        The rows that hold anything, each with its number as a person counts from 1.
    is_visible : bool
        Whether the sheet can be seen in a spreadsheet.
    merged : tuple[tuple[int, int, int, int], ...]
        Ranges of cells merged to one: first row, first column, last row, last column, from 1.
    errors, uncomputed : tuple[tuple[int, int, str], ...]
        Cells by row and column that hold an error, and formulas whose value is not stored; each with what it shows.
    hidden_rows, hidden_columns : tuple[int, ...]
        By number from 1.
    tells_hidden : bool
        Whether the file says what of the sheet is hidden.
    """

    sheet: str
    rows: list[tuple[int, list[str]]]
    is_visible: bool = True
    merged: tuple[tuple[int, int, int, int], ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()
    uncomputed: tuple[tuple[int, int, str], ...] = ()
    hidden_rows: tuple[int, ...] = field(default=())
    hidden_columns: tuple[int, ...] = field(default=())
    tells_hidden: bool = True


def clean(text: str) -> str:
    """Return a cell's text without blanks around it and marks that nobody sees, accents composed in the one usual way."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(UNSEEN).strip())
