"""From TOML or plain data to the value; what does not fit is refused."""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from scoring.numerics.types import Aggregate, CompositeRecipe, Impute, NormaliseRule, Outliers
from scoring.recipe.problems import RecipeError, RecipeProblem, nearest
from scoring.recipe.ranges import out_of_range

Path = tuple[str, ...]
VARIED = {"impute": Impute, "outliers": Outliers, "normalise": NormaliseRule, "aggregate": Aggregate}
"""What a table among the alternatives of a factor changes."""


def read_recipe(text: str) -> CompositeRecipe:
    """Read a recipe from TOML; a table left out has its defaults.

    Raises
    ------
    RecipeError
        Everything that is no TOML, unknown (with the allowed keys and the nearest), of the wrong type or out of range.
    """
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        hint = f"this is no TOML: {error}; one key and its value a line"
        raise RecipeError((RecipeProblem("", hint, int(line[1]) if line else None),)) from error
    try:
        return recipe_from_dict(data)
    except RecipeError as error:
        found = (dataclasses.replace(one, line=line_of(text, one.key)) for one in error.problems)
        raise RecipeError(tuple(found)) from error


def recipe_from_dict(data: Mapping[str, Any]) -> CompositeRecipe:
    """Build a recipe from plain data, as `recipe_to_dict` gives it or as TOML has it.

    Raises
    ------
    RecipeError
        As `read_recipe`, without lines.
    """
    problems: list[RecipeProblem] = []
    recipe = _decode(CompositeRecipe, data, (), problems)
    if not problems:
        problems = [RecipeProblem(key, what) for key, what in out_of_range(recipe)]
    if problems:
        raise RecipeError(tuple(problems))
    assert isinstance(recipe, CompositeRecipe)  # noqa: S101 - for the type checker; _decode builds the class it is given
    return recipe


def _decode(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    """Turn plain data into the hinted type; add to the problems what does not fit."""
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return _decode_fields(hint, value, path, problems)
    if origin in (Union, types.UnionType):
        return _decode_union(hint, value, path, problems)
    if hint == Mapping[str, Any] and isinstance(value, Mapping):  # an alternative: some parameters of its factor
        return _decode_known(get_type_hints(VARIED[path[-1]]), value, path, problems) if path[-1] in VARIED else value
    if origin is Mapping and isinstance(value, Mapping):
        return {key: _decode(get_args(hint)[1], item, (*path, key), problems) for key, item in value.items()}
    if origin is tuple and isinstance(value, list | tuple):
        return _decode_tuple(hint, value, path, problems)
    if not _fits(hint, value):
        near = nearest(value, get_args(hint)) if origin is Literal else ""
        problems.append(RecipeProblem(_key(path), f"{_describe(hint)} is allowed, got {value!r}{near}"))
    return float(value) if hint is float and _fits(hint, value) else value


def _fits(hint: Any, value: Any) -> bool:
    """Say whether a single value is of the type; true is no number, and no number is infinite or NaN."""
    if get_origin(hint) is Literal:
        return not isinstance(value, bool) and value in get_args(hint)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is hint


def _decode_fields(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    if not isinstance(value, Mapping):
        problems.append(RecipeProblem(_key(path), f"a table is allowed, got {value!r}"))
        return None
    hints = get_type_hints(hint)
    if "rule" in hints:  # [normalise] carries the keys of its rule
        of_rule = get_type_hints(NormaliseRule)
        known = _decode_known(
            {**of_rule, **{key: one for key, one in hints.items() if key != "rule"}}, value, path, problems
        )
        rule = NormaliseRule(**{key: item for key, item in known.items() if key in of_rule})
        return hint(rule=rule, **{key: item for key, item in known.items() if key not in of_rule})
    return hint(**_decode_known(hints, value, path, problems))


def _decode_known(
    hints: Mapping[str, Any], value: Mapping[str, Any], path: Path, problems: list[RecipeProblem]
) -> dict[str, Any]:
    """Decode a table key by key; a key without hint is a problem."""
    for key in value:
        if key not in hints:
            what = f"unknown key; allowed are {', '.join(hints)}{nearest(key, tuple(hints))}"
            problems.append(RecipeProblem(_key((*path, key)), what))
    return {key: _decode(hints[key], item, (*path, key), problems) for key, item in value.items() if key in hints}


def _decode_union(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    for one in get_args(hint):
        tried: list[RecipeProblem] = []
        decoded = _decode(one, value, path, tried)
        if not tried and one is not types.NoneType:
            return decoded
        if get_origin(one) is Mapping and isinstance(value, Mapping):
            problems += tried
            return None
    problems.append(RecipeProblem(_key(path), f"{_describe(hint)} is allowed, got {value!r}"))
    return None


def _decode_tuple(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    arguments = get_args(hint)
    if arguments[-1] is not Ellipsis and len(value) != len(arguments):
        problems.append(RecipeProblem(_key(path), f"{_describe(hint)} is allowed, got {list(value)}"))
        return None
    return tuple(_decode(arguments[0], item, path, problems) for item in value)


def _describe(hint: Any) -> str:
    """Say in words what a type allows."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_describe(one) for one in arguments if one is not types.NoneType)
    if origin is tuple:
        many = "a list" if arguments[-1] is Ellipsis else f"a list of {len(arguments)}"
        return f"{many} of {_describe(arguments[0])}"
    if origin is Mapping:
        return "a table"
    return {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}.get(hint, str(hint))


def _key(path: Path) -> str:
    return ".".join(path)


def line_of(text: str, key: str) -> int | None:
    """Return the line where the key, or the nearest table above it, is written."""
    best, line_found, table = -1, None, ""
    for line, written in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", written)
        pair = re.match(r"\s*([^=#\[]+?)\s*=", written)
        if header:
            table = header[1].replace('"', "").replace("'", "")
        elif not pair:
            continue
        name = pair[1].replace('"', "").replace("'", "") if pair and not header else ""
        here = ".".join(part for part in (table, name) if part)
        if (key == here or key.startswith(f"{here}.")) and len(here) > best:
            best, line_found = len(here), line
    return line_found
