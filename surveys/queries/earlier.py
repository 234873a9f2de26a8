"""What a round that follows shows beside each pair: her earlier answer, the group's, and reasons without names.

The group is shown from five answers on; a smaller one might point at a person.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from surveys.models import Judgement, NodeChoice, Round, Submission
from surveys.queries.answers import node_choices, own_answers
from surveys.queries.counting import chain, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring.numerics.types import FloatArray
    from surveys.models import Criterion, Panelist

SMALLEST_GROUP = 5
DIVIDED = float(np.log(4))  # the middle half of the answers spans a factor of four: two steps of the five


@dataclass(frozen=True)
class Spread:
    """Answers of a group to one pair, as ratios of a over b: how many, the median and the quartiles."""

    answered: int
    median: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """The interquartile range of the logarithms."""
        return float(np.log(self.high) - np.log(self.low))

    def turned(self) -> Spread:
        """Return the same answers as ratios of b over a."""
        return Spread(self.answered, 1 / self.median, 1 / self.high, 1 / self.low)


@dataclass(frozen=True)
class Earlier:
    """Of one pair (item a over item b): her own earlier answer, the group's where five or more answered, and reasons."""

    a: str
    b: str
    own: float | None
    group: Spread | None
    reasons: tuple[str, ...]

    def seen_from(self, first: str) -> Earlier:
        """Return it as ratios of ``first`` over the other item."""
        if first == self.a:
            return self
        group = self.group.turned() if self.group else None
        return Earlier(self.b, self.a, 1 / self.own if self.own else None, group, self.reasons)


@dataclass(frozen=True)
class DividedPair:
    """A pair of a closed round on which the panel is divided more or less; ``is_divided`` beyond the stated limit."""

    node: Criterion
    a: Criterion
    b: Criterion
    spread: Spread
    reasons: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, str]:
        """The two items."""
        return self.a.code, self.b.code

    @property
    def key(self) -> str:
        """The two items as a form sends them."""
        return "\t".join(self.codes)

    @property
    def is_divided(self) -> bool:
        """Whether the middle half of the answers spans the limit."""
        return self.spread.width >= DIVIDED - 1e-9

    @property
    def factor(self) -> float:
        """How many times the upper quartile is the lower one."""
        return self.spread.high / self.spread.low


def earlier(panelist: Panelist, round_: Round) -> Mapping[frozenset[str], Earlier]:
    """Return what stood before this round for every pair it asks, by the pair's codes; empty where it follows none.

    Queries do not grow with the panel or the pairs.
    """
    if round_.follows_id is None:
        return {}
    before = Round.objects.select_related("panel", "version").get(pk=round_.follows_id)
    own: dict[frozenset[str], tuple[str, str, float]] = {}
    for wave in reversed(chain(before)):
        left_out = {node for node, choice in node_choices(panelist, wave).items() if choice == NodeChoice.Choice.SKIP}
        own = {pair: answer for pair, answer in own.items() if answer[0] not in left_out}
        own |= {frozenset((a, b)): (node, a, value) for node, a, b, value in own_answers(panelist, wave)}
    spreads = {frozenset((a, b)): (a, spread) for _node, a, b, spread in _spreads(before)}
    reasons = _reasons(before, but=panelist)
    found = {}
    for a, b in round_.comparisons.values_list("a__code", "b__code"):
        pair = frozenset((a, b))
        _node, first, value = own.get(pair, ("", a, None))
        start, spread = spreads.get(pair, (a, None))
        mine = 1 / value if value and first != a else value
        group = spread.turned() if spread and start != a else spread
        told = tuple(reasons.get(pair, ())) if group else ()
        found[pair] = Earlier(a, b, mine, group, told)
    return found


def divided_pairs(round_: Round) -> tuple[DividedPair, ...]:
    """Return the pairs of a closed round that five or more answered, those that divide the panel most first."""
    criteria = {one.code: one for one in round_.version.criteria.order_by("position")}
    reasons = _reasons(round_)
    found = [
        DividedPair(criteria[node], criteria[a], criteria[b], spread, tuple(reasons.get(frozenset((a, b)), ())))
        for node, a, b, spread in _spreads(round_)
    ]
    return tuple(sorted(found, key=lambda one: (-round(one.spread.width, 9), one.a.position, one.b.position)))


def _spreads(round_: Round) -> Iterator[tuple[str, str, str, Spread]]:
    """Yield node, a, b and the group's answer for each pair that five or more answered."""
    judgements, _receipts = counted(round_)
    for judged in judgements.nodes:
        for (i, a), (j, b) in combinations(enumerate(judged.items), 2):
            values = judged.matrices[:, i, j]
            given = values[~np.isnan(values)]
            if len(given) >= SMALLEST_GROUP:
                yield judged.node, a, b, _spread(given)


def _spread(values: FloatArray) -> Spread:
    low, median, high = np.exp(np.quantile(np.log(values), [0.25, 0.5, 0.75]))
    return Spread(len(values), float(median), float(low), float(high))


def _reasons(before: Round, *, but: Panelist | None = None) -> Mapping[frozenset[str], list[str]]:
    """Return the comments of answers that count by pair, in an order that tells nothing of who wrote them or when."""
    last: dict[tuple[int, frozenset[str]], tuple[str, float | None]] = {}
    waves = chain(before)
    chosen: dict[tuple[int, int, int], str] = {}
    choices = NodeChoice.objects.filter(round__in=waves).order_by("version")
    for row in choices.values_list("round_id", "panelist_id", "node_id", "choice"):
        chosen[row[:3]] = row[3]
    skipped = {key for key, choice in chosen.items() if choice == NodeChoice.Choice.SKIP}
    rows = (
        Judgement.objects.filter(comparison__round__in=waves, panelist__withdrawn_at__isnull=True)
        .exclude(panelist=but)
        .order_by("comparison__round__number", "version")
        .values_list(
            "panelist_id",
            "comparison__round_id",
            "comparison__parent_id",
            "comparison__a__code",
            "comparison__b__code",
            "comment",
            "value",
        )
    )
    handed_in = set(Submission.objects.filter(round__in=waves).values_list("round_id", "panelist_id"))
    drafts = {wave.pk for wave in waves if wave.drafts_count}
    for who, wave, node, a, b, comment, value in rows:
        if (wave, who, node) not in skipped and (wave in drafts or (wave, who) in handed_in):
            last[who, frozenset((a, b))] = (comment, value)
    found: dict[frozenset[str], list[str]] = {}
    for (_who, pair), (comment, value) in last.items():
        if comment.strip() and value is not None:
            found.setdefault(pair, []).append(comment.strip())
    return {pair: sorted(set(comments), key=_digest) for pair, comments in found.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
