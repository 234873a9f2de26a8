"""Tables of a release as they are written today, no text in them a formula; those of older formats hold texts as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.cells import guarded, is_formula
from exchange.tables import TableError, csv_rows, rewritten
from scoring.files.comparing import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SINCE: Final = 6  # the format of release from which on every table is guarded


def as_today(files: Mapping[str, bytes], *, form: object) -> dict[str, bytes]:
    """Return the files of a release of format ``form`` as today's readers take them: tables of older ones guarded.

    What is no table stays as it is.
    """
    if not isinstance(form, int) or form >= SINCE:
        return dict(files)
    return {name: _as_today(content) if name.endswith(".csv") else content for name, content in files.items()}


def _as_today(content: bytes) -> bytes:
    try:
        return rewritten(content.decode(), is_guarded=False).encode()
    except (TableError, UnicodeDecodeError):
        return content


def without_formulas(files: Mapping[str, str]) -> dict[str, str]:
    """Return files as they may be published, also those that code of before left in the database: every table guarded."""
    return {name: rewritten(text) if name.endswith(".csv") else text for name, text in files.items()}


def formulas(files: Mapping[str, bytes]) -> Iterator[Difference]:
    """Find every cell of a release's tables that a spreadsheet may compute, and what is no table."""
    for name in sorted(files):
        if name.endswith(".csv"):
            try:
                yield from _formulas(name, files[name].decode(errors="replace"))
            except TableError as error:
                yield Difference(name, f"is no table ({error})")


def _formulas(name: str, text: str) -> Iterator[Difference]:
    columns: list[str] = []
    for number, row in enumerate(csv_rows(text, is_guarded=False), start=1):
        columns = columns or row
        for position, cell in enumerate(row):
            if is_formula(cell):
                column = columns[position] if position < len(columns) else None
                yield Difference(name, "begins like a formula", number, column, guarded(cell), cell)
