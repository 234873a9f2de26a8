"""Whom a city is compared with: all ranked cities, those of its size, region or income, or cities named by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.numerics.robustness.strengths import LEAST_PEERS
from scoring.queries.published.ranking import search_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.models import ReleaseUnit

    Grouping = Mapping[str, str]

ALL: Final = "all"
CHOSEN: Final = "chosen"
SIZE: Final = "Size"
MOST_NAMED: Final = 50
SIZES: Final = (  # OECD and European Commission, classes of functional urban areas by population
    (1_500_000, "large metropolitan"),
    (500_000, "metropolitan"),
    (200_000, "medium"),
    (0, "small"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A group of peers that may be chosen: its column's code, the city's own value there, and how many peers share it."""

    code: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers asked for: ranked cities by code, without the city itself.

    ``asked`` is ``all``, ``chosen`` or a grouping's code; ``value`` the city's own value there. ``named`` is what the reader
    wrote, ``unknown`` the words of it that name no ranked city.
    """

    asked: str
    value: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    choices: tuple[Choice, ...]
    named: str
    unknown: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Say whether everybody is a peer."""
        return self.asked == ALL

    @property
    def enough(self) -> bool:
        """Say whether they are enough for a comparison."""
        return len(self.codes) >= LEAST_PEERS

    @property
    def needed(self) -> int:
        """The fewest that are enough."""
        return LEAST_PEERS


def groupings(units: Sequence[ReleaseUnit], columns: Mapping[str, Grouping]) -> dict[str, Grouping]:
    """Return what groups the units: the data's columns, and classes of population where the data name none of size."""
    found = {name: column for name, column in columns.items() if len(set(column.values())) > 1}
    if SIZE in columns:
        return found
    sizes = {unit.code: size_of(unit.population) for unit in units if unit.population is not None}
    return {SIZE: sizes, **found} if len(set(sizes.values())) > 1 else found


def size_of(population: int) -> str:
    """Return the class of a city by its population."""
    return next(name for least, name in SIZES if population >= least)


def peers_of(code: str, units: Sequence[ReleaseUnit], groups: Mapping[str, Grouping], asked: PeerQuery) -> Peers:
    """Return the peers of a unit as asked; where nothing is asked those of its size, where they are too few all."""
    ranked = sorted((unit for unit in units if unit.rank is not None and unit.code != code), key=_by_name)
    members = {
        name: [unit for unit in ranked if column.get(code) and column.get(unit.code) == column[code]]
        for name, column in groups.items()
    }
    choices = tuple(Choice(name, groups[name].get(code, ""), len(found)) for name, found in members.items())
    which = asked.peers or (CHOSEN if asked.named else "")
    unknown: list[str] = []
    if which == CHOSEN:
        chosen, unknown = _named(ranked, asked.named)
    elif which in members:
        chosen = members[which]
    elif not which and len(members.get(SIZE, ())) >= LEAST_PEERS:
        which, chosen = SIZE, members[SIZE]
    else:
        which, chosen = ALL, ranked
    return Peers(
        asked=which,
        value=groups[which].get(code, "") if which in groups else "",
        codes=tuple(unit.code for unit in chosen),
        names=tuple(unit.name for unit in chosen),
        choices=choices,
        named=asked.named,
        unknown=tuple(unknown),
    )


@dataclass(frozen=True, slots=True)
class PeerQuery:
    """Which peers a reader asks for: a group's code, or cities by name or code parted by commas; empty = no wish."""

    peers: str = ""
    named: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> PeerQuery:
        """Read it from an address' query."""
        return cls(str(query.get("peers", ""))[:64], str(query.get("cities", ""))[:2000].strip())


def _named(ranked: Sequence[ReleaseUnit], named: str) -> tuple[list[ReleaseUnit], list[str]]:
    """Find cities by code, or by a name or alias in any language; returns what names none too."""
    by_word: dict[str, ReleaseUnit] = {}
    for unit in reversed(ranked):
        by_word.update(dict.fromkeys(map(search_key, (*unit.aliases, *unit.names.values(), unit.code)), unit))
    words = [word.strip() for word in re.split("[,،、，]", named)][:MOST_NAMED]
    words = [word for word in words if word]
    found = {one.code: one for word in words if (one := by_word.get(search_key(word)))}
    return list(found.values()), [word for word in words if search_key(word) not in by_word]


def _by_name(unit: ReleaseUnit) -> tuple[str, str]:
    return search_key(unit.name), unit.code
