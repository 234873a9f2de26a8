"""What is wrong with a recipe, all of it at once, each with its key and line."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

from scoring.numerics.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclasses.dataclass(frozen=True, slots=True)
class RecipeProblem:
    """One thing wrong: where (key as written in TOML, line if known) and what, allowed and got."""

    key: str
    what: str
    line: int | None = None


class RecipeError(MethodError):
    """The recipe is refused: ``problems`` lists everything found."""

    code = "recipe"

    def __init__(self, problems: tuple[RecipeProblem, ...]) -> None:
        """Keep all problems; the message has one line each."""
        super().__init__("\n".join(_sentence(problem) for problem in problems), problems=problems)
        self.problems = problems


def _sentence(problem: RecipeProblem) -> str:
    where = f"line {problem.line}: " if problem.line else ""
    return f"{where}{problem.key}: {problem.what}" if problem.key else f"{where}{problem.what}"


def nearest(word: object, allowed: Iterable[object]) -> str:
    """Return " (did you mean …?)" for the nearest allowed word, or nothing."""
    near = difflib.get_close_matches(str(word), [str(one) for one in allowed], n=1)
    return f" (did you mean {near[0]}?)" if near else ""
