"""What moves a release's scores and weights, from its files: importance beside weight, and the most one person could do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from scoring.models import ReleaseUnit
from scoring.queries.published.release_study import release_study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.release_head import ReleaseHead


@dataclass(frozen=True, slots=True)
class ImportanceLine:
    """A criterion's share of its siblings' weight and of what moves the score above; None where that is not defined."""

    criterion: NamedCriterion
    weight: float | None
    importance: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True)
class ImportanceGroup:
    """A node with what moves its score; ``undefined`` says why nothing is told: few_units, constant_score, else empty."""

    node: NamedCriterion
    not_explained: float | None
    undefined: str
    children: tuple[ImportanceLine, ...]


@dataclass(frozen=True, slots=True)
class OnePersonLine:
    """The most that one of a node's experts could do there; ``unit`` (code and name) changes its rank most, if any does."""

    node: NamedCriterion
    experts: int
    criterion: NamedCriterion
    weight: float
    weight_then: float
    is_exact: bool
    moved: int
    unit: str
    unit_name: str
    rank: int | None
    rank_then: int | None

    @property
    def change(self) -> float:
        """By how much the weight would move."""
        return self.weight_then - self.weight


@dataclass(frozen=True, slots=True)
class Movers:
    """What moves scores and weights; both empty for a release before format 5, ``one_person`` also without a panel."""

    importance: tuple[ImportanceGroup, ...]
    one_person: tuple[OnePersonLine, ...]

    @property
    def most(self) -> OnePersonLine | None:
        """The largest change of a weight among the nodes."""
        return max(self.one_person, key=lambda line: abs(line.change), default=None)


def movers(head: ReleaseHead, tree: Mapping[str, NamedCriterion]) -> Movers:
    """Return what a release's files tell; two queries, none once it is read, and one more where they name a unit."""
    found = release_study(head)
    codes = {row.unit for row in found.one_person if row.unit}
    units = ReleaseUnit.objects.filter(release=head.release_id, code__in=codes).only("code", "names") if codes else ()
    names = {unit.code: unit.name for unit in units}
    groups = groupby((row for row in found.importance if row.code in tree), key=lambda row: row.parent)
    return Movers(
        importance=tuple(
            ImportanceGroup(
                node=tree[parent],
                not_explained=rows[0].not_explained,
                undefined=rows[0].undefined,
                children=tuple(
                    ImportanceLine(tree[row.code], row.weight, row.importance, row.correlation) for row in rows
                ),
            )
            for parent, rows in ((parent, list(some)) for parent, some in groups)
        ),
        one_person=tuple(
            OnePersonLine(
                node=tree[row.node],
                experts=row.experts,
                criterion=tree[row.code],
                weight=row.weight,
                weight_then=row.weight_then,
                is_exact=row.reach == "exact",
                moved=row.moved,
                unit=row.unit,
                unit_name=names.get(row.unit, row.unit),
                rank=row.rank,
                rank_then=row.rank_then,
            )
            for row in found.one_person
            if row.node in tree and row.code in tree
        ),
    )
