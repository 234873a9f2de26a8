"""How much of a ranking its countries share, as a file of a release: from its scores, its weights and where values come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.files.digits import json_text
from scoring.numerics.composite.country_shares import CountryShares, country_shares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring.files.sources import Source
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Scored, Tree

NAME: Final = "country_shares.json"


def country_files(scored: Scored, tree: Tree, sources: Iterable[Source], units: Iterable[UnitRow]) -> dict[str, str]:
    """Return ``country_shares.json``: what of the scores' variance and of the weight belongs to countries."""
    told = shares_of(scored, tree, sources, units)
    shares = {"variance_between": told.variance, "weight_for_country": told.weight, "weight_unknown": told.unknown}
    return {NAME: json_text(shares)}


def shares_of(scored: Scored, tree: Tree, sources: Iterable[Source], units: Iterable[UnitRow]) -> CountryShares:
    """Return the two shares of a scored table; a value that was filled in was measured for nobody."""
    table = scored.steps["imputed"]
    level = {(one.unit, one.time, one.indicator): one.resolution for one in sources}
    country = {one.code: one.country for one in units}
    told = np.array(
        [
            [level.get((unit, time, code), "") for code in scored.indicators]
            for unit, time in zip(table.units, table.times, strict=True)
        ],
        dtype=np.str_,
    )
    whole = tree.global_weights(scored.weights)
    return country_shares(
        np.where(scored.ranks > 0, scored.scores, np.nan),
        [country.get(unit, "") for unit in scored.units],
        np.array([whole[code] for code in scored.indicators]),
        present=~np.isnan(table.values),
        for_country=(told == "country") & ~scored.imputed,
        unknown=(told == "") & ~scored.imputed,
    )


def read_country_shares(text: str) -> CountryShares:
    """Read the shares back."""
    told = json.loads(text)
    return CountryShares(told["variance_between"], told["weight_for_country"], told["weight_unknown"])
