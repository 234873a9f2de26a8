"""One city of a release as its advice and what-if pages stand on it: who it is, what may be set, what is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.models import ReleaseUnit
from scoring.numerics.errors import NumericsError
from scoring.queries.explore.release_model import release_model
from scoring.queries.published.criteria import criteria
from scoring.queries.published.ranking import ranking_rows, tiers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.queries.explore.number_fields import Numbers, Refused
    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.ranking import RankingRow, Tier
    from scoring.queries.published.release_head import ReleaseHead

PERCENT: Final = (0.0, 100.0)
VALUE, WEIGHT = "v", "w"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question has no answer: the arithmetic's code and facts."""

    code: str
    facts: Mapping[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The city a page is about, as the release ranks it (``row`` None where it does not)."""

    head: ReleaseHead
    code: str
    name: str
    country: str
    country_code: str
    row: RankingRow | None
    total: int


@dataclass(frozen=True, slots=True)
class Control:
    """A number that a reader may set: the field's name, what is official, what is allowed, her text and its refusal."""

    field: str
    criterion: NamedCriterion
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

    criterion: NamedCriterion
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Found:
    """A release's units and criteria, and one unit of it."""

    subject: Subject
    units: Sequence[ReleaseUnit]
    tree: Mapping[str, NamedCriterion]
    tiers: Sequence[Tier]
    names: Mapping[str, str]

    @classmethod
    def read(cls, head: ReleaseHead, code: str) -> Found | None:
        """Read them; None where the release has no such unit."""
        units = list(ReleaseUnit.objects.filter(release=head.release_id).defer("values", "aggregates"))
        unit = next((one for one in units if one.code == code), None)
        if unit is None:
            return None
        tiers = tiers_of(head, units)
        rows = ranking_rows(units, tiers)
        row = next((one for one in rows if one.code == code), None)
        subject = Subject(head, code, unit.name, unit.country, unit.country_code, row, len(rows))
        tree = {one.code: one for one in criteria(head.freeze_id)}
        return cls(subject, units, tree, tiers, {one.code: one.name for one in units})

    def field(self) -> tuple[ReleaseModel | None, Refusal | None]:
        """Return the release's field, or why it has none."""
        try:
            return release_model(self.subject.head), None
        except NumericsError as error:
            return None, Refusal(error.code, error.facts, str(error))

    def control(
        self, prefix: str, code: str, official: float | None, allowed: tuple[float, float], asked: Numbers
    ) -> Control:
        """Return the control of one criterion."""
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

    def own(self, field: ReleaseModel) -> dict[str, float | None]:
        """Return the unit's values as they came in or were filled in."""
        table = field.nominal.steps["imputed"]
        if self.subject.code not in table.units:
            return {}
        row = table.values[table.units.index(self.subject.code)].tolist()
        return {code: None if math.isnan(value) else value for code, value in zip(table.columns, row, strict=True)}

    def value_groups(
        self, field: ReleaseModel, ranges: Mapping[str, tuple[float, float]], asked: Numbers
    ) -> tuple[ControlGroup, ...]:
        """Return the values that may be set, by pillar."""
        own = self.own(field)
        groups: list[tuple[NamedCriterion, list[Control]]] = []
        for code, criterion in self.tree.items():
            if criterion.depth == 1:
                groups.append((criterion, []))
            if code in ranges:
                groups[-1][1].append(self.control(VALUE, code, own.get(code), ranges[code], asked))
        return tuple(ControlGroup(pillar, tuple(controls)) for pillar, controls in groups if controls)

    def weight_groups(self, field: ReleaseModel, asked: Numbers) -> tuple[ControlGroup, ...]:
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
