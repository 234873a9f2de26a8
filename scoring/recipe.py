"""The recipe as a file and as plain data: TOML in and out, one canonical JSON for fingerprints.

The keys are the fields of `scoring.numerics.types.Recipe` and its parts, so a new choice needs no line here; only
``[normalise]`` carries its rule's keys itself. What is unknown, of the wrong type or out of range is refused, all at once.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
import tomllib
import types
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from scoring.numerics.errors import MethodError
from scoring.numerics.types import AggregateMethod, ImputeMethod, NormaliseMethod, NormaliseRule, OutlierMethod, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
VERSION = 1
ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "impute": get_args(ImputeMethod),
    "outliers": get_args(OutlierMethod),
    "normalise": get_args(NormaliseMethod),
    "aggregate": get_args(AggregateMethod),
}


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


# --- reading ------------------------------------------------------------------------------------------------------------


def read_recipe(text: str) -> Recipe:
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
        found = (dataclasses.replace(one, line=_line_of(text, one.key)) for one in error.problems)
        raise RecipeError(tuple(found)) from error


def recipe_from_dict(data: Mapping[str, Any]) -> Recipe:
    """Build a recipe from plain data, as `recipe_to_dict` gives it or as TOML has it.

    Raises
    ------
    RecipeError
        As `read_recipe`, without lines.
    """
    problems: list[RecipeProblem] = []
    recipe = _decode(Recipe, data, (), problems)
    if not problems:
        problems = [RecipeProblem(key, what) for key, what in _out_of_range(recipe)]
    if problems:
        raise RecipeError(tuple(problems))
    assert isinstance(recipe, Recipe)  # noqa: S101 - for the type checker; _decode builds the class it is given
    return recipe


def _decode(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    """Turn plain data into the hinted type; add to the problems what does not fit."""
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return _decode_fields(hint, value, path, problems)
    if origin in (Union, types.UnionType):
        return _decode_union(hint, value, path, problems)
    if origin is Mapping and isinstance(value, Mapping):
        return {key: _decode(get_args(hint)[1], item, (*path, key), problems) for key, item in value.items()}
    if origin is tuple and isinstance(value, list | tuple):
        return _decode_tuple(hint, value, path, problems)
    if not _fits(hint, value):
        near = _nearest(value, get_args(hint)) if origin is Literal else ""
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
            what = f"unknown key; allowed are {', '.join(hints)}{_nearest(key, tuple(hints))}"
            problems.append(RecipeProblem(_key((*path, key)), what))
    return {key: _decode(hints[key], item, (*path, key), problems) for key, item in value.items() if key in hints}


def _decode_union(hint: Any, value: Any, path: Path, problems: list[RecipeProblem]) -> Any:
    for one in get_args(hint):
        tried: list[RecipeProblem] = []
        decoded = _decode(one, value, path, tried)
        if not tried and one is not types.NoneType:
            return decoded
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


def _nearest(word: object, allowed: tuple[object, ...]) -> str:
    near = difflib.get_close_matches(str(word), [str(one) for one in allowed], n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _key(path: Path) -> str:
    return ".".join(path)


def _line_of(text: str, key: str) -> int | None:
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


# --- ranges -------------------------------------------------------------------------------------------------------------


def _out_of_range(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Give the key and the sentence of everything that has the right type and no meaning."""
    if recipe.version != VERSION:
        yield "version", f"{VERSION} is allowed, got {recipe.version}"
    yield from _screen_to_outliers(recipe)
    for key, rule in (
        ("normalise", recipe.normalise.rule),
        *((f"normalise.indicators.{code}", rule) for code, rule in recipe.normalise.indicators.items()),
    ):
        yield from _normalise(key, rule)
    yield from _aggregate_to_end(recipe)


def _screen_to_outliers(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for code, scale in recipe.denominate.scales.items():
        yield from _over(f"denominate.scales.{code}", scale)
    yield from _share("screen.unit_availability", recipe.screen.unit_availability)
    yield from _share("screen.indicator_availability", recipe.screen.indicator_availability)
    if recipe.impute.method.startswith("group_") and recipe.impute.group is None:
        yield "impute.group", f"{recipe.impute.method} needs the name of a grouping column"
    outliers = recipe.outliers
    if outliers.max_points != "all" and outliers.max_points < 0:
        yield "outliers.max_points", f'0 or more, or "all", is allowed, got {outliers.max_points}'
    yield from _over("outliers.skewness", outliers.skewness)
    yield from _over("outliers.kurtosis", outliers.kurtosis)
    if not 0 <= outliers.trim[0] < outliers.trim[1] <= 1:
        yield "outliers.trim", f"two rising shares from 0 to 1 are allowed, got {list(outliers.trim)}"


def _normalise(key: str, rule: NormaliseRule) -> Iterator[tuple[str, str]]:
    if rule.lower >= rule.upper:
        yield f"{key}.lower", f"less than upper ({rule.upper:g}) is allowed, got {rule.lower:g}"
    yield from _over(f"{key}.sd", rule.sd)
    yield from _over(f"{key}.scale", rule.scale)
    for name, pair in (("goalposts", rule.goalposts), ("bounds", rule.bounds)):
        if pair is not None and pair[0] >= pair[1]:
            yield f"{key}.{name}", f"two rising numbers are allowed, got {list(pair)}"
    if rule.log and rule.goalposts is not None and rule.goalposts[0] <= 0:
        yield f"{key}.goalposts", f"positive numbers are allowed with log, got {list(rule.goalposts)}"
    needed = {"goalposts": rule.goalposts, "scaled": rule.bounds, "distance_to_reference": rule.reference}
    if rule.method in needed and needed[rule.method] is None:
        name = {"scaled": "bounds", "distance_to_reference": "reference"}.get(rule.method, rule.method)
        yield f"{key}.{name}", f"{rule.method} needs {name}"


def _aggregate_to_end(recipe: Recipe) -> Iterator[tuple[str, str]]:
    aggregate = recipe.aggregate
    for floor in aggregate.floor if isinstance(aggregate.floor, tuple) else (aggregate.floor,):
        yield from _share("aggregate.floor", floor)
    if "power" in (aggregate.method, *aggregate.levels, *aggregate.nodes.values()) and aggregate.power is None:
        yield "aggregate.power", "the power mean needs its exponent"
    if recipe.rank.decimals is not None and not 0 <= recipe.rank.decimals <= 12:
        yield "rank.decimals", f"0 to 12 is allowed, got {recipe.rank.decimals}"
    shares = (0.0, *recipe.tiers.shares)
    if len(shares) < 2 or shares[-1] != 1 or any(a >= b for a, b in pairwise(shares)):
        yield "tiers.shares", f"shares rising from above 0 to 1.0 are allowed, got {list(recipe.tiers.shares)}"
    bounds = recipe.tiers.scores
    falling = all(a > b for a, b in pairwise(bounds))
    if not falling or (recipe.tiers.by == "score" and not bounds):
        yield "tiers.scores", f"falling lower bounds are allowed, got {list(bounds)}"
    yield from _robustness(recipe)


def _robustness(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for name, value in (("draws", recipe.robustness.draws), ("seed", recipe.robustness.seed)):
        if value < 0:
            yield f"robustness.{name}", f"0 or more is allowed, got {value}"
    for factor, names in recipe.robustness.alternatives.items():
        key, allowed = f"robustness.alternatives.{factor}", ALTERNATIVES.get(factor, ())
        if not allowed:
            yield key, f"unknown key; allowed are {', '.join(ALTERNATIVES)}{_nearest(factor, tuple(ALTERNATIVES))}"
        for name in (name for name in names if allowed and name not in allowed):
            yield key, f"{', '.join(allowed)} are allowed, got {name!r}{_nearest(name, allowed)}"


def _share(key: str, value: float) -> Iterator[tuple[str, str]]:
    if not 0 <= value <= 1:
        yield key, f"0 to 1 is allowed, got {value:g}"


def _over(key: str, value: float) -> Iterator[tuple[str, str]]:
    if value <= 0:
        yield key, f"more than 0 is allowed, got {value:g}"


# --- writing ------------------------------------------------------------------------------------------------------------


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as plain data with every choice spelt out; what is None is left out."""
    data = _plain(recipe)
    assert isinstance(data, dict)  # noqa: S101 - for the type checker: a dataclass becomes a dict
    return data


def recipe_json(recipe: Recipe) -> str:
    """Return the one canonical JSON of the recipe, as fingerprints are taken of it: 1 and 1.0 are the same choice."""
    checked = recipe_from_dict(recipe_to_dict(recipe))
    return json.dumps(recipe_to_dict(checked), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_recipe(recipe: Recipe) -> str:
    """Return the recipe as TOML with every choice spelt out; `read_recipe` gives the same recipe back."""
    return "\n".join(_toml(recipe_to_dict(recipe), ())).lstrip("\n") + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        plain = {name: _plain(item) for name, item in pairs if item is not None}
        return {**plain.pop("rule", {}), **plain}
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _toml(data: Mapping[str, Any], path: Path) -> Iterator[str]:
    tables = {key: item for key, item in data.items() if isinstance(item, dict)}
    pairs = {key: item for key, item in data.items() if key not in tables}
    if path and pairs:
        yield f"\n[{'.'.join(map(_toml_key, path))}]"
    for key, item in pairs.items():
        yield f"{_toml_key(key)} = {json.dumps(item, ensure_ascii=False)}"
    for key, item in tables.items():
        yield from _toml(item, (*path, key))


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
