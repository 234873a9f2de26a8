"""What a panelist sees of her round: her own answers alone, what is open, and which answers pull against each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.consistency import triples
from scoring.numerics.ahp.next_pair import next_pair
from surveys.models import Comparison, Judgement, Round, Submission
from surveys.queries.answers import skipped_nodes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scoring.numerics.types import FloatArray
    from surveys.models import Criterion, Panelist

SECONDS_A_PAIR = 15
WORTH_SAYING = np.log(4)  # three answers that differ by less than a factor of four are a matter of wording


@dataclass(frozen=True)
class Item:
    """A criterion as she reads it, in her language."""

    code: str
    name: str
    definition: str


@dataclass(frozen=True)
class Pair:
    """A pair to answer, in the order it stands on her screen; ``value`` is of first over second, None when open."""

    node: Item
    first: Item
    second: Item
    value: float | None
    version: int
    comment: str


@dataclass(frozen=True)
class Clash:
    """Three of her answers that pull against each other: pairs in words, each with the pair it belongs to."""

    pairs: tuple[Pair, Pair, Pair]
    circular: bool


@dataclass(frozen=True)
class Node:
    """One question of the round: its items, how much is answered, and the worst clash where there is one."""

    item: Item
    items: tuple[Item, ...]
    total: int
    answered: int
    skipped: bool
    clash: Clash | None

    @property
    def complete(self) -> bool:
        """Whether every pair is answered."""
        return self.answered == self.total


@dataclass(frozen=True)
class ExpertSheet:
    """A panelist's round on one page."""

    series: str
    contact: str
    panel: str
    code: str
    round_number: int
    state: str
    closes_at: datetime | None
    is_demonstration: bool
    is_simulated: bool
    nodes: tuple[Node, ...]
    pairs: tuple[Pair, ...]
    following: Pair | None
    receipt: str
    submitted_at: datetime | None

    @property
    def total(self) -> int:
        """Pairs asked of her, those of skipped nodes left out."""
        return sum(node.total for node in self.nodes if not node.skipped)

    @property
    def answered(self) -> int:
        """Pairs answered, those of skipped nodes left out."""
        return sum(node.answered for node in self.nodes if not node.skipped)

    @property
    def minutes_left(self) -> int:
        """Minutes for what is open, at a quarter of a minute a pair, rounded up."""
        return -(-(self.total - self.answered) * SECONDS_A_PAIR // 60)

    @property
    def is_open(self) -> bool:
        """Whether she may still answer."""
        return self.state == Round.State.OPEN and not self.receipt

    def pair(self, first: str, second: str) -> Pair | None:
        """Return one pair by its codes, in either order."""
        return next((p for p in self.pairs if {p.first.code, p.second.code} == {first, second}), None)

    def node(self, code: str) -> Node | None:
        """Return one node by its code."""
        return next((node for node in self.nodes if node.item.code == code), None)


def current_round(panelist: Panelist) -> Round | None:
    """Return the panel's open round, else its latest closed one; None before the first opens."""
    rounds = Round.objects.filter(panel=panelist.panel_id).exclude(state=Round.State.DRAFT)
    return rounds.filter(state=Round.State.OPEN).first() or rounds.order_by("-number").first()


def expert_sheet(panelist: Panelist, round_: Round) -> ExpertSheet:
    """Read a panelist's round; four queries beside the panelist's own, however many pairs."""
    comparisons = list(
        Comparison.objects.filter(round=round_)
        .select_related("parent", "a", "b")
        .order_by("parent__position", "a__position", "b__position")
    )
    latest: dict[int, Judgement] = {}
    for judgement in Judgement.objects.filter(panelist=panelist, comparison__round=round_).order_by("version"):
        latest[judgement.comparison_id] = judgement
    skipped = skipped_nodes(panelist, round_)
    submission = Submission.objects.filter(round=round_, panelist=panelist).first()
    by_node: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        by_node.setdefault(comparison.parent.code, []).append(comparison)
    pairs = {c.pk: _pair(c, latest.get(c.pk), panelist) for c in comparisons}
    nodes = tuple(_node(asked, pairs, skipped=code in skipped) for code, asked in by_node.items())
    series = panelist.panel.series
    return ExpertSheet(
        series=series.name,
        contact=series.contact,
        panel=panelist.panel.name,
        code=panelist.code,
        round_number=round_.number,
        state=round_.state,
        closes_at=round_.closes_at,
        is_demonstration=series.is_demonstration,
        is_simulated=panelist.panel.is_simulated,
        nodes=nodes,
        pairs=tuple(pairs.values()),
        following=_following(nodes, by_node, pairs, panelist),
        receipt=submission.receipt if submission else "",
        submitted_at=submission.at if submission else None,
    )


def _item(criterion: Criterion) -> Item:
    return Item(criterion.code, criterion.name, criterion.definition)


def _seed(panelist: Panelist, *words: str) -> int:
    """Return a number of this panelist's own, so that orders vary over the panel and not over her visits."""
    text = " ".join((str(panelist.uid), *words))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _pair(comparison: Comparison, judgement: Judgement | None, panelist: Panelist) -> Pair:
    """Put a pair in her order; the stored ratio is turned with it."""
    turned = _seed(panelist, comparison.a.code, comparison.b.code) % 2 == 1
    first, second = (comparison.b, comparison.a) if turned else (comparison.a, comparison.b)
    value = judgement.value if judgement else None
    return Pair(
        node=_item(comparison.parent),
        first=_item(first),
        second=_item(second),
        value=1 / value if turned and value else value,
        version=judgement.version if judgement else 0,
        comment=judgement.comment if judgement else "",
    )


def _node(asked: Sequence[Comparison], pairs: Mapping[int, Pair], *, skipped: bool) -> Node:
    """Sum up one node."""
    items = list(dict.fromkeys(item for c in asked for item in (_item(c.a), _item(c.b))))
    here = [pairs[c.pk] for c in asked]
    return Node(
        item=here[0].node,
        items=tuple(items),
        total=len(here),
        answered=sum(pair.value is not None for pair in here),
        skipped=skipped,
        clash=_clash(items, here),
    )


def _matrix(items: Sequence[Item], pairs: Sequence[Pair]) -> FloatArray:
    """Return her answers at one node as a reciprocal matrix, NaN where open."""
    place = {item.code: at for at, item in enumerate(items)}
    matrix = np.full((len(items), len(items)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for pair in pairs:
        if pair.value is not None:
            i, j = place[pair.first.code], place[pair.second.code]
            matrix[i, j], matrix[j, i] = pair.value, 1 / pair.value
    return matrix


def _clash(items: Sequence[Item], pairs: Sequence[Pair]) -> Clash | None:
    """Find the three answers that pull hardest against each other, if it is worth saying."""
    worst = next(iter(triples(_matrix(items, pairs))), None)
    if worst is None or (worst.size < WORTH_SAYING and not worst.circular):
        return None
    found = {frozenset((pair.first.code, pair.second.code)): pair for pair in pairs}
    three = [items[at].code for at in (worst.i, worst.j, worst.k)]
    one, two, three_ = (found[frozenset(couple)] for couple in combinations(three, 2))
    return Clash((one, two, three_), worst.circular)


def _following(
    nodes: Sequence[Node], by_node: Mapping[str, Sequence[Comparison]], pairs: Mapping[int, Pair], panelist: Panelist
) -> Pair | None:
    """Return the pair to ask next: of the first open node, the one that says most about its weights."""
    for node in nodes:
        if node.skipped or node.complete:
            continue
        asked = [pairs[comparison.pk] for comparison in by_node[node.item.code]]
        graph = ~np.isnan(_matrix(node.items, asked)) & ~np.eye(len(node.items), dtype=bool)
        couple = next_pair(graph, _seed(panelist, node.item.code))
        if couple is not None:
            codes = {node.items[couple[0]].code, node.items[couple[1]].code}
            return next(pair for pair in asked if {pair.first.code, pair.second.code} == codes)
    return None
