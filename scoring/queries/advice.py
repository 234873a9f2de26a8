"""How a city could move up, and what if its values or the weights were others: pages about one city of a release."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.models import ReleaseUnit
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.advice import fewest_changes, reachable
from scoring.numerics.robustness.what_if import possible, what_if
from scoring.queries.asked import read_numbers
from scoring.queries.criteria import criteria
from scoring.queries.fields import field_of
from scoring.queries.peers import groupings, peers_of
from scoring.queries.rankings import ranking_rows, tiers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.numerics.robustness.advice import Advice, Fewest
    from scoring.numerics.robustness.fields import Field
    from scoring.numerics.robustness.what_if import WhatIf
    from scoring.numerics.types import Factor
    from scoring.queries.asked import Numbers, Refused
    from scoring.queries.criteria import Criterion
    from scoring.queries.peers import Asked, Peers
    from scoring.queries.publications import Head
    from scoring.queries.rankings import Row, Tier

COSTS: Final = (0.01, 1e9)
PERCENT: Final = (0.0, 100.0)
SHORT: Final = 8  # rows of a list that is read at a glance
VALUE, WEIGHT, COST = "v", "w", "cost"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question has no answer: the arithmetic's code and facts."""

    code: str
    facts: Mapping[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The city a page is about, as the release ranks it (``row`` None where it does not)."""

    head: Head
    code: str
    name: str
    country: str
    country_code: str
    row: Row | None
    total: int


@dataclass(frozen=True, slots=True)
class Control:
    """A number that a reader may set: the field's name, what is official, what is allowed, her text and its refusal."""

    field: str
    criterion: Criterion
    official: float | None
    low: float
    high: float
    text: str
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that is refused, by the name of its criterion (or the code written, where there is no such criterion)."""

    name: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """Controls under one criterion."""

    criterion: Criterion
    controls: tuple[Control, ...]


# --- how could it move up -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepLine:
    """One indicator at a peer's value: rank then, places gained, nominally and in nine of ten draws (whole places)."""

    criterion: Criterion
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


@dataclass(frozen=True, slots=True)
class NoHelpLine:
    """An indicator that would not help, with the reason's code."""

    criterion: Criterion
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator brought to a peer's value."""

    criterion: Criterion
    before: float | None
    value: float
    peer: str
    peer_name: str


@dataclass(frozen=True, slots=True)
class FewestLine:
    """The fewest changes to the next tier, as `Fewest` has them."""

    state: str
    target: Tier | None
    changes: tuple[Change, ...]
    rank: int | None
    score: float | None
    cost: float | None
    is_proven: bool
    all_rank: int | None


@dataclass(frozen=True, slots=True)
class AdvicePage:
    """What is within reach of a city; without an answer ``refusal`` says why, and the lists are empty."""

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

    @property
    def head(self) -> Head:
        """The release."""
        return self.subject.head

    @property
    def first_steps(self) -> tuple[StepLine, ...]:
        """The changes that gain most."""
        return self._gaining[:SHORT]

    @property
    def more_steps(self) -> tuple[StepLine, ...]:
        """The other changes that gain a place."""
        return self._gaining[SHORT:]

    @property
    def _gaining(self) -> tuple[StepLine, ...]:
        return tuple(step for step in self.steps if step.gained > 0)


def advice_page(head: Head, code: str, asked: Asked, query: Mapping[str, str]) -> AdvicePage | None:
    """Return what is within reach of a unit, or None where the release has no such unit; four queries.

    ``query`` may hold costs as ``cost.<indicator>=<number>``.
    """
    found = _Found.read(head, code)
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
    return AdvicePage(
        subject=found.subject,
        peers=peers,
        steps=() if advice is None else tuple(found.step(one) for one in advice.steps),
        would_not_help=()
        if advice is None
        else tuple(NoHelpLine(found.tree[one.indicator], one.reason) for one in advice.would_not_help),
        fewest=None if fewest is None or field is None else found.fewest(fewest, field),
        covers=() if advice is None else advice.covers,
        draws=0 if advice is None else advice.draws,
        costs=tuple(found.control(COST, one, None, COSTS, costs) for one in indicators),
        has_costs=bool(costs.texts),
        refused=found.refused(costs),
        refusal=refusal,
    )


def _grouping_columns(field: Field) -> dict[str, dict[str, str]]:
    table = field.nominal.steps["imputed"]
    return {name: dict(zip(table.units, column, strict=True)) for name, column in table.groups.items()}


# --- what if ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PillarChange:
    """A criterion under the root with its official score and the one asked for."""

    criterion: Criterion
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Another city whose rank would be another; ``gained`` places, negative for lost."""

    code: str
    name: str
    before: int
    after: int

    @property
    def gained(self) -> int:
        """Places gained."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Setting:
    """A number as it is official and as it was asked; a weight is a share of its siblings."""

    criterion: Criterion
    before: float | None
    after: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the changed values and weights make of a city: never an official result.

    ``low`` and ``high`` hold nine of ten ranks in ``draws`` draws of what ``covers`` names, in whole ranks.
    ``has_own_weights`` says that the reader's weights stand for the panel's.
    """

    values: tuple[Setting, ...]
    weights: tuple[Setting, ...]
    official_score: float
    official_rank: int
    official_tier: Tier
    score: float
    rank: int
    tier: Tier
    low: int | None
    high: int | None
    covers: tuple[Factor, ...]
    draws: int
    pillars: tuple[PillarChange, ...]
    moved: tuple[Moved, ...]
    ranks: tuple[Moved, ...]
    has_own_weights: bool

    @property
    def gained(self) -> int:
        """Places gained."""
        return self.official_rank - self.rank

    @property
    def lost(self) -> int:
        """Places lost."""
        return self.rank - self.official_rank


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """The question about a city as it was asked, and its answer, None where nothing or nothing possible was asked."""

    subject: Subject
    groups: tuple[ControlGroup, ...]
    weights: tuple[ControlGroup, ...]
    asks: bool
    refused: tuple[RefusedField, ...]
    refusal: Refusal | None
    outcome: Outcome | None

    @property
    def asks_weights(self) -> bool:
        """Say whether the reader wrote a weight."""
        return any(control.text for group in self.weights for control in group.controls)

    @property
    def head(self) -> Head:
        """The release."""
        return self.subject.head


def what_if_page(head: Head, code: str, query: Mapping[str, str], *, always: bool = False) -> WhatIfPage | None:
    """Return the answer to a what-if, or None where the release has no such unit; four queries.

    ``query`` holds new values as ``v.<indicator>=<number>``, and weights in per cent of their siblings as
    ``w.<criterion>=<number>``. Where nothing is asked there is an answer only ``always``: the official result.
    """
    found = _Found.read(head, code)
    if found is None:
        return None
    field, refusal = found.field()
    if field is None:
        return WhatIfPage(found.subject, (), (), asks=False, refused=(), refusal=refusal, outcome=None)
    ranges = possible(field)
    values = read_numbers(query, VALUE, ranges)
    weights = read_numbers(query, WEIGHT, dict.fromkeys(_weighed(field), PERCENT))
    asks = bool(values.texts or weights.texts)
    refused = (*found.refused(values), *found.refused(weights))
    outcome = None
    if not refused and (asks or always):
        shares = {one: percent / 100 for one, percent in weights.values.items()}
        try:
            outcome = found.outcome(what_if(field, code, values.values, shares), field, weights)
        except NumericsError as error:
            refusal = Refusal(error.code, error.facts, str(error))
    elif not refused and found.subject.row is None:
        refusal = Refusal("not_ranked", {"unit": code}, f"{code} has no rank")
    return WhatIfPage(
        subject=found.subject,
        groups=found.value_groups(field, ranges, values),
        weights=found.weight_groups(field, weights),
        asks=asks,
        refused=refused,
        refusal=refusal,
        outcome=outcome,
    )


def _weighed(field: Field) -> list[str]:
    """Return the criteria whose weight can change anything: those with siblings that have data."""
    alive = [node.children for node in field.official.plans if len(node.children) > 1]
    return [code for children in alive for code in children]


# --- what both stand on -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A release's units and criteria, and one unit of it."""

    subject: Subject
    units: Sequence[ReleaseUnit]
    tree: Mapping[str, Criterion]
    tiers: Sequence[Tier]
    names: Mapping[str, str]

    @classmethod
    def read(cls, head: Head, code: str) -> _Found | None:
        units = list(ReleaseUnit.objects.filter(release=head.release_id).defer("values", "aggregates"))
        unit = next((one for one in units if one.code == code), None)
        if unit is None:
            return None
        tiers = tiers_of(head, units)
        rows = ranking_rows(units, tiers)
        row = next((one for one in rows if one.code == code), None)
        subject = Subject(head, code, unit.name, unit.country, unit.country_code, row, len(rows))
        tree = {one.code: one for one in criteria(head.edition_id)}
        return cls(subject, units, tree, tiers, {one.code: one.name for one in units})

    def field(self) -> tuple[Field | None, Refusal | None]:
        """Return the release's field, or why it has none."""
        try:
            return field_of(self.subject.head), None
        except NumericsError as error:
            return None, Refusal(error.code, error.facts, str(error))

    def control(
        self, prefix: str, code: str, official: float | None, allowed: tuple[float, float], asked: Numbers
    ) -> Control:
        return Control(
            field=f"{prefix}.{code}",
            criterion=self.tree[code],
            official=official,
            low=allowed[0],
            high=allowed[1],
            text=asked.texts.get(code, ""),
            refused=asked.refused.get(code),
        )

    def refused(self, asked: Numbers) -> tuple[RefusedField, ...]:
        """Return what is refused, with the names of the criteria."""
        return tuple(
            RefusedField(self.tree[code].name if code in self.tree else code, one)
            for code, one in asked.refused.items()
        )

    def own(self, field: Field) -> dict[str, float | None]:
        """Return the unit's values as they came in or were filled in."""
        table = field.nominal.steps["imputed"]
        if self.subject.code not in table.units:
            return {}
        row = table.values[table.units.index(self.subject.code)].tolist()
        return {code: None if math.isnan(value) else value for code, value in zip(table.columns, row, strict=True)}

    def value_groups(
        self, field: Field, ranges: Mapping[str, tuple[float, float]], asked: Numbers
    ) -> tuple[ControlGroup, ...]:
        own = self.own(field)
        groups: list[tuple[Criterion, list[Control]]] = []
        for code, criterion in self.tree.items():
            if criterion.depth == 1:
                groups.append((criterion, []))
            if code in ranges:
                groups[-1][1].append(self.control(VALUE, code, own.get(code), ranges[code], asked))
        return tuple(ControlGroup(pillar, tuple(controls)) for pillar, controls in groups if controls)

    def weight_groups(self, field: Field, asked: Numbers) -> tuple[ControlGroup, ...]:
        """Return the weights by parent, the root's children first."""
        return tuple(
            ControlGroup(
                self.tree[node.node],
                tuple(
                    self.control(WEIGHT, code, field.local[code], PERCENT, asked)
                    for code in self.tree
                    if code in node.children
                ),
            )
            for node in reversed(field.official.plans)
            if len(node.children) > 1
        )

    def step(self, one: Any) -> StepLine:
        return StepLine(
            criterion=self.tree[one.indicator],
            goal=one.goal,
            before=one.before,
            value=one.value,
            peer=one.peer,
            peer_name=self.names[one.peer],
            score=one.score,
            rank=one.rank,
            gained=one.gained,
            low=None if one.low is None else min(one.gained, math.floor(one.low)),
            high=None if one.high is None else max(one.gained, math.ceil(one.high)),
            per_cost=one.per_cost,
        )

    def fewest(self, found: Fewest, field: Field) -> FewestLine:
        own = self.own(field)
        return FewestLine(
            state=found.state,
            target=None if found.target is None else self.tiers[found.target - 1],
            changes=tuple(
                Change(self.tree[code], own.get(code), value, peer, self.names[peer])
                for code, value, peer in found.changes
            ),
            rank=found.rank,
            score=found.score,
            cost=found.cost,
            is_proven=found.is_proven,
            all_rank=found.all_rank,
        )

    def outcome(self, found: WhatIf, field: Field, weights: Numbers) -> Outcome:
        own = self.own(field)
        ranks = tuple(
            Moved(code, self.names[code], int(before), int(after))
            for code, before, after in sorted(
                zip(found.units, found.official_ranks, found.ranks, strict=True),
                key=lambda row: (row[2], row[1], row[0]),
            )
            if before and after
        )
        local = found.local or field.local
        return Outcome(
            values=tuple(Setting(self.tree[code], own.get(code), value) for code, value in found.values.items()),
            weights=tuple(Setting(self.tree[code], field.local[code], local[code]) for code in weights.values),
            official_score=found.official_score,
            official_rank=found.official_rank,
            official_tier=self.tiers[found.official_tier - 1],
            score=found.score,
            rank=found.rank,
            tier=self.tiers[found.tier - 1],
            low=None if found.rank_low is None else min(found.rank, math.floor(found.rank_low)),
            high=None if found.rank_high is None else max(found.rank, math.ceil(found.rank_high)),
            covers=found.covers,
            draws=found.draws,
            pillars=tuple(PillarChange(self.tree[code], before, after) for code, before, after in found.pillars),
            moved=tuple(one for one in ranks if one.gained and one.code != self.subject.code),
            ranks=ranks,
            has_own_weights=found.local is not None,
        )
