"""Data as they are sent: a table, and beside it where its values come from and who is ranked, read together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from exchange.problems import FileProblem, FileProblemsError
from scoring.files.sources import read_sources
from scoring.files.tables import read_data
from scoring.files.units import read_units
from surveys.files.framework import other_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.files.base import File

    from scoring.files.sources import Source
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table
    from surveys.values.rounds import FrameworkContent

SentFile = tuple[str, bytes]
T = TypeVar("T")
LARGEST_FILE = 20 * 1024 * 1024


class Received(NamedTuple):
    """What the files hold."""

    table: Table
    sources: tuple[Source, ...]
    units: tuple[UnitRow, ...]


def read_received(
    framework: FrameworkContent,
    *,
    table: SentFile | None,
    sources: SentFile | None = None,
    units: SentFile | None = None,
) -> Received:
    """Read what was sent, in CSV or XLSX.

    Raises
    ------
    FileProblemsError
        Everything wrong with all of the files.
    """
    problems: list[FileProblem] = []
    others = other_columns(framework.rows)
    values = _read(table, partial(read_data, tree=framework.tree, others=others), problems)
    origins = _read(sources, read_sources, problems)
    rows = _read(units, read_units, problems)
    if values is None or problems:
        raise FileProblemsError(problems)
    return Received(values, origins or (), rows or ())


def sent_file(sent: File[bytes] | None) -> SentFile | None:
    """Return the name and bytes of a file that came with a request, no more of them than show that it is too large."""
    return (sent.name or "file", sent.read(LARGEST_FILE + 1)) if sent else None


def _read(sent: SentFile | None, reader: Callable[[str, bytes], T], problems: list[FileProblem]) -> T | None:
    """Read one file, if it was sent; what is wrong with it goes to ``problems``."""
    if sent is None:
        return None
    name, content = sent
    if len(content) > LARGEST_FILE:
        problems.append(FileProblem(name, "is too large", allowed="up to 20 MB"))
        return None
    try:
        return reader(name, content)
    except FileProblemsError as error:
        problems += error.problems
        return None
