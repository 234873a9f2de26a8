"""The recipe file, with its problems in the form of all files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, FileProblemsError, listed
from scoring.recipe import RecipeError, read_recipe
from scoring.recipe.reading import line_of

if TYPE_CHECKING:
    from scoring.numerics.types import CompositeRecipe

HALF_EVEN: Final = 4  # the last format in which a half is rounded to the even digit


def read_recipe_file(name: str, content: bytes) -> CompositeRecipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    FileProblemsError
        It is not UTF-8, or the recipe is refused; each with its line and key.
    """
    try:
        return read_recipe(_text(content))
    except UnicodeDecodeError as error:
        raise FileProblemsError([FileProblem(name, "not_utf8")]) from error
    except RecipeError as error:
        raise FileProblemsError(
            FileProblem(name, "told", one.line, one.key or None, facts={"why": one.what}) for one in error.problems
        ) from error


def with_rounding_of(recipe: CompositeRecipe, form: object) -> CompositeRecipe:
    """Return the recipe of a release of this format: up to format 4 a half went to the even digit, and no recipe said so."""
    if recipe.rank.decimals is None or not isinstance(form, int) or form > HALF_EVEN:
        return recipe
    return replace(recipe, rank=replace(recipe.rank, rounding="half_even"))


def refuse_weights_factor(name: str, content: bytes, recipe: CompositeRecipe) -> None:
    """Refuse to draw weights where there are weights alone: their draws come from judgements.

    Raises
    ------
    FileProblemsError
        The recipe draws, and weights are among its factors.
    """
    if recipe.robustness.draws == 0 or "weights" not in recipe.robustness.factors:
        return
    line = line_of(_text(content), "robustness.factors")
    got = listed(recipe.robustness.factors)
    raise FileProblemsError([FileProblem(name, "weights_factor", line, "robustness.factors", got)])


def _text(content: bytes) -> str:
    """Return the file's text, whatever its line ends."""
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
