"""Judgements as a file gives them, a pair a row, whatever its form: what is wrong with them, and the panel they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from exchange.names import KnownWords
from exchange.numbers import NumberColumn
from exchange.problems import FileProblem, FileProblemsError, listed, nearest
from scoring.numerics.ahp.pairwise import judgements_from_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exchange.options import FileReading
    from scoring.numerics.types import PanelJudgements, Scale, Tree

LARGEST: Final = 1e9
LAST_STEP: Final = 9 * (1 + 1e-9)
WEIGHT: Final = NumberColumn(low=0.0, not_number="not_weight", outside="not_weight")


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """One answer of a file.

    Attributes
    ----------
    row, column : int | None, str
        Its place.
    value : float | None
        How many times ``a`` matters more than ``b`` under ``node``; None where it is not answered.
    half_unit : float
        Half a unit of the last digit that is printed of it.
    """

    row: int | None
    column: str
    expert: str
    node: str
    a: str
    b: str
    value: float | None
    weight: float = 1.0
    group: str = ""
    language: str = ""
    half_unit: float = 0.0


def ratio_column(reading: FileReading) -> NumberColumn:
    """Return what a ratio may be: within 1/9 to 9, or any positive one where that was said."""
    if reading.options.any_ratio:
        return NumberColumn(
            True, low=1 / LARGEST, high=LARGEST, not_number="not_ratio", date="date_ratio", outside="not_ratio"
        )
    return NumberColumn(True, low=1 / 9, high=9, not_number="not_ratio", date="date_ratio", outside="ratio_range")


def step_column(reading: FileReading) -> NumberColumn:
    """Return what a step may be: 1 to 9 with either sign, or larger where any ratio was said to do."""
    high = LARGEST if reading.options.any_ratio else 9.0
    outside = "not_step" if reading.options.any_ratio else "step_range"
    return NumberColumn(
        is_signed_step=True, low=1.0, high=high, not_number="not_step", date="date_ratio", outside=outside
    )


class ItemNames:
    """The nodes and items of a tree by every name that a file may give them."""

    def __init__(self, tree: Tree) -> None:
        """Know the codes and names of the tree."""
        self.tree = tree
        self.nodes = KnownWords(_with_codes(tree, tree.nodes))
        self.items = {node: KnownWords(_with_codes(tree, tree.children[node])) for node in tree.nodes}

    def node(self, text: str) -> str | None:
        """Return the code of the node that is meant."""
        return self.nodes.find(text)

    def item(self, node: str, text: str) -> str | None:
        """Return the code of the item of a node that is meant."""
        return self.items[node].find(text)

    def nodes_of(self, items: Iterable[str]) -> list[str]:
        """Return the nodes whose items are these, all of them and no other."""
        wanted = list(items)
        return [
            node
            for node in self.tree.nodes
            if {self.item(node, item) for item in wanted} == set(self.tree.children[node])
            and len(wanted) == len(self.tree.children[node])
        ]


def _with_codes(tree: Tree, codes: Iterable[str]) -> dict[str, str]:
    """Return codes by themselves, and by names that one of them alone has."""
    codes = list(codes)
    names: dict[str, str | None] = {}
    for code in codes:
        name = tree.by_code[code].name
        names[name] = code if names.get(name, code) == code else None
    return {**{name: code for name, code in names.items() if code is not None}, **{code: code for code in codes}}


def known_row(
    file: str, row: JudgementRow, names: ItemNames, problems: list[FileProblem], sheet: str = ""
) -> JudgementRow | None:
    """Return the row by the codes of node and items, None where they are not known or do not belong together.

    A pair of an item with itself says nothing and is None too; where its ratio is not 1 it is a problem.
    """
    node = names.node(row.node)
    if node is None:
        facts = {"nodes": listed(names.tree.nodes), **nearest(row.node, names.tree.nodes)}
        problems.append(FileProblem(file, "no_node", row.row, "node", row.node, facts, sheet))
        return None
    items = names.tree.children[node]
    found = [names.item(node, text) for text in (row.a, row.b)]
    for column, text, item in zip("ab", (row.a, row.b), found, strict=True):
        if item is None:
            facts = {"node": node, "items": listed(items), **nearest(text, items)}
            problems.append(FileProblem(file, "no_item", row.row, column, text, facts, sheet))
    a, b = found
    if a is None or b is None:
        return None
    if a == b:
        if row.value is not None and abs(row.value - 1) > row.half_unit + 1e-9:
            problems.append(FileProblem(file, "self_compared", row.row, "b", row.b, sheet=sheet))
        return None
    return replace(row, node=node, a=a, b=b)


def contradictions(file: str, rows: Iterable[JudgementRow], sheet: str = "") -> Iterator[FileProblem]:
    """Find experts' pairs that stand twice with different values, and experts with two weights, groups or languages."""
    seen: dict[tuple[str, str, str, str], JudgementRow] = {}
    experts: dict[str, JudgementRow] = {}
    for row in rows:
        earlier = experts.setdefault(row.expert, row)
        for column, one, other in (
            ("expert_weight", earlier.weight, row.weight),
            ("group", earlier.group, row.group),
            ("language", earlier.language, row.language),
        ):
            if one != other:
                facts = {"expert": row.expert, "column": column, "earlier": earlier.row, "value": one}
                yield FileProblem(file, "told_twice", row.row, column, str(other), facts, sheet)
        if row.value is None:
            continue
        place = (row.expert, row.node, min(row.a, row.b), max(row.a, row.b))
        first = seen.setdefault(place, row)
        if not _agree(first, row):
            facts = {"expert": row.expert, "a": row.a, "b": row.b, "earlier": first.row}
            yield FileProblem(file, "answered_twice", row.row, row.column, f"{row.value:.12g}", facts, sheet)


def _bounds(row: JudgementRow, a: str) -> tuple[float, float]:
    """Return between which ratios of ``a`` over the other item an answer lies, as it is printed."""
    assert row.value is not None  # noqa: S101 - only answered rows are compared
    low, high = max(row.value - row.half_unit, row.value * 1e-3), row.value + row.half_unit
    low, high = low * (1 - 1e-9), high * (1 + 1e-9)
    return (low, high) if row.a == a else (1 / high, 1 / low)


def _agree(one: JudgementRow, other: JudgementRow) -> bool:
    """Say whether two answers to a pair are one, within what is printed of them."""
    (low, high), (low_2, high_2) = _bounds(one, one.a), _bounds(other, one.a)
    return low <= high_2 and low_2 <= high


def panel_of(file: str, rows: list[JudgementRow], tree: Tree) -> PanelJudgements:
    """Put the answers into matrices; experts in order of their code.

    Of a pair that stands twice the answer counts of which more is printed.

    Raises
    ------
    FileProblemsError
        Nothing is answered.
    """
    experts = {row.expert: row for row in rows}
    codes = sorted(experts)
    place = {code: position for position, code in enumerate(codes)}
    node = {code: position for position, code in enumerate(tree.nodes)}
    item = {child: position for code in tree.nodes for position, child in enumerate(tree.children[code])}
    answers = [row for row in rows if row.value is not None]
    if not answers:
        raise FileProblemsError([FileProblem(file, "nothing_answered")])
    answers.sort(key=_precision, reverse=True)
    return judgements_from_long(
        tree,
        experts=codes,
        expert_weights=np.array([experts[code].weight for code in codes]),
        groups=[experts[code].group for code in codes],
        languages=[experts[code].language for code in codes],
        expert=np.array([place[row.expert] for row in answers]),
        node=np.array([node[row.node] for row in answers]),
        a=np.array([item[row.a] for row in answers]),
        b=np.array([item[row.b] for row in answers]),
        value=np.array([row.value for row in answers], dtype=np.float64),
    )


def _precision(row: JudgementRow) -> tuple[float, float, str]:
    """Return how coarsely an answer is printed, then what makes the order of two alike the same on every reading."""
    assert row.value is not None  # noqa: S101 - only answers are sorted
    return row.half_unit / row.value, -row.value, row.a


def off_scale(file: str, rows: Iterable[JudgementRow], scale: Scale, sheet: str = "") -> Iterator[FileProblem]:
    """Find values that a scale of steps does not have."""
    for row in rows:
        if scale != "linear" and row.value is not None and not 1 / LAST_STEP <= row.value <= LAST_STEP:
            yield FileProblem(file, "off_scale", row.row, row.column, f"{row.value:.12g}", {"scale": scale}, sheet)
