"""How a city could move up: what its peers reach, what would not help, the fewest changes to a tier."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.fewest_changes import fewest_changes
from scoring.queries.explore.number_fields import read_numbers
from scoring.queries.explore.subject import Control, Found, Refusal, RefusedField, Subject
from scoring.queries.published.peers import groupings, peers_of
from scoring.queries.published.release_study import release_facts, scope_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.advice import Advice
    from scoring.numerics.robustness.fewest_changes import Fewest
    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.robustness.scope import Scope
    from scoring.numerics.types import Factor
    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.peers import PeerQuery, Peers
    from scoring.queries.published.ranking import Tier
    from scoring.queries.published.release_head import ReleaseHead

COSTS: Final = (0.01, 1e9)
SHORT: Final = 8  # rows of a list that is read at a glance
COST = "cost"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One indicator at a peer's value: rank then, places gained, nominally and in nine of ten draws (whole places).

    ``together`` other cities of the country move with it, where ``is_national``: the value was measured for the country.
    """

    criterion: NamedCriterion
    goal: str
    before: float
    value: float
    peer: str
    peer_name: str
    score: float
    rank: int
    gained: int
    low: int | None
    high: int | None
    per_cost: float | None
    together: int
    is_national: bool


@dataclass(frozen=True, slots=True)
class NoHelpLine:
    """An indicator that would not help, with the reason's code."""

    criterion: NamedCriterion
    reason: str


@dataclass(frozen=True, slots=True)
class ValueChange:
    """An indicator brought to a peer's value, and so many other cities of the country ``together`` with it."""

    criterion: NamedCriterion
    before: float | None
    value: float
    peer: str
    peer_name: str
    together: int


@dataclass(frozen=True, slots=True)
class FewestLine:
    """The fewest changes to the next tier, as `Fewest` has them."""

    state: str
    target: Tier | None
    changes: tuple[ValueChange, ...]
    rank: int | None
    score: float | None
    cost: float | None
    is_proven: bool
    all_rank: int | None


@dataclass(frozen=True, slots=True)
class AdvicePage:
    """What is within reach of a city; without an answer ``refusal`` says why, and the lists are empty.

    ``is_apart``: more than half of the scores' variance lies between countries, so that what changes by a value of the country
    stands apart, for the country to read.
    """

    subject: Subject
    peers: Peers
    steps: tuple[StepLine, ...]
    would_not_help: tuple[NoHelpLine, ...]
    fewest: FewestLine | None
    covers: tuple[Factor, ...]
    draws: int
    costs: tuple[Control, ...]
    has_costs: bool
    refused: tuple[RefusedField, ...]
    refusal: Refusal | None
    is_apart: bool
    scope: Scope

    @property
    def head(self) -> ReleaseHead:
        """The release."""
        return self.subject.head

    @property
    def first_steps(self) -> tuple[StepLine, ...]:
        """The changes that gain most, of the city's own values where the country's stand apart."""
        return self._of_city[:SHORT]

    @property
    def more_steps(self) -> tuple[StepLine, ...]:
        """The other changes that gain a place."""
        return self._of_city[SHORT:]

    @property
    def country_steps(self) -> tuple[StepLine, ...]:
        """The changes by a value of the country, where they stand apart."""
        return tuple(step for step in self._gaining if step.is_national) if self.is_apart else ()

    @property
    def _of_city(self) -> tuple[StepLine, ...]:
        return tuple(step for step in self._gaining if not (self.is_apart and step.is_national))

    @property
    def _gaining(self) -> tuple[StepLine, ...]:
        return tuple(step for step in self.steps if step.gained > 0)


def advice_page(head: ReleaseHead, code: str, asked: PeerQuery, query: Mapping[str, str]) -> AdvicePage | None:
    """Return what is within reach of a unit, or None where the release has no such unit; five queries.

    ``query`` may hold costs as ``cost.<indicator>=<number>``.
    """
    found = Found.read(head, code)
    if found is None:
        return None
    field, refusal = found.field()
    columns = {} if field is None else _grouping_columns(field)
    peers = peers_of(code, found.units, groupings(found.units, columns), asked)
    indicators = () if field is None else field.nominal.indicators
    costs = read_numbers(query, COST, dict.fromkeys(indicators, COSTS))
    advice: Advice | None = None
    fewest: Fewest | None = None
    if field is not None and not costs.refused:
        try:
            advice = reachable(field, code, peers.codes, costs.values or None)
            fewest = fewest_changes(field, code, peers.codes, costs.values or None)
        except NumericsError as error:
            refusal = Refusal(error.code, error.facts, str(error))
    facts = release_facts(head)
    shares, covers = facts.countries, advice.covers if advice else ()
    return AdvicePage(
        subject=found.subject,
        peers=peers,
        steps=() if advice is None or field is None else tuple(_step(found, one, field) for one in advice.steps),
        would_not_help=()
        if advice is None
        else tuple(NoHelpLine(found.tree[one.indicator], one.reason) for one in advice.would_not_help),
        fewest=None if fewest is None or field is None else _fewest(found, fewest, field),
        covers=covers,
        draws=0 if advice is None else advice.draws,
        costs=tuple(found.control(COST, one, None, COSTS, costs) for one in indicators),
        has_costs=bool(costs.texts),
        refused=found.refused(costs),
        refusal=refusal,
        is_apart=shares is not None and shares.is_most,
        scope=scope_over(covers, facts),
    )


def _grouping_columns(field: ReleaseModel) -> dict[str, dict[str, str]]:
    table = field.nominal.steps["imputed"]
    return {name: dict(zip(table.units, column, strict=True)) for name, column in table.groups.items()}


def _step(on: Found, one: Any, field: ReleaseModel) -> StepLine:
    return StepLine(
        criterion=on.tree[one.indicator],
        goal=one.goal,
        before=one.before,
        value=one.value,
        peer=one.peer,
        peer_name=on.names[one.peer],
        score=one.score,
        rank=one.rank,
        gained=one.gained,
        low=None if one.low is None else min(one.gained, math.floor(one.low)),
        high=None if one.high is None else max(one.gained, math.ceil(one.high)),
        per_cost=one.per_cost,
        together=one.together,
        is_national=field.is_national(on.subject.code, one.indicator),
    )


def _fewest(on: Found, found: Fewest, field: ReleaseModel) -> FewestLine:
    own = on.own(field)
    return FewestLine(
        state=found.state,
        target=None if found.target is None else on.tiers[found.target - 1],
        changes=tuple(
            ValueChange(
                criterion=on.tree[code],
                before=own.get(code),
                value=value,
                peer=peer,
                peer_name=on.names[peer],
                together=len(field.companions(on.subject.code, code)),
            )
            for code, value, peer in found.changes
        ),
        rank=found.rank,
        score=found.score,
        cost=found.cost,
        is_proven=found.is_proven,
        all_rank=found.all_rank,
    )
