"""One question at a rest point: what her answers say so far, how sure that is, and what she may do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.numerics.ahp.consistency import consistency
from scoring.numerics.ahp.next_pair import pooled_variance, stop_advice
from surveys.models import Judgement, TripleDecision
from surveys.queries.answers import panel_matrices
from surveys.values.sheet import turned

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray
    from surveys.models import Panelist, Round
    from surveys.values.sheet import Clash, Item, Node, Pair

PART = 15  # answers between two rest points of a long question
TABLE: Final = "alonso-lamata"


@dataclass(frozen=True)
class Priority:
    """The weight of one item by her answers so far, with 1.645 standard errors to both sides (None: not known yet).

    ``longest`` is the farthest end of all items, to which the drawing is scaled.
    """

    item: Item
    weight: float
    low: float | None
    high: float | None

    longest: float = 1.0

    @property
    def bar(self) -> tuple[int, int, int]:
        """Weight, low and high in thousandths of the longest one, for the drawing."""
        low, high = (self.weight if end is None else end for end in (self.low, self.high))
        weight, low, high = (round(end / self.longest * 1000) for end in (self.weight, low, high))
        return weight, low, high


@dataclass(frozen=True)
class Changed:
    """An answer that she changed when she was asked about three: as it was, and as it is."""

    before: Pair
    now: Pair


@dataclass(frozen=True)
class NodePage:
    """A question with what her answers say: ``moves`` is the most that further answers would probably move any weight.

    ``moves`` is None where the answers do not tell yet (no pair to spare); ``ratio`` is the consistency ratio, None where
    it is not defined. ``clash`` is asked about at the end of the question alone.
    """

    node: Node
    priorities: tuple[Priority, ...]
    moves: float | None
    enough: bool
    ratio: float | None
    clash: Clash | None
    changed: tuple[Changed, ...]

    @property
    def short_done(self) -> bool:
        """Whether the short set is answered, and more could be."""
        return self.node.standing.short_done

    @property
    def stopped(self) -> bool:
        """Whether she stopped here."""
        return self.node.standing.stopped

    @property
    def may_stop(self) -> bool:
        """Whether stopping here gives weights: the answers join all items, and something is left to stop."""
        return bool(self.priorities) and not self.stopped and (bool(self.node.coming) or self.short_done)

    @property
    def offers_short(self) -> bool:
        """Whether the short set is a choice that still shortens anything."""
        return self.node.standing.offers_short


def node_page(node: Node, panelist: Panelist, round_: Round) -> NodePage:
    """Sum up one question for her; two queries, and one more where her answers leave none to spare.

    How sure an answer is, is then taken from the panel's answers to the same question.
    """
    advice = stop_advice(node.matrix, within=round_.stop_within)
    if advice is not None and advice.margin is None:
        items = [item.code for item in node.items]
        variance = pooled_variance(panel_matrices(round_, node.item.code, items))
        advice = stop_advice(node.matrix, within=round_.stop_within, panel_variance=variance)
    priorities: tuple[Priority, ...] = ()
    if advice is not None:
        known = advice.margin is not None
        longest = float((advice.high if known else advice.weights).max())
        ends = zip(advice.low, advice.high, strict=True) if known else [(None, None)] * len(node.items)
        priorities = tuple(
            Priority(
                item, float(weight), None if low is None else float(low), None if high is None else float(high), longest
            )
            for item, weight, (low, high) in zip(node.items, advice.weights, ends, strict=True)
        )
    return NodePage(
        node=node,
        priorities=tuple(sorted(priorities, key=lambda one: -round(one.weight, 12))),
        moves=advice.margin if advice is not None else None,
        enough=advice is not None and advice.enough,
        ratio=_ratio(node.matrix),
        clash=node.clash if node.complete and not node.skipped else None,
        changed=_changed(node, panelist, round_),
    )


def rests_within(matrix: FloatArray, last: tuple[int, int], *, coming: int, within: float) -> bool:
    """Say whether a long question rests before its end: after a part of it, or when it became enough by the ``last`` pair.

    ``matrix`` holds her answers with the last one, ``coming`` is how many pairs are still asked.
    """
    answered = int(np.count_nonzero(~np.isnan(matrix)) - len(matrix)) // 2
    if answered % PART == 0 and coming > PART // 3:
        return True
    before = matrix.copy()
    before[last] = before[last[::-1]] = np.nan
    return is_enough(matrix, within) and not is_enough(before, within)


def is_enough(matrix: FloatArray, within: float) -> bool:
    """Say whether more answers would hardly move any weight."""
    advice = stop_advice(matrix, within=within)
    return advice is not None and advice.enough


def _ratio(matrix: FloatArray) -> float | None:
    """Return the consistency ratio by the table of Alonso and Lamata, of an incomplete matrix by RI(n, m)."""
    ratio = float(consistency(matrix[None], table=TABLE, beyond="linear", with_gci=False).cr[0])
    return None if np.isnan(ratio) else ratio


def _changed(node: Node, panelist: Panelist, round_: Round) -> tuple[Changed, ...]:
    """Return the answers changed after she was asked about three, each as it was and as it is."""
    asked = TripleDecision.objects.filter(panelist=panelist, round=round_, choice=TripleDecision.Choice.CHANGED)
    since = {
        frozenset((one, two, three)): moment
        for one, two, three, moment in asked.filter(node__code=node.item.code).values_list("one", "two", "three", "at")
    }
    if not since:
        return ()
    rows = Judgement.objects.filter(
        panelist=panelist, comparison__round=round_, comparison__parent__code=node.item.code
    )
    earlier: dict[tuple[str, str], dict[int, float | None]] = {}
    for a, b, version, value in rows.values_list("comparison__a__code", "comparison__b__code", "version", "value"):
        earlier.setdefault((a, b), {})[version] = value
    found = []
    for pair in node.pairs:
        codes = {pair.first.code, pair.second.code}
        asked_at = min((moment for three, moment in since.items() if codes <= three), default=None)
        if pair.value is None or asked_at is None or pair.at is None or pair.at < asked_at or pair.version < 2:
            continue
        key = next(key for key in earlier if set(key) == codes)
        before = turned(pair, earlier[key].get(pair.version - 1), a=key[0])
        if before.value is not None and before.value != pair.value:
            found.append(Changed(before, pair))
    return tuple(found)
