"""What keeps a list of units from being an edition's: one that is no member's, a city under two states, a source left open."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, nearest
from scoring.files.results import LABELS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from scoring.files.unit_lists import ListedUnits
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Tree

NEAR: Final = 10.0
"""Kilometres within which two units of two states may be one city under two names."""
EARTH: Final = 6371.0
DEGREE: Final = EARTH * math.pi / 180


def list_problems(listed: ListedUnits, tree: Tree, *, members: Collection[str] | None) -> Iterator[FileProblem]:
    """Find what keeps a list from being an edition's.

    Parameters
    ----------
    listed : ListedUnits
        The list.
    tree : Tree
        The framework's: its indicators need sources, and its columns are no groups.
    members : Collection[str]
        Codes of the countries that belong to the series on the edition's day; None where it has no such rule.
    """
    if not listed.rule:
        yield FileProblem("rule", "no_rule")
    if not listed.units:
        yield FileProblem("units", "empty_list")
    for unit in listed.units:
        if members is not None and unit.country not in members:
            yield FileProblem("units", "no_member", None, "country", unit.country, {"unit": unit.code})
        elif unit.country and not unit.country_names:
            yield FileProblem("units", "unknown_country", None, "country", unit.country, {"unit": unit.code})
    yield from _country_problems(listed)
    columns = {*LABELS, *tree.indicators, *(one.denominator for one in tree.criteria)}
    for name in listed.groups:
        if name in columns:
            yield FileProblem("units", "no_group", 1, name)
    yield from _source_problems(listed, tree.indicators)
    codes = {unit.code for unit in listed.units}
    for pair in listed.two_cities:
        for code in sorted({*pair} - codes):
            yield FileProblem("two_cities", "unlisted_unit", got=code, facts=nearest(code, codes))
    yield from _under_two_states(listed)


def _source_problems(listed: ListedUnits, indicators: Sequence[str]) -> Iterator[FileProblem]:
    planned = {one.indicator for one in listed.sources}
    for code in indicators:
        if code not in planned:
            yield FileProblem("sources", "no_planned_source", None, "iCode", code)
    seen: set[tuple[str, str]] = set()
    for one in listed.sources:
        if one.indicator not in indicators:
            near = nearest(one.indicator, indicators)
            yield FileProblem("sources", "no_indicator", None, "iCode", one.indicator, near)
        if (one.indicator, one.source) in seen:
            facts = {"indicator": one.indicator}
            yield FileProblem("sources", "planned_twice", None, "source", one.source, facts)
        seen.add((one.indicator, one.source))


def _country_problems(listed: ListedUnits) -> Iterator[FileProblem]:
    """Find countries that rows name in two ways: a list has one name of a country in a language."""
    told: dict[tuple[str, str], str] = {}
    for unit in listed.units:
        for language, name in unit.country_names.items():
            first = told.setdefault((unit.country, language), name)
            if name != first:
                facts = {"unit": unit.code, "first": first}
                yield FileProblem("units", "country_otherwise", None, "cName", name, facts)


def _under_two_states(listed: ListedUnits) -> Iterator[FileProblem]:
    """Find units that may be one city under two states, but for pairs that somebody said are two."""
    told = {frozenset(pair) for pair in listed.two_cities}
    for a, b, apart in near_pairs(listed.units):
        if frozenset({a.code, b.code}) not in told:
            wrong = "cities_of_one_name" if math.isnan(apart) else "near_cities"
            facts = {"a": _named(a), "b": _named(b), "pair": f"{a.code} + {b.code}", "apart": f"{apart:.0f}"}
            yield FileProblem("units", wrong, None, "country", f"{a.country}, {b.country}", facts)


def _named(unit: UnitRow) -> str:
    return f"{unit.names.get('en', unit.code)} ({unit.code})"


def near_pairs(units: Iterable[UnitRow]) -> Iterator[tuple[UnitRow, UnitRow, float]]:
    """Give the pairs of units of two states within `NEAR` of each other, and their distance in kilometres.

    Where one has no place, a name that both have in whatever language or spelling tells them; the distance is then no number.
    """
    stated = [unit for unit in units if unit.country]
    yield from _near(sorted((unit for unit in stated if _is_placed(unit)), key=lambda unit: unit.latitude or 0.0))
    if not all(map(_is_placed, stated)):
        yield from _alike(stated)


def _near(placed: Sequence[UnitRow]) -> Iterator[tuple[UnitRow, UnitRow, float]]:
    """Give the near pairs of units from south to north: none further north than `NEAR` is near."""
    for position, a in enumerate(placed):
        for b in placed[position + 1 :]:
            if ((b.latitude or 0.0) - (a.latitude or 0.0)) * DEGREE > NEAR:
                break
            if a.country != b.country and (apart := distance(a, b)) <= NEAR:
                yield a, b, apart


def _alike(units: Iterable[UnitRow]) -> Iterator[tuple[UnitRow, UnitRow, float]]:
    """Give the pairs of one name of which one has no place, each once."""
    named: dict[str, list[UnitRow]] = defaultdict(list)
    for unit in units:
        for name in sorted(_names(unit)):
            named[name].append(unit)
    told: set[frozenset[str]] = set()
    for alike in named.values():
        for a in (unit for unit in alike if not _is_placed(unit)):
            for b in alike:
                pair = frozenset({a.code, b.code})
                if a.country != b.country and pair not in told:
                    told.add(pair)
                    yield a, b, math.nan


def _is_placed(unit: UnitRow) -> bool:
    return unit.latitude is not None and unit.longitude is not None


def _names(unit: UnitRow) -> set[str]:
    """Return a unit's names and other spellings, as they compare: without capitals, in one form of Unicode."""
    return {unicodedata.normalize("NFKC", name).casefold().strip() for name in (*unit.names.values(), *unit.aliases)}


def distance(a: UnitRow, b: UnitRow) -> float:
    """Return the kilometres between two units with coordinates, on a sphere (haversine)."""
    latitudes, longitudes = (
        [math.radians(one or 0.0) for one in pair] for pair in ((a.latitude, b.latitude), (a.longitude, b.longitude))
    )
    half = (math.sin((latitudes[1] - latitudes[0]) / 2), math.sin((longitudes[1] - longitudes[0]) / 2))
    return (
        2 * EARTH * math.asin(math.sqrt(half[0] ** 2 + math.cos(latitudes[0]) * math.cos(latitudes[1]) * half[1] ** 2))
    )
