"""How a file from outside is read: what the person who sends it says of it, and what is then to be said to her."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from exchange.grids import clean
from exchange.problems import FileNote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOT_AVAILABLE: Final = "NA"
"""What means missing everywhere, beside an empty cell."""
Decimal = Literal[".", ","]


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the sender says of a file; None and empty where she says nothing, and the file must tell.

    Attributes
    ----------
    sheet : str | None
        The sheet of a workbook.
    encoding : str | None
        The encoding of a text, by its IANA or Python name.
    decimal, thousands : str | None
        The decimal sign, and the one sign that groups thousands; ``thousands=""`` says that there is none.
    missing : tuple[str, ...]
        Texts that mean a missing value, beside an empty cell and NA.
    any_ratio : bool
        Whether judgements may lie outside 1/9 to 9, as ratios of groups do.
    expert, expert_column : str | None
        Who answered, of a file that names nobody; the column that names who answered.
    hierarchy : str | None
        ``Node: item, item; …``: the order in which a file takes the items of its nodes without naming them.
    is_hint : bool
        Whether what is said decides only where the file can be read in two ways.
    is_plain : bool
        Whether the file is one of ours, written in the documented form: UTF-8, commas, decimal points. It is read in that
        way alone.
    """

    sheet: str | None = None
    encoding: str | None = None
    decimal: Decimal | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    any_ratio: bool = False
    expert: str | None = None
    expert_column: str | None = None
    hierarchy: str | None = None
    is_hint: bool = False
    is_plain: bool = False


SAID: Final = ("sheet", "encoding", "decimal", "thousands", "missing")
"""What a form and a request may say of the files they send, by the names of their fields."""
DECIMALS: Final = (".", ",")
THOUSANDS: Final = (",", ".", " ", "'")
UNGROUPED: Final = "none"
"""Says that no sign groups thousands."""


def reading_options(values: Mapping[str, Any]) -> ReadingOptions:
    """Return what a form or a request says of its files, by `SAID`; ``missing`` holds a text a line.

    There are several files, so each is read by it only where it can be read in two ways.
    """
    thousands = values.get("thousands") or None
    return ReadingOptions(
        sheet=values.get("sheet") or None,
        encoding=values.get("encoding") or None,
        decimal=values.get("decimal") or None,
        thousands="" if thousands == UNGROUPED else thousands,
        missing=tuple(filter(None, map(clean, (values.get("missing") or "").splitlines()))),
        is_hint=True,
    )


PLAIN: Final = ReadingOptions(any_ratio=True, is_plain=True)


@dataclass
class FileReading:
    """One reading of files under the same options.

    Attributes
    ----------
    notes : list[FileNote]
        What is to be said of it, each once.
    rows : dict[str, tuple[int, ...]]
        By file, the numbers of the rows below the names of the columns, as they were read.
    sheets : dict[str, tuple[str, ...]]
        By workbook, the names of its visible sheets.
    on_step : Callable[[str, int, int], None] | None
        Hears how far it is: the file, and how many of how many columns of numbers are read; 0 of 0 while that is not known.
    """

    options: ReadingOptions = PLAIN
    notes: list[FileNote] = field(default_factory=list)
    rows: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sheets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    on_step: Callable[[str, int, int], None] | None = None

    def step(self, file: str, done: int = 0, total: int = 0) -> None:
        """Say how far the reading of a file is, where anybody hears it."""
        if self.on_step is not None:
            self.on_step(file, done, total)

    def note(self, file: str, code: str, /, **facts: object) -> None:
        """Say something of how a file was read."""
        told = FileNote(file, code, facts)
        if told not in self.notes:
            self.notes.append(told)
