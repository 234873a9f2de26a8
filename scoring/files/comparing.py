"""Does a file of a release say what comes out again? Derived numbers to the twelfth digit, all else exactly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from exchange.tables import TableError, csv_rows
from scoring.files.dictionary import COLUMNS, column_type
from scoring.files.digits import COMPUTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
NOTHING: Final = Decimal("1e-14")
"""What doubles leave of a difference that is none, such as the inconsistency of a consistent matrix: as good as 0."""
COUNTS: Final = frozenset(
    {
        "units",
        "ranked",
        "indicators",
        "nodes",
        "seed",
        "weights_seed",
        "weights_draws",
        "ranking_nobody",
        "half",
        "budget",
    }
    | {"base", "runs", "alike", "version", "ends", "open_ends", "widest"}
    | {name for table in COLUMNS.values() for name, kind, *_ in table if kind == "integer"}
)
"""Keys of JSON files that hold whole numbers."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a release does not hold: ``expected`` is what comes out again, ``got`` what the file has."""

    file: str
    what: str
    row: int | None = None
    column: str | None = None
    expected: str = ""
    got: str = ""

    def __str__(self) -> str:
        """``FILE:ROW:COLUMN: what, expected, got`` in one line; what is not known is left empty."""
        expected = f", expected {self.expected}" if self.expected else ""
        got = f", got {self.got}" if self.got else ""
        return " ".join(f"{self.file}:{self.row or ''}:{self.column or ''}: {self.what}{expected}{got}".split())

    @property
    def place(self) -> tuple[Any, ...]:
        """What differences are sorted by: file, row, column, with numbers in names by their size."""
        parts = re.split(r"(\d+)", self.column or "", flags=re.ASCII)
        return self.file, self.row or 0, [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def same_number(expected: Decimal, got: Decimal) -> bool:
    """Say whether two derived numbers agree: within one unit of the twelfth significant digit of the recomputed one.

    Numbers of at most 1e-14 are 0 to double arithmetic and agree with each other.
    """
    if abs(expected) <= NOTHING:
        return abs(got) <= NOTHING
    try:
        return abs(expected - got) <= Decimal(1).scaleb(expected.adjusted() - (COMPUTED - 1))
    except ArithmeticError:  # beyond what decimals hold: no number that we write
        return False


def same_cell(expected: str, got: str, kind: str) -> bool:
    """Say whether two cells of a column of this type agree; an empty cell agrees with an empty one alone."""
    if expected == got:
        return True
    if kind != "number" or not NUMBER.fullmatch(expected) or not NUMBER.fullmatch(got):
        return False
    return same_number(Decimal(expected), Decimal(got))


def compare(name: str, found: str, computed: str, *, skipped: Callable[[str], bool]) -> tuple[int, list[Difference]]:
    """Compare a file with what was computed; columns or keys that are ``skipped`` count as nothing.

    Returns
    -------
    int, list[Difference]
        How many numbers were compared, and what differs.
    """
    if name.endswith(".json"):
        return _compare_json(name, found, computed, skipped)
    return _compare_csv(name, found, computed, skipped)


def _compare_csv(name: str, found: str, computed: str, skipped: Callable[[str], bool]) -> tuple[int, list[Difference]]:
    ours = list(csv_rows(computed, is_guarded=False))
    try:
        theirs = list(csv_rows(found, is_guarded=False))
    except TableError as error:
        return 0, [Difference(name, f"is no table ({error})")]
    if not theirs or theirs[0] != ours[0] or len(theirs) != len(ours):
        got = f"{len(theirs)} rows of {','.join(theirs[0]) if theirs else 'nothing'}"
        return 0, [Difference(name, "is another table", 1, None, f"{len(ours)} rows of {','.join(ours[0])}", got)]
    columns = [
        (position, column, column_type(name, column)) for position, column in enumerate(ours[0]) if not skipped(column)
    ]
    numbers, differences = 0, []
    for row, (mine, other) in enumerate(zip(ours[1:], theirs[1:], strict=True), start=2):
        if len(mine) != len(other):
            differences.append(Difference(name, "the row has another number of cells", row))
            continue
        for position, column, kind in columns:
            numbers += kind != "text" and bool(mine[position])
            if not same_cell(mine[position], other[position], kind):
                what = "does not come out again"
                differences.append(
                    Difference(name, what, row, column, mine[position] or "empty", other[position] or "empty")
                )
    return numbers, differences


def _compare_json(name: str, found: str, computed: str, skipped: Callable[[str], bool]) -> tuple[int, list[Difference]]:
    try:
        theirs = dict(_leaves(json.loads(found, parse_float=Decimal)))
    except (ValueError, RecursionError) as error:
        return 0, [Difference(name, f"is no JSON ({error})")]
    ours = dict(_leaves(json.loads(computed, parse_float=Decimal)))
    told = {path: (ours.get(path, "nothing"), theirs.get(path, "nothing")) for path in {*ours, *theirs}}
    kept = {path: pair for path, pair in told.items() if not skipped(re.split(r"[.\[]", path)[0])}
    differences = [
        Difference(name, "does not come out again", None, path, _word(mine), _word(other))
        for path, (mine, other) in kept.items()
        if path not in ours or path not in theirs or not _alike(path, mine, other)
    ]
    return sum(_is_number(mine) for mine, _ in kept.values()), differences


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every leaf of JSON data with its path; empty lists and tables are leaves."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from _leaves(item, f"{path}[{position}]")
    else:
        yield path, value


def _alike(path: str, expected: object, got: object) -> bool:
    """Say whether two leaves agree; whole numbers on both sides, counts and everything that is no number are exact."""
    if not _is_number(expected) or not _is_number(got):
        return type(expected) is type(got) and expected == got
    is_count = re.sub(r"\[\d+\]$", "", path).split(".")[-1] in COUNTS
    if is_count or (isinstance(expected, int) and isinstance(got, int)):
        return expected == got and type(expected) is type(got)
    return same_number(Decimal(expected), Decimal(got))  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _word(value: object) -> str:
    """Return a leaf as the file has it; ``null`` and an empty list are told as such."""
    return str(value) if isinstance(value, str | Decimal) else json.dumps(value, ensure_ascii=False)
