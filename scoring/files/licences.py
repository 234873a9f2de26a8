"""Under which licence each source came, when it was fetched, and whether its values may be passed on; empty is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from exchange.layouts import Layout
from exchange.options import FileReading
from exchange.problems import FileProblemsError
from exchange.sheets import SheetRow, read_sheet, unknown_columns
from exchange.tables import csv_text
from scoring.files.sources import YES_OR_NO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from exchange.problems import FileProblem
    from exchange.sheets import TableSheet
    from scoring.files.sources import Source

NAME: Final = "licences.csv"
COLUMNS: Final = ("source", "licence", "retrieved", "redistribution")
LAYOUT: Final = Layout(("source",), known=COLUMNS, codes=("source",))


@dataclass(frozen=True, slots=True)
class SourceLicence:
    """What is known of a source, by its text in ``sources.csv``; an empty one stands for the values that name none.

    ``redistribution`` says whether its values may be published again. Every default is "unknown".
    """

    source: str
    licence: str = ""
    retrieved: date | None = None
    redistribution: bool | None = None

    @property
    def is_known(self) -> bool:
        """Whether a release may use its values: a licence is named, and whether they may be passed on is said."""
        return bool(self.licence) and self.redistribution is not None

    def laid_over(self, stands: SourceLicence | None) -> SourceLicence:
        """Return it with what it leaves open as it stood."""
        if stands is None:
            return self
        return SourceLicence(
            self.source,
            self.licence or stands.licence,
            stands.retrieved if self.retrieved is None else self.retrieved,
            stands.redistribution if self.redistribution is None else self.redistribution,
        )


def licences_of(sheet: TableSheet) -> tuple[SourceLicence, ...]:
    """Read ``source, licence, retrieved, redistribution``, one row a source; an empty cell and NA are unknown.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    problems = [*sheet.problems, *unknown_columns(sheet, COLUMNS)]
    problems += [problem for row in sheet.rows for problem in _problems(sheet, row)]
    seen: set[str] = set()
    for row in sheet.rows:
        source = row.cells.get("source", "")
        if source in seen:
            problems.append(sheet.problem("source_twice", row.number, "source", source))
        seen.add(source)
    if problems:
        raise FileProblemsError(problems)
    return tuple(map(_licence, sheet.rows))


def read_licences(name: str, content: bytes, reading: FileReading | None = None) -> tuple[SourceLicence, ...]:
    """Read the file as `licences_of` does a sheet."""
    reading = FileReading() if reading is None else reading
    return licences_of(read_sheet(name, content, LAYOUT, reading))


def _problems(sheet: TableSheet, row: SheetRow) -> Iterator[FileProblem]:
    """Find the cells of a row that mean nothing."""
    retrieved, passed_on = row.cells.get("retrieved", ""), row.cells.get("redistribution", "")
    if retrieved and _day(retrieved) is None:
        yield sheet.problem("not_day", row.number, "retrieved", retrieved)
    if passed_on.lower() not in YES_OR_NO:
        yield sheet.problem("yes_or_no", row.number, "redistribution", passed_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _licence(row: SheetRow) -> SourceLicence:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    passed_on = YES_OR_NO[cells["redistribution"].lower()]
    return SourceLicence(cells["source"], cells["licence"], _day(cells["retrieved"]), passed_on)


def write_licences(licences: Iterable[SourceLicence]) -> str:
    """Write the file; what is unknown is empty."""
    return csv_text(COLUMNS, ([cell if cell is not None else "" for cell in _cells(one)] for one in licences))


def _cells(one: SourceLicence) -> list[object]:
    passed_on = None if one.redistribution is None else int(one.redistribution)
    return [one.source, one.licence, None if one.retrieved is None else one.retrieved.isoformat(), passed_on]


def licences_to_plain(licences: Iterable[SourceLicence]) -> list[dict[str, Any]]:
    """Return them as plain data, as a dataset and a manifest keep them."""
    return [
        {
            "source": one.source,
            "licence": one.licence,
            "retrieved": None if one.retrieved is None else one.retrieved.isoformat(),
            "redistribution": one.redistribution,
        }
        for one in licences
    ]


def licences_from_plain(rows: Iterable[Mapping[str, Any]]) -> tuple[SourceLicence, ...]:
    """Read them back from plain data."""
    return tuple(
        SourceLicence(
            row["source"],
            row["licence"],
            None if row["retrieved"] is None else date.fromisoformat(row["retrieved"]),
            row["redistribution"],
        )
        for row in rows
    )


def merged_licences(stood: Iterable[SourceLicence], said: Iterable[SourceLicence]) -> tuple[SourceLicence, ...]:
    """Return what stands with what is said now laid over it, in order of the sources."""
    found = {one.source: one for one in stood}
    for one in said:
        found[one.source] = one.laid_over(found.get(one.source))
    return tuple(found[source] for source in sorted(found))


def by_source(licences: Iterable[SourceLicence]) -> Mapping[str, SourceLicence]:
    """Return the licences by their sources' texts."""
    return {one.source: one for one in licences}


def unknown_sources(sources: Iterable[Source], licences: Iterable[SourceLicence]) -> tuple[str, ...]:
    """Return the sources, in order, of which no licence is known or not whether their values may be passed on."""
    known = by_source(licences)
    texts = sorted({one.source for one in sources})
    return tuple(text for text in texts if text not in known or not known[text].is_known)
