"""What counts of a closed round, and of those it follows: who handed in, complete drafts, and which answer is the last one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count, FilteredRelation, Q

from scoring.numerics.ahp.next_pair import short_set
from scoring.numerics.ahp.pairwise import judgements_from_long, pairs_answered
from surveys.models import Comparison, Judgement, NodeChoice, Panelist, Round
from surveys.queries.frameworks import framework_rows
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.numerics.types import PanelJudgements, Tree
    from surveys.models import Criterion


def counted(row: Round) -> tuple[PanelJudgements, tuple[str, ...]]:
    """Return the judgements that count of a round and those it follows, and all their receipts in order.

    Three queries for the round and four more for each one before it; rounds that let drafts count need one more.
    """
    criteria = list(row.version.criteria.order_by("position"))
    tree = tree_of(framework_rows(criteria))
    judgements: PanelJudgements | None = None
    handed_in: set[str] = set()
    receipts: list[str] = []
    for wave in reversed(chain(row)):
        experts = _experts(wave, locked_at=row.locked_at)
        here = _counting(wave, _judgements(wave, tree, criteria, experts), experts, criteria)
        judgements = here if judgements is None else _superseded(judgements, here, _left_out(wave, experts, criteria))
        handed_in |= {expert.code for expert in experts if expert.receipt}
        receipts += [expert.receipt for expert in experts if expert.receipt]
    assert judgements is not None  # noqa: S101  a chain holds one round at least
    return _with_a_part(judgements, handed_in), tuple(sorted(receipts))


def chain(row: Round) -> list[Round]:
    """Return the round and those it follows, latest first; no query where it follows none."""
    chain = [row]
    while chain[-1].follows_id is not None:
        chain.append(Round.objects.select_related("panel", "version").get(pk=chain[-1].follows_id))
    return chain


def _superseded(earlier: PanelJudgements, later: PanelJudgements, left_out: dict[str, list[int]]) -> PanelJudgements:
    """Return the later answers, and the earlier ones where there is none; both are of all experts in the same order.

    Who left a node out in the later round (experts by node) has no part in it: her earlier answers there go too.
    """
    nodes = []
    for old, new in zip(earlier.nodes, later.nodes, strict=True):
        matrices = np.where(np.isnan(new.matrices), old.matrices, new.matrices)
        gone = np.zeros(len(matrices), dtype=bool)
        gone[left_out.get(new.node, [])] = True
        hidden = gone[:, None, None] & ~np.eye(len(new.items), dtype=bool)
        nodes.append(replace(new, matrices=np.where(hidden, np.nan, matrices)))
    return replace(later, nodes=tuple(nodes))


def _left_out(wave: Round, experts: list[_Expert], criteria: list[Criterion]) -> dict[str, list[int]]:
    """Return the experts, by their places, who left a node out in a round in which that counts for them."""
    codes = {criterion.pk: criterion.code for criterion in criteria}
    found: dict[str, list[int]] = {}
    for place, expert in enumerate(experts):
        if expert.receipt is not None or wave.drafts_count:
            for node, choice in expert.choices.items():
                if choice == NodeChoice.Choice.SKIP:
                    found.setdefault(codes[node], []).append(place)
    return found


@dataclass
class _Expert:
    """A panelist of the round: her receipt, if she handed in, and what she chose for a node (by key)."""

    pk: int
    code: str
    weight: float
    group: str
    language: str
    receipt: str | None
    choices: dict[int, str] = field(default_factory=dict)


def _experts(row: Round, *, locked_at: datetime | None) -> list[_Expert]:
    """Return the round's panelists in order of their codes; one query.

    Who withdrew has no part, unless a freeze had taken the round that is asked for (at ``locked_at``) before: what was
    frozen stays as it was, and of a round and those it follows the same people are there.
    """
    found: dict[int, _Expert] = {}
    here = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=locked_at) if locked_at else Q(withdrawn_at=None)
    rows = (
        Panelist.objects.filter(here, panel=row.panel_id)
        .annotate(
            mine=FilteredRelation("submissions", condition=Q(submissions__round=row.pk)),
            chosen=FilteredRelation("choices", condition=Q(choices__round=row.pk)),
        )
        .order_by("code", "chosen__version")
        .values_list("pk", "code", "weight", "group", "language", "mine__receipt", "chosen__node_id", "chosen__choice")
    )
    for pk, code, weight, group, language, receipt, node, choice in rows:
        expert = found.setdefault(pk, _Expert(pk, code, weight, group, language, receipt))
        if node is not None:
            expert.choices[node] = choice
    return list(found.values())


def _judgements(row: Round, tree: Tree, criteria: list[Criterion], experts: list[_Expert]) -> PanelJudgements:
    """Read everything the panel answered into matrices; one query."""
    place = {expert.pk: position for position, expert in enumerate(experts)}
    skipped = {(e.pk, node) for e in experts for node, choice in e.choices.items() if choice == NodeChoice.Choice.SKIP}
    nodes = {code: position for position, code in enumerate(tree.nodes)}
    items = {child: position for code in tree.nodes for position, child in enumerate(tree.children[code])}
    node = {criterion.pk: nodes.get(criterion.code, -1) for criterion in criteria}
    item = {criterion.pk: items.get(criterion.code, -1) for criterion in criteria}
    rows = [
        (place[panelist], node[parent or 0], item[a], item[b], np.nan if value is None else value)
        for panelist, parent, a, b, value in Judgement.objects.filter(comparison__round=row.pk)
        .order_by("version")
        .values_list("panelist_id", "comparison__parent_id", "comparison__a_id", "comparison__b_id", "value")
        if panelist in place and (panelist, parent) not in skipped
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    whole = table[:, :4].astype(np.int64)
    return judgements_from_long(
        tree,
        experts=[expert.code for expert in experts],
        expert_weights=np.array([expert.weight for expert in experts], dtype=np.float64),
        groups=[expert.group for expert in experts],
        languages=[expert.language for expert in experts],
        expert=whole[:, 0],
        node=whole[:, 1],
        a=whole[:, 2],
        b=whole[:, 3],
        value=table[:, 4],
    )


def _counting(
    row: Round, judgements: PanelJudgements, experts: list[_Expert], criteria: list[Criterion]
) -> PanelJudgements:
    """Leave out the answers of the round that do not count."""
    handed_in = np.array([expert.receipt is not None for expert in experts], dtype=bool)
    asked = _asked(row)
    keys = {criterion.code: criterion.pk for criterion in criteria}
    nodes = []
    for judged in judgements.nodes:
        n = len(judged.items)
        counts = handed_in
        if row.drafts_count:
            choices = [expert.choices.get(keys[judged.node], "") for expert in experts]
            needed = np.array(
                [
                    _needed(choice, n, asked.get(judged.node, n * (n - 1) // 2), is_first=row.follows_id is None)
                    for choice in choices
                ]
            )
            counts = handed_in | (pairs_answered(judged.matrices) >= np.maximum(needed, 1))
        hidden = ~counts[:, None, None] & ~np.eye(n, dtype=bool)
        nodes.append(replace(judged, matrices=np.where(hidden, np.nan, judged.matrices)))
    return replace(judgements, nodes=tuple(nodes))


def _asked(row: Round) -> dict[str, int]:
    """Return how many pairs a round that follows asks under each node; a first round asks all of them, and costs nothing."""
    if row.follows_id is None or not row.drafts_count:
        return {}
    counted = Comparison.objects.filter(round=row.pk).order_by().values_list("parent__code").annotate(Count("pk"))
    return dict(counted)


def _needed(choice: str, items: int, asked: int, *, is_first: bool) -> int:
    """Return how many answers make a node complete for her who chose so."""
    if choice == NodeChoice.Choice.ENOUGH:
        return 1
    return min(asked, short_set(items)) if choice == NodeChoice.Choice.SHORT and is_first else asked


def _with_a_part(judgements: PanelJudgements, handed_in: set[str]) -> PanelJudgements:
    """Leave out experts of whom nothing counts."""
    answers = sum(pairs_answered(judged.matrices) for judged in judgements.nodes)
    here = np.flatnonzero(np.array([code in handed_in for code in judgements.experts], dtype=bool) | (answers > 0))
    return replace(
        judgements,
        experts=tuple(judgements.experts[k] for k in here),
        expert_weights=judgements.expert_weights[here],
        groups=tuple(judgements.groups[k] for k in here),
        languages=tuple(judgements.languages[k] for k in here),
        nodes=tuple(replace(judged, matrices=judged.matrices[here]) for judged in judgements.nodes),
    )
