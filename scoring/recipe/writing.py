"""From the value to TOML, plain data and canonical JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring.recipe.reading import recipe_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.numerics.types import CompositeRecipe


def recipe_to_dict(recipe: CompositeRecipe) -> dict[str, Any]:
    """Return the recipe as plain data with every choice spelt out; what is None is left out."""
    data = _plain(recipe)
    assert isinstance(data, dict)  # noqa: S101 - for the type checker: a dataclass becomes a dict
    return data


def recipe_json(recipe: CompositeRecipe) -> str:
    """Return the one canonical JSON of the recipe, as fingerprints are taken of it: 1 and 1.0 are the same choice."""
    checked = recipe_from_dict(recipe_to_dict(recipe))
    return json.dumps(recipe_to_dict(checked), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_recipe(recipe: CompositeRecipe) -> str:
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


def _toml(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: item for key, item in data.items() if isinstance(item, dict)}
    pairs = {key: item for key, item in data.items() if key not in tables}
    if path and pairs:
        yield f"\n[{'.'.join(map(_toml_key, path))}]"
    for key, item in pairs.items():
        yield f"{_toml_key(key)} = {_toml_value(item)}"
    for key, item in tables.items():
        yield from _toml(item, (*path, key))


def _toml_value(item: Any) -> str:
    """Write a value; a table inside a list stands in one line."""
    if isinstance(item, dict):
        pairs = (f"{_toml_key(key)} = {_toml_value(value)}" for key, value in item.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(item, list):
        return f"[{', '.join(map(_toml_value, item))}]"
    return json.dumps(item, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
