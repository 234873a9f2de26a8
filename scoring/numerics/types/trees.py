"""The indicator system: criteria in one rooted tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from scoring.numerics.errors import TreeError
from scoring.numerics.types.names import Lever


@dataclass(frozen=True, slots=True)
class TreeCriterion:
    """A node of the tree; an indicator is a leaf with direction, unit, denominator, and who could change it."""

    code: str
    parent: str | None
    name: str = ""
    is_indicator: bool = False
    direction: Literal[-1, 1] = 1
    weight: float = 1.0
    unit: str = ""
    target: float | None = None
    denominator: str | None = None
    lever: Lever = ""


@dataclass(frozen=True)
class Tree:
    """The criteria as one rooted tree, in the order given; siblings keep that order everywhere.

    Raises
    ------
    TreeError
        Duplicate code, unknown parent, no root or two, a cycle, an indicator with children, an aggregate without; a lever
        that is none, or of an aggregate.
    """

    criteria: tuple[TreeCriterion, ...]

    def __post_init__(self) -> None:
        """Check the shape once."""
        codes = [criterion.code for criterion in self.criteria]
        for code in codes:
            if codes.count(code) > 1:
                raise TreeError(f"criterion {code} stands twice", criterion=code)
        roots = [criterion.code for criterion in self.criteria if criterion.parent is None]
        if len(roots) != 1:
            raise TreeError(f"one criterion has no parent; here {len(roots)} have none: {roots}", roots=roots)
        known = set(codes)
        parents = {criterion.parent for criterion in self.criteria}
        for criterion in self.criteria:
            if criterion.parent is not None and criterion.parent not in known:
                raise TreeError(f"{criterion.code}: parent {criterion.parent} is unknown", criterion=criterion.code)
            if criterion.is_indicator and criterion.code in parents:
                raise TreeError(f"indicator {criterion.code} has children", criterion=criterion.code)
            if not criterion.is_indicator and criterion.code not in parents:
                raise TreeError(f"{criterion.code} is no indicator and has no children", criterion=criterion.code)
            if criterion.lever not in get_args(Lever) or (criterion.lever and not criterion.is_indicator):
                allowed = (
                    ", ".join(filter(None, get_args(Lever))) if criterion.is_indicator else "none: it is no indicator"
                )
                raise TreeError(
                    f"{criterion.code}: lever {criterion.lever} is unknown; allowed: {allowed}",
                    criterion=criterion.code,
                )
        if len(self._below(roots[0])) != len(codes):
            lost = sorted(known - set(self._below(roots[0])))
            raise TreeError(f"these criteria form a cycle: {lost}", criteria=lost)

    def _below(self, code: str) -> list[str]:
        """Return the code and all its descendants, depth first."""
        found, waiting = [], [code]
        while waiting:
            below = waiting.pop()
            found.append(below)
            waiting.extend(reversed([c.code for c in self.criteria if c.parent == below]))
        return found

    @cached_property
    def by_code(self) -> Mapping[str, TreeCriterion]:
        """Criteria by code."""
        return {criterion.code: criterion for criterion in self.criteria}

    @cached_property
    def root(self) -> str:
        """Code of the root."""
        return next(criterion.code for criterion in self.criteria if criterion.parent is None)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Children's codes by node, in the order given."""
        return {
            node: tuple(c.code for c in self.criteria if c.parent == node)
            for node in (c.code for c in self.criteria if not c.is_indicator)
        }

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Codes of the aggregates (nodes with children), parents before children, depth first from the root."""
        return tuple(code for code in self._below(self.root) if not self.by_code[code].is_indicator)

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the leaves, depth first from the root."""
        return tuple(code for code in self._below(self.root) if self.by_code[code].is_indicator)

    @cached_property
    def height(self) -> Mapping[str, int]:
        """Level by code as in COINr's iMeta: 1 = indicator, a node one above its highest child."""
        levels = dict.fromkeys(self.indicators, 1)
        for node in reversed(self.nodes):
            levels[node] = 1 + max(levels[child] for child in self.children[node])
        return levels

    def global_weights(self, local: Mapping[str, float]) -> dict[str, float]:
        """Multiply local weights (by code; the root's is 1) down the tree; returns the global weight of every code."""
        out = {self.root: 1.0}
        for node in self.nodes:
            for child in self.children[node]:
                out[child] = out[node] * local[child]
        return out
