"""Why units moved, as an exchange file: one row a unit, one column a cause, parts that add up as written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast, get_args

from exchange.tables import csv_table, csv_text
from scoring.files.digits import computed_text, json_text
from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.between import CAUSES
from scoring.numerics.robustness.change import DENOMINATOR, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.change import Change

NAME: Final = "robustness/change.csv"
AS_JSON: Final = "robustness/change.json"
WHOLE: Final = frozenset({"rank_before", "rank_after", "rank_move", "rank_new_method"})
COLUMNS: Final = (
    *("uCode", "status", "rank_before", "rank_after", "rank_move"),
    *(f"rank_{cause}" for cause in CAUSES),
    *("score_before", "score_after", "score_move"),
    *(f"score_{cause}" for cause in CAUSES),
    *("rank_new_method", "score_new_method"),
)


@dataclass(frozen=True)
class ChangeRow:
    """One unit's move as written; None = there is none, and empty parts = the move is not split, as ``status`` says why.

    ``rank_parts`` add up to ``rank_move`` (positive = places gained), ``score_parts`` to ``score_move``, exactly.
    """

    unit: str
    status: Status
    rank_before: int | None
    rank_after: int | None
    rank_move: int | None
    rank_parts: Mapping[str, Fraction]
    score_before: Decimal | None
    score_after: Decimal | None
    score_move: Decimal | None
    score_parts: Mapping[str, Decimal]
    rank_new_method: int | None
    score_new_method: Decimal | None


def change_files(change: Change) -> dict[str, str]:
    """Return ``robustness/change.csv`` and the same as JSON, units in the order of the change.

    Parts of the rank are whole numbers or fractions in lowest terms (``-7/6``, in the table a text), parts of the score decimals with all their
    digits; both add up exactly to the move beside them. A cause that did not change has 0; a move that is not split has
    empty cells, and so has a rank or score that does not exist.
    """
    rows = [_row(change, position) for position in range(len(change.units))]
    return {NAME: csv_text(COLUMNS, rows), AS_JSON: json_text([_record(row) for row in rows], indent=None)}


def _record(row: list[str]) -> dict[str, str | int | None]:
    """Return a row as an object: ranks as numbers, what is missing as null, fractions and decimals as text with all digits."""
    cells = dict(zip(COLUMNS, row, strict=True))
    return {name: int(cell) if cell and name in WHOLE else cell or None for name, cell in cells.items()}


def _row(change: Change, position: int) -> list[str]:
    """Write one unit."""
    split = change.status[position] == "split"
    places = [Fraction(int(part), DENOMINATOR) for part in change.rank_parts[position]]
    points = change.score_parts[position]
    return [
        change.units[position],
        change.status[position],
        _rank(change.rank_before[position]),
        _rank(change.rank_after[position]),
        *([str(sum(places)), *map(str, places)] if split else [""] * (1 + len(CAUSES))),
        computed_text(change.score_before[position]),
        computed_text(change.score_after[position]),
        *([_decimal(*points), *map(_decimal, points)] if split else [""] * (1 + len(CAUSES))),
        _rank(change.rank_new_method[position]),
        computed_text(change.score_new_method[position]),
    ]


def _rank(rank: int) -> str:
    return str(rank) if rank else ""


def _decimal(*numbers: Decimal) -> str:
    """Write the sum of decimals with all its digits, whatever the decimal context, and no zeros at its end."""
    total = sum(map(Fraction, numbers), Fraction(0))
    places = max(max(0, -int(number.as_tuple().exponent)) for number in numbers)
    text = f"{Decimal(f'{int(total * 10**places)}e{-places}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_change(text: str) -> list[ChangeRow]:
    """Read ``robustness/change.csv`` as `change_files` writes it.

    Raises
    ------
    MethodError
        Other columns, or a status unknown.
    """
    header, rows = csv_table(text)
    if tuple(header) != COLUMNS:
        raise MethodError(f"{NAME}: the columns are not its own", allowed=COLUMNS, got=header)
    return [_read(row) for row in rows]


def _read(row: Mapping[str, str]) -> ChangeRow:
    """Read one unit."""
    if row["status"] not in get_args(Status):
        raise MethodError(f"{NAME}: {row['status']} is no status", allowed=get_args(Status), unit=row["uCode"])
    split = row["status"] == "split"
    return ChangeRow(
        unit=row["uCode"],
        status=cast("Status", row["status"]),
        rank_before=_whole(row["rank_before"]),
        rank_after=_whole(row["rank_after"]),
        rank_move=_whole(row["rank_move"]),
        rank_parts={cause: Fraction(row[f"rank_{cause}"]) for cause in CAUSES} if split else {},
        score_before=_number(row["score_before"]),
        score_after=_number(row["score_after"]),
        score_move=_number(row["score_move"]),
        score_parts={cause: Decimal(row[f"score_{cause}"]) for cause in CAUSES} if split else {},
        rank_new_method=_whole(row["rank_new_method"]),
        score_new_method=_number(row["score_new_method"]),
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
