"""The recipe as a file and as plain data: TOML in and out, one canonical JSON for fingerprints.

The keys are the fields of `scoring.numerics.types.Recipe` and its parts, so a new choice needs no line here; only
``[normalise]`` carries its rule's keys itself. What is unknown, of the wrong type or out of range is refused, all at once.
"""

from scoring.recipe.problems import RecipeError, RecipeProblem
from scoring.recipe.reading import read_recipe, recipe_from_dict
from scoring.recipe.writing import recipe_json, recipe_to_dict, write_recipe

__all__ = [
    "RecipeError",
    "RecipeProblem",
    "read_recipe",
    "recipe_from_dict",
    "recipe_json",
    "recipe_to_dict",
    "write_recipe",
]
