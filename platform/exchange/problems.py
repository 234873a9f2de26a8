"""What is wrong with a file, all of it at once, and what is to be said of how it was read: codes with facts and places."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from exchange.texts import readable
from exchange.wording import note_sentence, options_for, problem_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from exchange.wording import Option

MOST_LISTED: Final = 200
MOST_COUNTED: Final = 100_000
MOST_SHOWN: Final = 200  # characters of one text, where a problem is kept


def _kept(fact: object) -> object:
    """Return a fact as it can be kept."""
    if fact is None or isinstance(fact, bool | int | float):
        return fact
    text = readable(str(fact))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


@dataclass(frozen=True)
class FileProblem:
    """One problem and its place.

    Attributes
    ----------
    file, sheet : str
        The file, and of a workbook with several sheets the one that was read.
    code : str
        What is wrong, as `exchange.wording.PROBLEMS` knows it.
    row : int
        As a person counts: 1 is the first row of the file; None where the problem is not of one row.
    column : str
        The name of the column, or the cell where there is none.
    got : str
        What was found.
    facts : Mapping[str, object]
        What the sentence names; ``near`` is the nearest allowed word.
    """

    file: str
    code: str
    row: int | None = None
    column: str | None = None
    got: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    sheet: str = ""

    @property
    def what(self) -> str:
        """What is wrong, in the reader's language."""
        return problem_sentence(self.code, self.facts).what

    @property
    def allowed(self) -> str:
        """What is allowed instead, in the reader's language; empty where the problem says enough."""
        return problem_sentence(self.code, self.facts).allowed

    @property
    def options(self) -> tuple[Option, ...]:
        """What answers it, where the sender can."""
        return options_for(self.code, self.facts)

    def to_plain(self) -> dict[str, Any]:
        """Return it as values that JSON and a database can keep; long texts are cut."""
        place = {"file": self.file, "column": self.column, "got": self.got, "sheet": self.sheet}
        return {
            "code": self.code,
            "row": self.row,
            **{name: _kept(text) for name, text in place.items()},
            "facts": {name: _kept(fact) for name, fact in self.facts.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return the problem that was kept."""
        return cls(**plain)

    def __str__(self) -> str:
        """``FILE:ROW:COLUMN: what, allowed, got``; what is not known is left empty."""
        told = problem_sentence(self.code, self.facts)
        sheet = f"[{self.sheet}] " if self.sheet else ""
        allowed = f", allowed {told.allowed}" if told.allowed else ""
        got = f", got {self.got}" if self.got else ""
        return f"{self.file}:{self.row or ''}:{self.column or ''}: {sheet}{told.what}{allowed}{got}"


@dataclass(frozen=True)
class FileNote:
    """One thing to be said of how a file was read: a convention applied, rows or columns passed over."""

    file: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """The sentence, in the reader's language."""
        return note_sentence(self.code, self.facts)

    @property
    def options(self) -> tuple[Option, ...]:
        """What may be said to have it read otherwise."""
        return options_for(self.code, self.facts)

    def to_plain(self) -> dict[str, Any]:
        """Return it as values that JSON and a database can keep; long texts are cut."""
        facts = {name: _kept(fact) for name, fact in self.facts.items()}
        return {"file": _kept(self.file), "code": self.code, "facts": facts}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return the note that was kept."""
        return cls(**plain)

    def __str__(self) -> str:
        """``FILE: sentence``."""
        return f"{self.file}: {self.what}"


class FileProblemsError(ValueError):
    """The file is refused; nothing of it was kept. ``problems`` lists everything found, up to `MOST_COUNTED`."""

    code = "file_problems"

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        """Keep all problems; the message has one line each."""
        self.problems = tuple(problems)[:MOST_COUNTED]
        super().__init__()

    def __str__(self) -> str:
        """One line each of the first `MOST_LISTED` problems."""
        return "\n".join(map(str, self.problems[:MOST_LISTED]))


def nearest(word: str, allowed: Iterable[str]) -> dict[str, str]:
    """Return the fact ``near``, the nearest allowed word, where one is near."""
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return {"near": near[0]} if near else {}


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence lists them."""
    return ", ".join(words)
