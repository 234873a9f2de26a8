"""What a round that follows shows beside each pair: her earlier answer, the group's, and reasons without names.

The group is shown from five answers on; a smaller one might point at a person.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count, Max

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from surveys.models import Comparison, Panelist, Round
from surveys.queries.answers import own_answers
from surveys.queries.counting import counted_in_waves, waves_of, with_previous_rounds
from surveys.queries.rounds import asks
from surveys.queries.standing import answered, choices_of, standing
from surveys.values.own import carried_over
from surveys.values.standing import leaves_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from scoring.numerics.types import FloatArray
    from surveys.models import Criterion
    from surveys.queries.counting import Wave

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
class EarlierAnswer:
    """Of one pair (item a over item b): her own earlier answer, the group's where five or more answered, and reasons.

    Who came into the panel later may not have been asked it.
    """

    a: str
    b: str
    own: float | None
    group: Spread | None
    reasons: tuple[str, ...]
    taken_from: str = ""
    was_asked: bool = True

    def seen_from(self, first: str) -> EarlierAnswer:
        """Return it as ratios of ``first`` over the other item."""
        if first == self.a:
            return self
        group = self.group.turned() if self.group else None
        return replace(self, a=self.b, b=self.a, own=1 / self.own if self.own else None, group=group)


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


def earlier_answers(panelist: Panelist, round_: Round) -> Mapping[frozenset[str], EarlierAnswer]:
    """Return what stood before this round for every pair it asks, by the pair's codes; empty where it follows none.

    Queries do not grow with the panel or the pairs; what the panel said is read once a process.
    """
    if round_.follows_id is None:
        return {}
    before = Round.objects.select_related("panel", "version").get(pk=round_.follows_id)
    waves = with_previous_rounds(before)[::-1]
    own = carried_over(
        (
            {node for node, choice in choices_of(panelist, wave).items() if leaves_out(choice)},
            own_answers(panelist, wave),
        )
        for wave in waves
    )
    lists = _lists(panelist, waves)
    hers = _asked_of(panelist, waves)
    gone = Panelist.objects.filter(panel=before.panel_id).aggregate(
        many=Count("withdrawn_at"), last=Max("withdrawn_at")
    )
    panel = _panel_said(before.uid, before.locked_at, gone["many"], gone["last"])
    found = {}
    for a, b in round_.comparisons.values_list("a__code", "b__code"):
        pair = frozenset((a, b))
        _node, first, _second, value = own.get(pair, ("", a, b, None))
        start, spread = panel.spreads.get(pair, (a, None))
        mine = 1 / value if value and first != a else value
        group = spread.turned() if spread and start != a else spread
        told = (text for who, text in panel.reasons.get(pair, ()) if who != panelist.pk)
        reasons = _in_no_order(told) if group else ()
        taken_from = lists.get(pair, "") if mine else ""
        found[pair] = EarlierAnswer(a, b, mine, group, reasons, taken_from, hers is None or pair in hers)
    return found


def _asked_of(panelist: Panelist, waves: Sequence[Round]) -> frozenset[frozenset[str]] | None:
    """Return the pairs that rounds asked her, None where all of them did; one query where one closed before she came."""
    hers = [wave for wave in waves if asks(wave, panelist)]
    if len(hers) == len(waves):
        return None
    pairs = Comparison.objects.filter(round__in=hers).values_list("a__code", "b__code")
    return frozenset(frozenset(pair) for pair in pairs)


def _lists(panelist: Panelist, waves: Sequence[Round]) -> dict[frozenset[str], str]:
    """Return the list that each of her last answers was taken from, of rounds that follow each other; one query a round."""
    return {
        frozenset((a, b)): taken_from
        for wave in waves
        for a, b, taken_from in standing(wave)
        .filter(panelist=panelist)
        .values_list("comparison__a__code", "comparison__b__code", "taken_from")
    }


@dataclass(frozen=True)
class _Panel:
    """What a panel said in a closed round: by pair the spread as ratios of its first item, and reasons with who gave them."""

    spreads: Mapping[frozenset[str], tuple[str, Spread]]
    reasons: Mapping[frozenset[str], list[tuple[int, str]]]


@lru_cache(maxsize=16)
def _panel_said(uid: UUID, _locked_at: datetime | None, _withdrawn: int, _last: datetime | None) -> _Panel:
    """Read what was said in a closed round: of it nothing changes but by a freeze and by those who withdraw."""
    before = Round.objects.select_related("panel", "version").get(uid=uid)
    waves = waves_of(before)
    return _Panel(
        spreads={frozenset((a, b)): (a, spread) for _node, a, b, spread in _spreads(waves)},
        reasons=_reasons(waves),
    )


def divided_pairs(round_: Round) -> tuple[DividedPair, ...]:
    """Return the pairs of a closed round that five or more answered, those that divide the panel most first."""
    criteria = {one.code: one for one in round_.version.criteria.order_by("position")}
    waves = waves_of(round_)
    reasons = _reasons(waves)
    found = [
        DividedPair(
            criteria[node],
            criteria[a],
            criteria[b],
            spread,
            _in_no_order(text for _who, text in reasons.get(frozenset((a, b)), ())),
        )
        for node, a, b, spread in _spreads(waves)
    ]
    return tuple(sorted(found, key=lambda one: (-round(one.spread.width, 9), one.a.position, one.b.position)))


def _spreads(waves: Sequence[Wave]) -> Iterator[tuple[str, str, str, Spread]]:
    """Yield node, a, b and the group's answer for each pair that five or more answered."""
    judgements, _receipts = counted_in_waves(waves)
    for judged in judgements.nodes:
        for (i, a), (j, b) in combinations(enumerate(judged.items), 2):
            values = judged.matrices[:, i, j]
            given = values[~np.isnan(values)]
            if len(given) >= SMALLEST_GROUP:
                yield judged.node, a, b, _spread(given)


def _spread(values: FloatArray) -> Spread:
    low, median, high = np.exp(np.quantile(np.log(values), [0.25, 0.5, 0.75]))
    return Spread(len(values), float(median), float(low), float(high))


def _reasons(waves: Sequence[Wave]) -> Mapping[frozenset[str], list[tuple[int, str]]]:
    """Return the comments of answers that count, each with its panelist's key, by pair; one query a round."""
    last: dict[tuple[int, frozenset[str]], tuple[str, str]] = {}
    for wave in waves:
        last = {key: told for key, told in last.items() if (key[0], told[0]) not in wave.left_out}
        rows = answered(wave.round)
        for who, node, a, b, comment in rows.values_list(
            "panelist_id", "comparison__parent__code", "comparison__a__code", "comparison__b__code", "reason__text"
        ):
            if (who, node) in wave.counting:
                last[who, frozenset((a, b))] = (node, (comment or "").strip())
    found: dict[frozenset[str], list[tuple[int, str]]] = {}
    for (who, pair), (_node, comment) in last.items():
        if comment:
            found.setdefault(pair, []).append((who, comment))
    return found


def _in_no_order(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return each reason once, in an order that tells nothing of who wrote it or when."""
    return tuple(sorted(set(reasons), key=lambda text: hashlib.sha256(text.encode()).hexdigest()))
