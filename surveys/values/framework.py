"""A framework as plain values: the rows of its file, and the tree that they form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast

from scoring.numerics.types import Tree, TreeCriterion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring.numerics.types import Lever

IN_TREE: Final = ("Indicator", "Aggregate")
ENGLISH: Final = "en"
LEVER: Final = "Lever"  # the column that says who could change an indicator


@dataclass(frozen=True)
class FrameworkRow:
    """One row of a framework file: a node of the tree, or a further column of the data (group, denominator, other)."""

    code: str
    parent: str | None = None
    level: int | None = None
    kind: str = "Indicator"
    direction: Literal[-1, 1] = 1
    weight: float = 1.0
    unit: str = ""
    target: float | None = None
    denominator: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def lever(self) -> str:
        """Who could change the indicator: city, country or nobody; empty where nobody said."""
        return self.extra.get(LEVER, "")


def words_of(rows: Iterable[FrameworkRow]) -> frozenset[str]:
    """Return the names of all rows in every language, which a file of the framework may hold."""
    return frozenset(name for row in rows for name in row.names.values())


def tree_of(rows: Iterable[FrameworkRow]) -> Tree:
    """Return the rows' tree; groups, denominators and others are not part of it.

    Raises
    ------
    TreeError
        The rows do not form one tree.
    """
    return Tree(
        tuple(
            TreeCriterion(
                code=row.code,
                parent=row.parent,
                name=row.names.get(ENGLISH, row.code),
                is_indicator=row.kind == "Indicator",
                direction=row.direction,
                weight=row.weight,
                unit=row.unit,
                target=row.target,
                denominator=row.denominator or None,
                lever=cast("Lever", row.lever),
            )
            for row in rows
            if row.kind in IN_TREE
        )
    )
