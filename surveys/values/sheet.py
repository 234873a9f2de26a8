"""The parts of a panelist's sheet: items, pairs, questions with her answers, and the sheet that holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surveys.states import ROUND

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.numerics.types import FloatArray
    from surveys.values.standing import NodeStanding

SECONDS_A_PAIR = 15


def minutes(pairs: int) -> int:
    """Return the minutes that so many pairs take, at a quarter of a minute each, rounded up."""
    return -(-pairs * SECONDS_A_PAIR // 60)


@dataclass(frozen=True)
class Item:
    """A criterion as she reads it, in her language; where it is missing there, in the language that is named beside it."""

    code: str
    name: str
    definition: str
    name_language: str = ""
    definition_language: str = ""

    @property
    def is_told(self) -> bool:
        """Whether name and definition are in her language, as far as there are any."""
        return not (self.name_language or self.definition_language)


@dataclass(frozen=True)
class Pair:
    """A pair to answer, in the order it stands on her screen; ``value`` is of first over second, None when open.

    ``taken_from`` is the list that she took the answer from (`AnswerList`), empty where it is not known.
    """

    node: Item
    first: Item
    second: Item
    value: float | None
    version: int
    comment: str
    at: datetime | None = None
    taken_from: str = ""

    def answered_with(self, value: float, *, taken_from: str, comment: str) -> Pair:
        """Return the pair as it would be with another answer."""
        return replace(self, value=value, taken_from=taken_from, comment=comment)


def turned(pair: Pair, value: float | None, *, a: str) -> Pair:
    """Return the pair with another value, given as the ratio of item ``a`` over the other one."""
    return replace(pair, value=value if value is None or a == pair.first.code else 1 / value)


@dataclass(frozen=True)
class Clash:
    """Three of her answers that pull against each other: pairs in words, each with the pair it belongs to."""

    pairs: tuple[Pair, Pair, Pair]
    circular: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """The three items, in order."""
        return tuple(sorted({item.code for pair in self.pairs for item in (pair.first, pair.second)}))


@dataclass(frozen=True)
class Node:
    """One question of the round: its items, how it stands with her, and the worst clash that she was not asked about yet.

    ``pairs`` are all pairs of the round under it, ``coming`` those still to answer, in the order they are asked; where she
    left it out, those that would be asked. ``matrix`` holds her answers, NaN where open. ``place`` counts the questions from 1.
    """

    item: Item
    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    coming: tuple[Pair, ...]
    standing: NodeStanding
    matrix: FloatArray
    clash: Clash | None
    place: int = 1

    @property
    def choice(self) -> str:
        """How she chose to answer it; empty where she did not say."""
        return self.standing.choice

    @property
    def short(self) -> int:
        """The size of the short set (0: none is offered)."""
        return self.standing.short

    @property
    def skipped(self) -> bool:
        """Whether it is not her field."""
        return self.standing.skipped

    @property
    def answered(self) -> int:
        """Pairs answered, also of a question that is not her field: they are there when she takes it up again."""
        return sum(pair.value is not None for pair in self.pairs)

    @property
    def total(self) -> int:
        """Pairs asked of her, answered or not; all of a question that is not her field."""
        return self.standing.total

    @property
    def complete(self) -> bool:
        """Whether nothing is asked of her here any more."""
        return self.standing.complete

    @property
    def not_needed(self) -> tuple[Pair, ...]:
        """Pairs left open by her choice of the short set, or of stopping."""
        if not self.standing.not_needed:
            return ()
        coming = {(pair.first.code, pair.second.code) for pair in self.coming}
        open_ = (pair for pair in self.pairs if pair.value is None)
        return tuple(pair for pair in open_ if (pair.first.code, pair.second.code) not in coming)

    @property
    def minutes(self) -> int:
        """Minutes for what is coming, rounded up."""
        return minutes(len(self.coming))

    @property
    def settled(self) -> int:
        """Pairs that need nothing more of her: answered, or all of a question that is not her field."""
        return self.standing.settled

    @property
    def awaits_choice(self) -> bool:
        """Whether she is still to be told how long it is, and may choose the short set; without network she may have begun."""
        return self.standing.awaits_choice


@dataclass(frozen=True)
class PanelistSheet:
    """A panelist's round on one page; it does not ask her where it closed before she came into the panel."""

    series: str
    contact: str
    panel: str
    round_number: int
    state: str
    closes_at: datetime | None
    is_demonstration: bool
    is_simulated: bool
    finish_until: datetime | None
    nodes: tuple[Node, ...]
    receipt: str
    submitted_at: datetime | None
    drafts_count: bool
    time_zone: str
    has_started: bool
    asks_her: bool
    follows: bool = False

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs of the round, node by node."""
        return tuple(pair for node in self.nodes for pair in node.pairs)

    @property
    def coming(self) -> tuple[Pair, ...]:
        """The pairs still to answer, in the order they are asked."""
        return tuple(pair for node in self.nodes if not node.skipped for pair in node.coming)

    @property
    def following(self) -> Pair | None:
        """The pair to ask next."""
        return next(iter(self.coming), None)

    @property
    def latest(self) -> Pair | None:
        """The answer she gave last, which she may undo; None where nothing is answered."""
        given = [
            (pair.at, pair.version, position)
            for position, pair in enumerate(self.pairs)
            if pair.value is not None and pair.at
        ]
        return self.pairs[max(given)[-1]] if given else None

    @property
    def total(self) -> int:
        """Pairs asked of her, those of skipped nodes left out."""
        return self.asked - self.left_out

    @property
    def answered(self) -> int:
        """Pairs answered, those of skipped nodes left out."""
        return sum(node.standing.answered for node in self.nodes)

    @property
    def asked(self) -> int:
        """Pairs asked of her with those of skipped nodes: what progress is measured against."""
        return sum(node.total for node in self.nodes)

    @property
    def settled(self) -> int:
        """Pairs that need nothing more of her; leaving a question out never lowers its share of those asked."""
        return sum(node.settled for node in self.nodes)

    @property
    def left_out(self) -> int:
        """Pairs of questions that are not her field."""
        return sum(node.standing.left_out for node in self.nodes)

    @property
    def minutes_left(self) -> int:
        """Minutes for what is open, at a quarter of a minute a pair, rounded up."""
        return minutes(len(self.coming))

    @property
    def is_open(self) -> bool:
        """Whether she may still answer."""
        return ROUND.allows("record_judgement", self.state) and not self.receipt

    def pair(self, first: str, second: str) -> Pair | None:
        """Return one pair by its codes, in either order."""
        return next((p for p in self.pairs if {p.first.code, p.second.code} == {first, second}), None)

    def node(self, code: str) -> Node | None:
        """Return one node by its code."""
        return next((node for node in self.nodes if node.item.code == code), None)
