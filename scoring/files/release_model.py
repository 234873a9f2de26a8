"""What a release was computed from, read from its files alone: the ground on which a change of one unit is weighed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from exchange.layouts import Layout
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import FileReading
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet
from scoring.files.bundle import FORMAT, MANIFEST, read_manifest
from scoring.files.recipes import read_recipe_file, with_rounding_of
from scoring.files.sources import read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.units import read_units
from scoring.numerics.errors import NoYardstickError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.types import WeightDraws, Yardstick
from surveys.files.framework import other_columns, read_framework
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import BoolArray, Scored, Tree

INPUTS: Final = ("framework.csv", "recipe.toml", "weights.csv", "data.csv", "summary.json")
ORIGINS: Final = ("sources.csv", "units.csv")  # what each value was measured for, and each unit's country
DRAWS: Final = "robustness/weight_draws.csv"
DRAW: Final = "draw"


def read_release_model(files: Mapping[str, bytes]) -> ReleaseModel:
    """Read a release's field from its files; without the draws of weights it has none, without origins no country's values.

    Raises
    ------
    NoYardstickError
        A file is not there, or the summary has no yardstick: facts files.
    FileProblemsError
        As the readers of each file.
    NumericsError
        As `score`.
    """
    lost = [name for name in INPUTS if name not in files]
    if lost:
        raise NoYardstickError(f"the release has no {lost[0]}", files=lost)
    stored = json.loads(files["summary.json"]).get("yardstick")
    if stored is None:
        raise NoYardstickError("the release's summary has no yardstick", files=["summary.json"])
    rows = read_framework("framework.csv", files["framework.csv"])
    tree = tree_of(rows)
    table = read_data("data.csv", files["data.csv"], tree, others=other_columns(rows))
    weights = read_weights("weights.csv", files["weights.csv"], tree)
    form = read_manifest(files[MANIFEST])["format"] if MANIFEST in files else FORMAT
    recipe = with_rounding_of(read_recipe_file("recipe.toml", files["recipe.toml"]), form)
    draws = read_weight_draws("weight_draws.csv", files[DRAWS], tree) if DRAWS in files else None
    nominal = score(table, tree, weights, recipe, Yardstick(stored))
    countries, national = _levels(files, nominal)
    return ReleaseModel(nominal, tree, weights, draws, countries, national)


def _levels(files: Mapping[str, bytes], nominal: Scored) -> tuple[tuple[str, ...], BoolArray | None]:
    """Return the units' countries, and which values of their latest rows were measured for the country."""
    if not {*ORIGINS} <= {*files}:
        return (), None
    countries = {one.code: one.country for one in read_units(ORIGINS[1], files[ORIGINS[1]])}
    latest = nominal.steps["normalised"]
    of_country = {
        (one.unit, one.time, one.indicator)
        for one in read_sources(ORIGINS[0], files[ORIGINS[0]])
        if one.resolution == "country"
    }
    national = np.array(
        [
            [(unit, time, code) in of_country for code in nominal.indicators]
            for unit, time in zip(latest.units, latest.times, strict=True)
        ],
        dtype=bool,
    ).reshape(len(nominal.units), len(nominal.indicators))
    return tuple(countries.get(unit, "") for unit in nominal.units), national


def read_weight_draws(name: str, content: bytes, tree: Tree) -> WeightDraws:
    """Read ``draw, <code> …``: the local weights of every criterion but the root, one row a draw, numbered one by one.

    Raises
    ------
    FileProblemsError
        No draw, a column that is not there or nobody knows, a weight that is no number ≥ 0, a draw out of order.
    """
    codes = tuple(code for code in tree.by_code if code != tree.root)
    known = (DRAW, *codes)
    reading = FileReading()
    sheet = read_sheet(name, content, Layout(known), reading)
    problems = list(sheet.problems)
    problems += [
        sheet.problem("unknown_criterion_column", sheet.header, name) for name in sheet.columns if name not in known
    ]
    if not sheet.rows:
        problems.append(sheet.problem("no_draw", 2))
    if problems:
        raise FileProblemsError(problems)
    read = read_numbers(sheet, dict.fromkeys(known, NumberColumn()), reading, problems).values
    if problems:
        raise FileProblemsError(problems)
    values = np.array([read[code] for code in known], dtype=np.float64).T
    problems = [
        sheet.problem("not_zero_or_more", sheet.rows[row].number, known[column])
        for row, column in np.argwhere(~(values >= 0))
    ]
    first = values[0, 0]
    problems += [
        sheet.problem("draw_order", sheet.rows[row].number, DRAW)
        for row in np.flatnonzero(values[:, 0] != first + np.arange(len(values)))
    ]
    if problems:
        raise FileProblemsError(problems)
    local = values[:, 1:]
    whole = {tree.root: np.ones(len(local))}
    for node in tree.nodes:
        for child in tree.children[node]:
            whole[child] = whole[node] * local[:, codes.index(child)]
    return WeightDraws(
        indicators=tree.indicators,
        weights=np.stack([whole[code] for code in tree.indicators], axis=1),
        codes=codes,
        local=local,
        seed=0,
        first=int(first),
    )
