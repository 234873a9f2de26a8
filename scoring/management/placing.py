"""Where a refusal of the arithmetic has its cause: the cells, or the choice of the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.problems import FileProblem, FileProblemsError
from scoring.numerics.errors import MethodError, NonPositiveValueError, NotPositiveError
from scoring.wording.refusals import known_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exchange.options import FileReading
    from scoring.numerics.errors import NumericsError
    from scoring.numerics.types import Table

LIMIT = "--cr-max"


def refused_judgements(error: NumericsError, file: str, cr_max: float | None) -> FileProblemsError:
    """Place what the arithmetic refuses of judgements: at their node, or at the limit that leaves everybody out."""
    is_limit = error.code == "no_judgements" and cr_max is not None
    column = LIMIT if is_limit else error.facts.get("node")
    got = f"{cr_max:g}" if is_limit else ""
    return FileProblemsError([_problem(error, file, None, None if column is None else str(column), got)])


def refused_data(error: NumericsError, file: str, method: str, table: Table, reading: FileReading) -> FileProblemsError:
    """Place what the arithmetic refuses of data: in the file of the method where a choice is refused, else at its cells."""
    if isinstance(error, MethodError):
        return FileProblemsError([_problem(error, method, None, _column(error))])
    places = list(_places(error, file, table, reading)) or [_problem(error, file, None, _column(error))]
    return FileProblemsError(places)


def _column(error: NumericsError) -> str | None:
    found = next((error.facts[name] for name in ("denominator", "indicator", "group") if name in error.facts), None)
    return None if found is None else str(found)


def _places(error: NumericsError, file: str, table: Table, reading: FileReading) -> Iterator[FileProblem]:
    """Find the cells that a refusal speaks of: all that are not positive where that is asked, else the unit's."""
    column, rows = _column(error), reading.rows[file]
    if column is None:
        return
    if column in table.denominators:
        values = table.denominators[column]
    elif column in table.columns:
        values = table.values[:, table.columns.index(column)]
    else:
        return
    must_be_positive = isinstance(error, NotPositiveError | NonPositiveValueError)
    for position, value in enumerate(values.tolist()):
        is_meant = value <= 0 if must_be_positive else table.units[position] == error.facts.get("unit")
        if is_meant:
            yield _problem(error, file, rows[position], column, f"{value:.12g}")


def _problem(error: NumericsError, file: str, row: int | None, column: str | None, got: str = "") -> FileProblem:
    why = known_sentence(error.code, error.facts) or str(error)
    return FileProblem(file, "told", row, column, got, {**error.facts, "refusal": error.code, "why": why})
