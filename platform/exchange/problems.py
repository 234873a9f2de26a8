"""What is wrong with a file, all of it at once, each with its place."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One problem: the file, the row (1 is the header) and column where known, what, what is allowed and what was found."""

    file: str
    what: str
    row: int | None = None
    column: str | None = None
    allowed: str = ""
    got: str = ""

    def __str__(self) -> str:
        """``FILE:ROW:COLUMN: what, allowed, got``; what is not known is left empty."""
        allowed = f", allowed {self.allowed}" if self.allowed else ""
        got = f", got {self.got}" if self.got else ""
        return f"{self.file}:{self.row or ''}:{self.column or ''}: {self.what}{allowed}{got}"


class FileProblemsError(ValueError):
    """The file is refused; nothing of it was kept. ``problems`` lists everything found."""

    code = "file_problems"

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        """Keep all problems; the message has one line each."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return "; did you mean …?" for the nearest allowed word, or nothing."""
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return f"; did you mean {near[0]}?" if near else ""
