"""How large a file may be, and what its reading may take; what is larger is refused by name before it is unpacked or read."""

from __future__ import annotations

from typing import Final

from exchange.problems import FileProblem, FileProblemsError

BYTES: Final = 50 * 1024 * 1024
UNPACKED: Final = 512 * 1024 * 1024
CELLS: Final = 5_000_000
COLUMNS: Final = 2_000
ROWS: Final = 200_000
SECONDS: Final = 120  # of processor time, for all files that are read together
MEMORY: Final = 1 << 30
MARKED_CELLS: Final = 300_000  # of a workbook whose formats and formulas are looked at cell by cell


def refusal(file: str, code: str, most: int) -> FileProblemsError:
    """Return the refusal of a file that is too large, with what is allowed."""
    return FileProblemsError([FileProblem(file, code, facts={"most": f"{most:,}".replace(",", "\N{NO-BREAK SPACE}")})])


def check_bytes(file: str, content: bytes) -> None:
    """Refuse a file of too many bytes.

    Raises
    ------
    FileProblemsError
        It has more than `BYTES`.
    """
    if len(content) > BYTES:
        raise FileProblemsError([FileProblem(file, "too_large", facts={"most": f"{BYTES // 2**20} MB"})])


def check_shape(file: str, rows: int, columns: int) -> None:
    """Refuse a sheet of too many rows, columns or cells.

    Raises
    ------
    FileProblemsError
        It has.
    """
    if rows > ROWS:
        raise refusal(file, "too_many_rows", ROWS)
    if columns > COLUMNS:
        raise refusal(file, "too_many_columns", COLUMNS)
    if rows * columns > CELLS:
        raise refusal(file, "too_many_cells", CELLS)
