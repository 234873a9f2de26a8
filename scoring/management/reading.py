"""What the analyst says of the files she gives a command, and what is said to her of how they were read."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblem, FileProblemsError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from exchange.problems import FileNote
    from exchange.wording import Option

T = TypeVar("T")


def add_reading(parser: ArgumentParser, *, judgements: bool = False) -> None:
    """Add the options that say how files are to be read; ``judgements`` adds those that only files of judgements need."""
    group = parser.add_argument_group(
        "reading", "Needed only where a file can be read in two ways; the refusal names them."
    )
    group.add_argument("--sheet", help="the sheet of a workbook")
    group.add_argument("--encoding", help="of a text that is not UTF-8, such as windows-1252")
    group.add_argument("--decimal", choices=[".", ","], help="the decimal sign")
    group.add_argument("--thousands", help='the sign that groups thousands, or "none"')
    group.add_argument(
        "--missing",
        action="append",
        default=[],
        metavar="TEXT",
        help="means missing, beside an empty cell and NA; may be repeated",
    )
    if not judgements:
        return
    group.add_argument(
        "--range", choices=["scale", "free"], default="scale", help="free: judgements outside 1/9 to 9 too"
    )
    group.add_argument("--expert", help="who answered, of a file that names nobody")
    group.add_argument("--expert-column", help="the column of who answered")
    group.add_argument(
        "--hierarchy", help='"Node: item, item; …", the order of items in a file that does not name them'
    )


def readings(options: Mapping[str, Any]) -> tuple[FileReading, FileReading]:
    """Return how the main file of a command is read, and how the others are.

    Of the main file what is said must hold; of the others it decides where they can be read in two ways.
    """
    thousands = options["thousands"]
    said = ReadingOptions(
        sheet=options["sheet"],
        encoding=options["encoding"],
        decimal=options["decimal"],
        thousands="" if thousands == "none" else thousands,
        missing=tuple(options["missing"]),
        any_ratio=options.get("range") == "free",
        expert=options.get("expert"),
        expert_column=options.get("expert_column"),
        hierarchy=options.get("hierarchy"),
    )
    main = FileReading(said)
    return main, FileReading(replace(said, is_hint=True), main.notes)


class Gathered:
    """Files read one after the other, with the problems of all of them."""

    def __init__(self) -> None:
        """Start without problems."""
        self.problems: list[FileProblem] = []

    def read(self, reader: Callable[[], T], default: T) -> T:
        """Return what a reader gives; where it refuses, keep its problems and return the default."""
        try:
            return reader()
        except FileProblemsError as error:
            self.problems += error.problems
            return default

    def check(self) -> None:
        """Refuse where anything was wrong.

        Raises
        ------
        FileProblemsError
            All that was.
        """
        if self.problems:
            raise FileProblemsError(self.problems)


def notes_of(reading: FileReading) -> list[dict[str, object]]:
    """Return what is to be said of how files were read, as plain data."""
    return [_plain(one) for one in reading.notes]


def _plain(note: FileNote) -> dict[str, object]:
    option = {"option": as_typed(note.options)} if note.options else {}
    return {"file": note.file, "code": note.code, "facts": dict(note.facts), "what": note.what, **option}


def as_typed(options: Iterable[Option]) -> str:
    """Return options as they are typed, with what to say by them where it is known."""
    return ", ".join(
        f"--{one.name.replace('_', '-')}" + (f" {shlex.quote(one.value)}" if one.value else "") for one in options
    )


def with_notes(sentence: str, notes: Sequence[Mapping[str, object]]) -> str:
    """Return a sentence, and below it a line for each note."""
    options = [f" ({one['option']})" if "option" in one else "" for one in notes]
    lines = (f"{one['file']}: {one['what']}{option}" for one, option in zip(notes, options, strict=True))
    return "\n".join([sentence, *lines])
