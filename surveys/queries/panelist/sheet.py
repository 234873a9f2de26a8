"""What a panelist sees of her round: her own answers alone, what is open, and which answers pull against each other."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from accounts.names import name_and_language
from scoring.numerics.ahp.contradictions import contradictions
from scoring.numerics.ahp.next_pair import remaining_pairs
from surveys.models import Comparison, Panel, Round, TripleDecision
from surveys.queries.rounds import asks
from surveys.queries.standing import asked_of, choices_of, handed_in, last_versions
from surveys.values.sheet import Clash, Item, Node, Pair, PanelistSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import FloatArray
    from surveys.models import Criterion, Judgement, Panelist

MOST_CLASHES = 3

# written out, as the door's other questions are: every request behind a link asks it
CURRENT = """
    SELECT * FROM surveys_round WHERE panel_id = %s AND state <> 'draft'
    ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, number DESC LIMIT 1
"""


def current_round(panelist: Panelist) -> Round | None:
    """Return the panel's open round, else its latest closed one; None before the first opens."""
    return next(iter(Round.objects.raw(CURRENT, [panelist.panel_id])), None)


def panelist_sheet(panelist: Panelist, round_: Round) -> PanelistSheet:
    """Read a panelist's round; six queries, however many pairs."""
    comparisons = list(
        Comparison.objects.filter(round=round_)
        .select_related("parent", "a", "b")
        .order_by("parent__position", "a__position", "b__position")
    )
    latest = {
        one.comparison_id: one for one in last_versions(round_).filter(panelist=panelist).select_related("reason")
    }
    choices = choices_of(panelist, round_)
    decided = frozenset(
        TripleDecision.objects.filter(panelist=panelist, round=round_).values_list("one", "two", "three")
    )
    submission = handed_in(round_).filter(panelist=panelist).first()
    by_node: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        by_node.setdefault(comparison.parent.code, []).append(comparison)
    pairs = {c.pk: _pair(c, latest.get(c.pk), panelist) for c in comparisons}
    nodes = tuple(
        _node(
            [pairs[c.pk] for c in asked],
            asked,
            choice=choices.get(code, ""),
            seed=_seed(panelist, code),
            decided=decided,
            place=place,
            follows=round_.follows_id is not None,
        )
        for place, (code, asked) in enumerate(by_node.items(), 1)
    )
    panel = Panel.objects.select_related("series").get(pk=panelist.panel_id)
    series = panel.series
    return PanelistSheet(
        series=series.name,
        contact=series.contact,
        panel=panel.name,
        round_number=round_.number,
        state=round_.state,
        closes_at=round_.closes_at,
        is_demonstration=series.is_demonstration,
        is_simulated=panel.is_simulated,
        finish_until=round_.finish_until,
        nodes=nodes,
        receipt=submission.receipt if submission else "",
        submitted_at=submission.at if submission else None,
        drafts_count=round_.drafts_count,
        time_zone=panelist.time_zone or series.zone.key,
        has_started=panelist.started_at is not None,
        asks_her=asks(round_, panelist),
        follows=round_.follows_id is not None,
    )


def _item(criterion: Criterion) -> Item:
    name, name_language = name_and_language(criterion.names)
    definition, definition_language = name_and_language(criterion.definitions)
    return Item(criterion.code, name or criterion.code, definition, name_language, definition_language)


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
        at=judgement.at if judgement else None,
        taken_from=judgement.taken_from if judgement else "",
    )


def _node(
    here: Sequence[Pair],
    asked: Sequence[Comparison],
    *,
    choice: str,
    seed: int,
    decided: frozenset[tuple[str, str, str]],
    place: int,
    follows: bool,
) -> Node:
    """Sum up one node; what she left out is put in the order in which it would be asked."""
    items = tuple(dict.fromkeys(item for c in asked for item in (_item(c.a), _item(c.b))))
    matrix = _matrix(items, here)
    given = sum(pair.value is not None for pair in here)
    standing = asked_of(choice, len(items), len(here), given, follows)
    ahead = len(here) - given if standing.skipped else standing.open
    return Node(
        item=here[0].node,
        items=items,
        pairs=tuple(here),
        coming=_in_order(items, here, matrix, seed=seed)[:ahead] if ahead else (),
        standing=standing,
        matrix=matrix,
        clash=_clash(items, here, matrix, decided),
        place=place,
    )


def _matrix(items: Sequence[Item], pairs: Sequence[Pair]) -> FloatArray:
    """Return her answers at one node as a reciprocal matrix, NaN where open."""
    place = {item.code: position for position, item in enumerate(items)}
    matrix = np.full((len(items), len(items)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for pair in pairs:
        if pair.value is not None:
            i, j = place[pair.first.code], place[pair.second.code]
            matrix[i, j], matrix[j, i] = pair.value, 1 / pair.value
    return matrix


def _lists(items: Sequence[Item], pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the list that each of her answers was taken from, as `_matrix` places them; empty where it is not known."""
    place = {item.code: position for position, item in enumerate(items)}
    lists = [[""] * len(items) for _ in items]
    for pair in pairs:
        i, j = place[pair.first.code], place[pair.second.code]
        lists[i][j] = lists[j][i] = pair.taken_from
    return lists


def _clash(
    items: Sequence[Item], pairs: Sequence[Pair], matrix: FloatArray, decided: frozenset[tuple[str, str, str]]
) -> Clash | None:
    """Find the three answers that contradict each other most, if it is worth saying and was not said before.

    After `MOST_CLASHES` at a node nothing more is said there: help that never ends is none.
    """
    codes = {item.code for item in items}
    if sum(codes.issuperset(three) for three in decided) >= MOST_CLASHES:
        return None
    worth = (one for one in contradictions(matrix, _lists(items, pairs)) if one.is_worth_showing)
    named = ((one, sorted(items[position].code for position in (one.i, one.j, one.k))) for one in worth)
    worst, three = next(((one, three) for one, three in named if tuple(three) not in decided), (None, []))
    if worst is None:
        return None
    found = {frozenset((pair.first.code, pair.second.code)): pair for pair in pairs}
    one, two, three_ = (found[frozenset(couple)] for couple in combinations(three, 2))
    return Clash((one, two, three_), worst.circular)


def _in_order(items: Sequence[Item], pairs: Sequence[Pair], matrix: FloatArray, *, seed: int) -> tuple[Pair, ...]:
    """Return the open pairs, each the one that says most about the weights once those before it are answered."""
    found = {frozenset((pair.first.code, pair.second.code)): pair for pair in pairs}
    answered = ~np.isnan(matrix) & ~np.eye(len(items), dtype=bool)
    asked = (found.get(frozenset((items[i].code, items[j].code))) for i, j in remaining_pairs(answered, seed))
    return tuple(pair for pair in asked if pair is not None)
