"""What counts of a closed round, and of those it follows: who handed in, complete drafts, and which answer is the last one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count, FilteredRelation, Q

from scoring.numerics.ahp.pairwise import judgements_from_long, pairs_answered
from surveys.models import Comparison, Panelist, Round
from surveys.queries.frameworks import framework_rows
from surveys.queries.standing import asked_of, last_choices, last_submissions, standing
from surveys.values.framework import tree_of
from surveys.values.standing import leaves_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scoring.numerics.types import PanelJudgements, Tree
    from surveys.models import Criterion


@dataclass(frozen=True)
class Wave:
    """What counts of one round of those that follow each other; ``judgements`` are of all ``experts``, in their order.

    ``counting`` and ``left_out`` are experts with nodes (by key and code): of whom answers there count, and who left the
    node out in a round in which that counts for them.
    """

    round: Round
    experts: tuple[Expert, ...]
    judgements: PanelJudgements
    counting: frozenset[tuple[int, str]]
    left_out: frozenset[tuple[int, str]]


def counted_judgements(row: Round) -> tuple[PanelJudgements, tuple[str, ...]]:
    """Return the judgements that count of a round and those it follows, and all their receipts in order.

    Three queries for the round and four more for each one before it; rounds that let drafts count need one more.
    """
    return counted_in_waves(waves_of(row))


def counted_in_waves(waves: Sequence[Wave]) -> tuple[PanelJudgements, tuple[str, ...]]:
    """Return the judgements that count of rounds that follow each other, earliest first, and their receipts in order."""
    judgements = waves[0].judgements
    for wave in waves[1:]:
        judgements = _superseded(judgements, wave)
    handed_in = [expert for wave in waves for expert in wave.experts if expert.receipt]
    receipts = sorted(expert.receipt for expert in handed_in if expert.receipt)
    return _with_a_part(judgements, {expert.uid for expert in handed_in}), tuple(receipts)


def waves_of(row: Round) -> tuple[Wave, ...]:
    """Return what counts of a round and of each one it follows, earliest first; queries as `counted_judgements`."""
    criteria = list(row.version.criteria.order_by("position"))
    tree = tree_of(framework_rows(criteria))
    return tuple(_wave(one, tree, criteria, locked_at=row.locked_at) for one in reversed(with_previous_rounds(row)))


def with_previous_rounds(row: Round) -> list[Round]:
    """Return the round and those it follows, latest first; no query where it follows none."""
    chain = [row]
    while chain[-1].follows_id is not None:
        chain.append(Round.objects.select_related("panel", "version").get(pk=chain[-1].follows_id))
    return chain


def _wave(row: Round, tree: Tree, criteria: list[Criterion], *, locked_at: datetime | None) -> Wave:
    """Read one round: who counts at which node, and their answers alone."""
    experts = _experts(row, locked_at=locked_at)
    judgements = _judgements(row, tree, criteria, experts)
    counting = _counting(row, judgements, experts, criteria)
    nodes = []
    for judged in judgements.nodes:
        counts = np.array([(expert.pk, judged.node) in counting for expert in experts], dtype=bool)
        hidden = ~counts[:, None, None] & ~np.eye(len(judged.items), dtype=bool)
        nodes.append(replace(judged, matrices=np.where(hidden, np.nan, judged.matrices)))
    return Wave(
        row,
        tuple(experts),
        replace(judgements, nodes=tuple(nodes)),
        counting=counting,
        left_out=_left_out(row, experts, criteria),
    )


def _superseded(earlier: PanelJudgements, wave: Wave) -> PanelJudgements:
    """Return the answers of the later round, and the earlier ones where there is none.

    Who left a node out in the later round has no part in it: her earlier answers there go too.
    """
    nodes = []
    for old, new in zip(earlier.nodes, wave.judgements.nodes, strict=True):
        matrices = np.where(np.isnan(new.matrices), old.matrices, new.matrices)
        gone = np.array([(expert.pk, new.node) in wave.left_out for expert in wave.experts], dtype=bool)
        hidden = gone[:, None, None] & ~np.eye(len(new.items), dtype=bool)
        nodes.append(replace(new, matrices=np.where(hidden, np.nan, matrices)))
    return replace(wave.judgements, nodes=tuple(nodes))


def _left_out(row: Round, experts: list[Expert], criteria: list[Criterion]) -> frozenset[tuple[int, str]]:
    """Return who left which node out, where that counts: she handed in, or drafts count."""
    codes = {criterion.pk: criterion.code for criterion in criteria}
    return frozenset(
        (expert.pk, codes[node])
        for expert in experts
        if expert.receipt is not None or row.drafts_count
        for node, choice in expert.choices.items()
        if leaves_out(choice)
    )


@dataclass
class Expert:
    """A panelist of the round: her receipt, if she handed in, and what she chose for a node (by key)."""

    pk: int
    uid: str
    weight: float
    group: str
    language: str
    receipt: str | None
    choices: dict[int, str] = field(default_factory=dict)


def _experts(row: Round, *, locked_at: datetime | None) -> list[Expert]:
    """Return the round's panelists; one query.

    Who withdrew has no part, unless a freeze had taken the round that is asked for (at ``locked_at``) before: what was
    frozen stays as it was, and of a round and those it follows the same people are there.
    """
    found: dict[int, Expert] = {}
    here = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=locked_at) if locked_at else Q(withdrawn_at=None)
    rows = (
        Panelist.objects.filter(here, panel=row.panel_id)
        .annotate(
            mine=FilteredRelation("submissions", condition=Q(submissions__round=row.pk)),
            chosen=FilteredRelation("choices", condition=Q(choices__round=row.pk)),
        )
        .filter(Q(chosen=None) | Q(chosen__in=last_choices(row)))
        .filter(Q(mine=None) | Q(mine__in=last_submissions(row)))
        .order_by("pk")
        .values_list("pk", "uid", "weight", "group", "language", "mine__receipt", "chosen__node_id", "chosen__choice")
    )
    for pk, uid, weight, group, language, receipt, node, choice in rows:
        expert = found.setdefault(pk, Expert(pk, str(uid), weight, group, language, receipt or None))
        if node is not None:
            expert.choices[node] = choice
    return list(found.values())


def _judgements(row: Round, tree: Tree, criteria: list[Criterion], experts: list[Expert]) -> PanelJudgements:
    """Read the answers that stand into matrices; one query."""
    place = {expert.pk: position for position, expert in enumerate(experts)}
    # as `answered` does, by the choices that are read already
    left_out = {(one.pk, node) for one in experts for node, choice in one.choices.items() if leaves_out(choice)}
    nodes = {code: position for position, code in enumerate(tree.nodes)}
    items = {child: position for code in tree.nodes for position, child in enumerate(tree.children[code])}
    node = {criterion.pk: nodes.get(criterion.code, -1) for criterion in criteria}
    item = {criterion.pk: items.get(criterion.code, -1) for criterion in criteria}
    rows = [
        (place[panelist], node[parent or 0], item[a], item[b], value)
        for panelist, parent, a, b, value in standing(row).values_list(
            "panelist_id", "comparison__parent_id", "comparison__a_id", "comparison__b_id", "value"
        )
        if panelist in place and (panelist, parent) not in left_out
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    whole = table[:, :4].astype(np.int64)
    return judgements_from_long(
        tree,
        experts=[expert.uid for expert in experts],
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
    row: Round, judgements: PanelJudgements, experts: list[Expert], criteria: list[Criterion]
) -> frozenset[tuple[int, str]]:
    """Return of whom answers to which node count: of all who handed in, and complete ones where drafts count."""
    handed_in = {(expert.pk, judged.node) for expert in experts if expert.receipt for judged in judgements.nodes}
    if not row.drafts_count:
        return frozenset(handed_in)
    asked, follows = _asked(row), row.follows_id is not None
    keys = {criterion.code: criterion.pk for criterion in criteria}
    complete = set()
    for judged in judgements.nodes:
        items = len(judged.items)
        pairs = asked.get(judged.node, 0) if follows else items * (items - 1) // 2
        for expert, given in zip(experts, pairs_answered(judged.matrices).tolist(), strict=True):
            choice = expert.choices.get(keys[judged.node], "")
            if asked_of(choice, items, pairs, given, follows).counts_as_draft:
                complete.add((expert.pk, judged.node))
    return frozenset(handed_in | complete)


def _asked(row: Round) -> dict[str, int]:
    """Return how many pairs a round that follows asks under each node; a first round asks all of them, and costs nothing."""
    if row.follows_id is None:
        return {}
    counted = Comparison.objects.filter(round=row.pk).order_by().values_list("parent__code").annotate(Count("pk"))
    return dict(counted)


def _with_a_part(judgements: PanelJudgements, handed_in: set[str]) -> PanelJudgements:
    """Leave out experts of whom nothing counts."""
    answers = sum(pairs_answered(judged.matrices) for judged in judgements.nodes)
    here = np.flatnonzero(np.array([uid in handed_in for uid in judgements.experts], dtype=bool) | (answers > 0))
    return replace(
        judgements,
        experts=tuple(judgements.experts[k] for k in here),
        expert_weights=judgements.expert_weights[here],
        groups=tuple(judgements.groups[k] for k in here),
        languages=tuple(judgements.languages[k] for k in here),
        nodes=tuple(replace(judged, matrices=judged.matrices[here]) for judged in judgements.nodes),
    )
