"""Data as they are sent: a table, and beside it where its values come from and who is ranked, read together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from exchange.problems import FileProblem, FileProblemsError
from scoring.files.frozen import unpacked
from scoring.files.sources import read_sources
from scoring.files.tables import read_data
from scoring.files.units import read_units
from surveys.files.framework import other_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.core.files.base import File

    from scoring.files.sources import Source
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table
    from surveys.values.rounds import FrameworkContent

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
    table: File[bytes],
    sources: File[bytes] | None = None,
    units: File[bytes] | None = None,
) -> Received:
    """Read what was sent, in CSV or XLSX.

    Raises
    ------
    FileProblemsError
        Everything wrong with all of the files.
    """
    problems: list[FileProblem] = []
    others = other_columns(framework.rows)
    values = _read(table, lambda path: read_data(path, framework.tree, others=others), problems)
    origins = _read(sources, read_sources, problems)
    rows = _read(units, read_units, problems)
    if values is None or problems:
        raise FileProblemsError(problems)
    return Received(values, origins or (), rows or ())


def _read(sent: File[bytes] | None, reader: Callable[[Path], T], problems: list[FileProblem]) -> T | None:
    """Read one file, if it was sent; what is wrong with it goes to ``problems``."""
    if not sent:
        return None
    label = sent.name or "file"
    if sent.size > LARGEST_FILE:
        problems.append(FileProblem(label, "is too large", allowed="up to 20 MB"))
        return None
    with unpacked({label: sent.read()}) as folder:
        try:
            return reader(folder / label)
        except FileProblemsError as error:
            problems += error.problems
            return None
