"""The ranking of a release as a page reads it: rows with intervals and tiers, and what may be said of the whole."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from accounts.names import localised
from scoring.models import Freeze, ReleaseUnit
from scoring.numerics.composite.ranking import SLACK
from scoring.numerics.robustness.intervals import runs_told_apart
from scoring.queries.published.headline import Finding, RankedPlace, Untypical, finding, untypical
from scoring.queries.published.release_study import ReleaseFacts, release_facts, release_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scoring.queries.published.release_head import ReleaseHead

ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": None})


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier with its rule: shares of positions from ``low`` (not included) to ``high``, or scores from ``low`` up.

    ``first`` and ``last`` are the ranks it holds, ``count`` its units. Its places begin after ``above`` and end with ``until``:
    by its shares, whoever holds them; of a tier by scores, the ranks it holds.
    """

    number: int
    by: Literal["position", "score"]
    low: float | None
    high: float | None
    count: int
    first: int
    last: int
    above: int
    until: int

    def holds(self, low: int, high: int) -> bool:
        """Say whether all ranks from one to another are places of the tier."""
        return self.above < low and high <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRow(RankedPlace):
    """A unit in the ranking; ``crosses`` says that its joint set reaches beyond the ranks of its tier.

    In a release without joint sets it is the unit's own interval that does, which says less: it holds for that unit alone.
    ``usual`` is the tier drawn most often, None where nobody counted.
    """

    code: str
    country_code: str
    country: str
    tier: Tier
    score: float
    crosses: bool
    usual: Tier | None = None


@dataclass(frozen=True, slots=True)
class UnrankedUnit:
    """A unit left unranked by the rule on missing data: the share of its values given, and the share needed.

    ``reason`` is that of a rule frozen before the data, which leaves it out for its circumstances; empty otherwise.
    """

    code: str
    name: str
    country: str
    share: float | None
    needed: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CountryChoice:
    """A choice of the country filter."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """One release's ranking, filtered and sorted as asked; ``total`` counts the ranked units of the whole release.

    ``beside`` is what stands beside its numbers. ``is_by_name`` says that the cities of the country asked for stand by name
    where they are not told apart, or of each country where they are listed by country, since most of the scores' variance lies between countries.
    """

    head: ReleaseHead
    finding: Finding | None
    beside: ReleaseFacts
    is_by_name: bool
    untypical: Untypical
    total: int
    countries: tuple[CountryChoice, ...]
    tiers: tuple[Tier, ...]
    rows: tuple[RankingRow, ...]
    left_out: tuple[UnrankedUnit, ...]
    has_intervals: bool
    has_joint_sets: bool
    indicators: int
    asked: str
    country: str
    sort: str

    @property
    def is_filtered(self) -> bool:
        """Say whether rows are left out because the reader asked so."""
        return bool(self.asked or self.country)


SORTS: Mapping[str, Callable[[RankingRow], Any]] = {
    "rank": lambda row: (row.rank, search_key(row.name)),
    "name": lambda row: search_key(row.name),
    "country": lambda row: (search_key(row.country), row.rank),
}


def ranking_page(head: ReleaseHead, *, asked: str = "", country: str = "", sort: str = "rank") -> RankingPage:
    """Return the ranking of a release; four queries, and two more for a country's before its files are read.

    ``asked`` is looked for in every name and alias in any language, ``country`` is a country's code; an unknown
    ``sort`` is by rank.
    """
    units = list(ReleaseUnit.objects.filter(release=head.release_id).defer("values", "aggregates"))
    tiers = tiers_of(head, units)
    rows = ranking_rows(units, tiers)
    wanted = {unit.code for unit in units if is_found(unit, asked) and country in ("", unit.country_code)}
    key = sort if sort in SORTS else "rank"
    beside = release_facts(head)
    shown = sorted((row for row in rows if row.code in wanted), key=SORTS[key])
    is_most = beside.countries is not None and beside.countries.is_most
    is_by_name = is_most and (key == "country" or (key == "rank" and bool(country)))
    return RankingPage(
        head=head,
        finding=finding(rows, beside.apart),
        beside=beside,
        is_by_name=is_by_name,
        untypical=untypical(rows),
        total=len(rows),
        countries=_countries(units),
        tiers=tiers,
        rows=tuple(_by_country_unless_told_apart(head, shown) if is_by_name else shown),
        left_out=tuple(unranked(unit) for unit in units if unit.rank is None and unit.code in wanted),
        has_intervals=any(row.low is not None for row in rows),
        has_joint_sets=any(row.joint_low is not None for row in rows),
        indicators=_indicators(head),
        asked=asked,
        country=country,
        sort=key,
    )


# --- rows and tiers -----------------------------------------------------------------------------------------------------


def tiers_of(head: ReleaseHead, units: Sequence[ReleaseUnit]) -> tuple[Tier, ...]:
    """Return the tiers that the frozen recipe states, with the ranks each holds; one query."""
    content = Freeze.objects.values_list("recipe__content", flat=True).get(pk=head.freeze_id)
    return tier_rules(content["tiers"], units)


def tier_rules(rule: Mapping[str, Any], units: Sequence[ReleaseUnit]) -> tuple[Tier, ...]:
    """Return the tiers of a rule (as stored in a recipe) with the ranks each holds among the units."""
    ranks: dict[int, list[int]] = {}
    for unit in units:
        if unit.rank is not None and unit.tier is not None:
            ranks.setdefault(unit.tier, []).append(unit.rank)
    by: Literal["position", "score"] = "score" if rule.get("by") == "score" else "position"
    bounds = [None, *rule["scores"], None] if by == "score" else [0.0, *rule["shares"]]
    total = sum(map(len, ranks.values()))
    found = []
    for number in range(1, len(bounds)):
        low, high = (bounds[number], bounds[number - 1]) if by == "score" else (bounds[number - 1], bounds[number])
        held = ranks.get(number, [0])
        places = (min(held) - 1, max(held)) if by == "score" else (_places(low, total), _places(high, total))
        found.append(Tier(number, by, low, high, len(ranks.get(number, ())), min(held), max(held), *places))
    return tuple(found)


def _places(share: float, total: int) -> int:
    """Return how many places a share of the ranked units is."""
    return math.floor(share * total + SLACK)


def ranking_rows(units: Sequence[ReleaseUnit], tiers: Sequence[Tier]) -> tuple[RankingRow, ...]:
    """Return the ranked units as rows, by rank."""
    ranked = sorted((unit for unit in units if unit.rank is not None), key=lambda unit: (unit.rank or 0, unit.code))
    by_number = {tier.number: tier for tier in tiers}
    return tuple(_row(unit, by_number[unit.tier or len(tiers)], by_number.get(unit.modal_tier or 0)) for unit in ranked)


def _row(unit: ReleaseUnit, tier: Tier, usual: Tier | None) -> RankingRow:
    place = RankedPlace.of(unit)
    is_joint = place.joint_low is not None
    low, high = (place.joint_low, place.joint_high) if is_joint else (place.low, place.high)
    return RankingRow(
        code=unit.code,
        name=place.name,
        country_code=unit.country_code,
        country=unit.country,
        rank=place.rank,
        low=place.low,
        high=place.high,
        joint_low=place.joint_low,
        joint_high=place.joint_high,
        half=place.half,
        tier_number=place.tier_number,
        modal_tier=place.modal_tier,
        tier=tier,
        usual=usual,
        score=unit.score or 0.0,
        crosses=low is not None and high is not None and not tier.holds(low, high),
    )


def unranked(unit: ReleaseUnit) -> UnrankedUnit:
    """Return a unit that has no rank, with why."""
    facts = unit.left_out
    reason = localised(facts.get("reason") or {})
    return UnrankedUnit(unit.code, unit.name, unit.country, facts.get("share"), facts.get("needed"), reason)


def _countries(units: Sequence[ReleaseUnit]) -> tuple[CountryChoice, ...]:
    named = {unit.country_code: localised(unit.country_names) for unit in units if unit.country_code}
    return tuple(
        CountryChoice(code, name) for code, name in sorted(named.items(), key=lambda item: search_key(item[1]))
    )


def _indicators(head: ReleaseHead) -> int:
    rows = Freeze.objects.values_list("content__framework", flat=True).get(pk=head.freeze_id)
    return sum(row["kind"] == "Indicator" for row in rows)


# --- within a country ----------------------------------------------------------------------------------------------------


def _by_country_unless_told_apart(head: ReleaseHead, rows: Sequence[RankingRow]) -> Iterator[RankingRow]:
    """Put the rows of each country, which stand together, into an order that says no more than is known."""
    for _, of_country in groupby(rows, key=lambda row: row.country_code):
        yield from _unless_told_apart(head, list(of_country))


def _unless_told_apart(head: ReleaseHead, rows: Sequence[RankingRow]) -> list[RankingRow]:
    """Put rows by rank into an order that says no more than is known; without pairs nobody is told apart.

    They stand by name, but where all above are told apart from all below.
    """
    studied = release_study(head).studied
    place = {code: position for position, code in enumerate(studied.columns if studied else ())}
    runs = [0] * len(rows)
    if studied and all(row.code in place for row in rows):
        own = [place[row.code] for row in rows]
        runs = runs_told_apart(studied.pairs[np.ix_(own, own)]).tolist()
    in_runs = sorted(zip(runs, rows, strict=True), key=lambda pair: (pair[0], search_key(pair[1].name)))
    return [row for _, row in in_runs]


# --- finding a unit -----------------------------------------------------------------------------------------------------


def search_key(text: str) -> str:
    """Return the text as it is compared: no case, no accents or vowel marks, Arabic letters of one sound as one."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return plain.translate(ARABIC).casefold().strip()


def is_found(unit: ReleaseUnit, asked: str) -> bool:
    """Say whether the words asked for stand in a name or alias of the unit, in any language."""
    words = search_key(asked)
    return not words or any(words in search_key(text) for text in (*unit.names.values(), *unit.aliases, unit.code))
