"""What may be told of a panel person by person: nobody stands alone by group, weight or the nodes she answered.

The rule is k-anonymity over these three (Sweeney 2002, Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 10),
with k = 5 people, the remainder included.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.pairwise import pairs_answered
from scoring.numerics.digits import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoring.numerics.types import BoolArray, FloatArray, PanelJudgements

SMALLEST_GROUP = 5
"""The fewest people of whom anything that tells answers is said."""


@dataclass(frozen=True)
class Disclosure:
    """A panel as it may be told: groups and weights that nobody has alone, no languages, in an order that tells nothing.

    ``apart`` names expert and node where her answers stand under a code of their own, since the nodes she answered would still
    tell her; in an order that tells nothing either. Where ``by_person`` is False fewer than five people answered some node,
    and nothing is told person by person.
    """

    panel: PanelJudgements
    apart: tuple[tuple[str, str], ...]
    by_person: bool


def disclosed(panel: PanelJudgements) -> Disclosure:
    """Return what may be told of a panel, before anything is computed from it.

    In this order: who answered nodes that fewer than five people answered alike stands apart, with as many others as make
    five at each of these nodes; a group is left out where fewer than five have it, or share with it weight and nodes;
    weights that fewer than five share are put in classes, each with the mean of its weights.
    """
    panel = _taken(panel, _order(panel))
    answers = nodes_answered(panel)
    at_node = answers.sum(axis=0)
    by_person = len(panel.experts) >= SMALLEST_GROUP and not ((at_node > 0) & (at_node < SMALLEST_GROUP)).any()
    apart = _apart(answers) if by_person else np.zeros(len(panel.experts), dtype=bool)
    nodes = [None if alone else row.tobytes() for alone, row in zip(apart.tolist(), answers, strict=True)]
    groups = _groups(panel.groups, panel.expert_weights.tolist(), nodes)
    weights = _weights(panel.expert_weights, groups, nodes, answers)
    told = replace(panel, groups=tuple(groups), languages=(), expert_weights=weights)
    return Disclosure(_taken(told, _order(told)), _pairs(told, answers & apart[:, None]), by_person)


def nodes_answered(panel: PanelJudgements) -> BoolArray:
    """Mark the nodes (K, N) at which each expert answered a pair."""
    return np.array([pairs_answered(judged.matrices) > 0 for judged in panel.nodes], dtype=bool).T


def recoded(panel: PanelJudgements, codes: Mapping[tuple[str, str], str]) -> PanelJudgements:
    """Return the panel under other codes, in their order.

    Parameters
    ----------
    panel
        The panel by its own labels.
    codes
        By expert and node, "" for all nodes. Who has codes of nodes stands under those alone: as an expert at each node,
        whom nothing joins with the one at another.
    """
    apart = {expert for expert, node in codes if node}
    place = {expert: position for position, expert in enumerate(panel.experts)}
    rows = sorted((code, place[expert], node) for (expert, node), code in codes.items() if node or expert not in apart)
    here = [position for _code, position, _node in rows]
    nodes = []
    for judged in panel.nodes:
        elsewhere = np.array([node not in {"", judged.node} for _code, _position, node in rows], dtype=bool)
        hidden = elsewhere[:, None, None] & ~np.eye(len(judged.items), dtype=bool)
        nodes.append(replace(judged, matrices=np.where(hidden, np.nan, judged.matrices[here])))
    return replace(
        panel,
        experts=tuple(code for code, _position, _node in rows),
        expert_weights=panel.expert_weights[here],
        groups=tuple(panel.groups[position] for position in here),
        languages=tuple(panel.languages[position] for position in here),
        nodes=tuple(nodes),
    )


def _apart(answers: BoolArray) -> BoolArray:
    """Mark who is told by the nodes she answered, and as many others as make five at every node of theirs.

    The others are taken where most answered alike, so that five or nobody remain there.
    """
    alike = [row.tobytes() for row in answers]
    sizes = Counter(alike)
    apart = np.array([sizes[pattern] < SMALLEST_GROUP for pattern in alike], dtype=bool)
    while True:
        there = answers[apart].sum(axis=0)
        short = np.flatnonzero((there > 0) & (there < SMALLEST_GROUP))
        if not short.size:
            return apart
        node = int(short[0])
        rest = Counter(pattern for k, pattern in enumerate(alike) if not apart[k] and answers[k, node])
        most = max(rest, key=lambda pattern: (rest[pattern], pattern))
        wanted = SMALLEST_GROUP - int(there[node])
        members = [k for k, pattern in enumerate(alike) if pattern == most and not apart[k]]
        apart[members if len(members) - wanted < SMALLEST_GROUP else members[:wanted]] = True


def _groups(groups: Sequence[str], weights: Sequence[float], nodes: Sequence[bytes | None]) -> list[str]:
    """Leave out groups until of no group, nor of those who share it with weight and nodes, fewer than five are left.

    Those without a group are one too, in all and at the same nodes; where they are too few, the smallest group joins them.
    """
    told = ["" if pattern is None else group for group, pattern in zip(groups, nodes, strict=True)]
    while True:
        sizes, alike = Counter(told), Counter(zip(told, weights, nodes, strict=True))
        kept = [
            group if min(sizes[group], alike[group, weight, pattern]) >= SMALLEST_GROUP else ""
            for group, weight, pattern in zip(told, weights, nodes, strict=True)
        ]
        for places in (range(len(kept)), *_positions(nodes).values()):
            there = Counter(kept[k] for k in places)
            if 0 < there.pop("", 0) < SMALLEST_GROUP and there:
                smallest = min(there, key=lambda group: (there[group], group))
                for k in places:
                    kept[k] = "" if kept[k] == smallest else kept[k]
        if kept == told:
            return told
        told = kept


def _positions(labels: Sequence[object]) -> dict[object, list[int]]:
    """Return where each label stands; None is no label."""
    found: dict[object, list[int]] = {}
    for position, label in enumerate(labels):
        if label is not None:
            found.setdefault(label, []).append(position)
    return found


def _weights(
    weights: FloatArray, groups: Sequence[str], nodes: Sequence[bytes | None], answers: BoolArray
) -> FloatArray:
    """Put weights that fewer than five share into classes: among those who are told alike, and among those who stand apart."""
    out = weights.astype(np.float64)
    alike = [None if pattern is None else (group, pattern) for group, pattern in zip(groups, nodes, strict=True)]
    for places in _positions(alike).values():
        out[places] = _classed(weights[places])
    apart = np.array([pattern is None for pattern in nodes], dtype=bool)
    there = [Counter(weights[apart][column].tolist()) for column in answers[apart].T if column.any()]
    if any(min(counts.values()) < SMALLEST_GROUP for counts in there):
        out[apart] = weights[apart].mean()
    return significant(out)  # as they are written, so that what is computed from the file is the same


def _classed(weights: FloatArray) -> FloatArray:
    """Return weights in classes of five or more next to each other, each class with its mean; who shares one is not parted."""
    if min(Counter(weights.tolist()).values()) >= SMALLEST_GROUP:
        return weights
    order = np.argsort(weights, kind="stable")
    ordered = weights[order]
    starts = [0]
    for position in range(1, len(ordered)):
        enough = min(position - starts[-1], len(ordered) - position) >= SMALLEST_GROUP
        if enough and ordered[position] != ordered[position - 1]:
            starts.append(position)
    out = np.empty_like(weights)
    for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
        whole = ordered[start] == ordered[end - 1]
        out[order[start:end]] = ordered[start] if whole else ordered[start:end].mean()
    return out


def _order(panel: PanelJudgements) -> list[int]:
    """Return the experts in an order that depends on what is told of each alone, and that tells nothing of it."""
    people = zip(panel.expert_weights.tolist(), panel.groups, strict=True)
    matrices = [np.ascontiguousarray(judged.matrices) for judged in panel.nodes]
    keys = [
        _digest([f"{weight!r} {group}".encode(), *(np.nan_to_num(rows[k]).tobytes() for rows in matrices)])
        for k, (weight, group) in enumerate(people)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _pairs(panel: PanelJudgements, marked: BoolArray) -> tuple[tuple[str, str], ...]:
    """Return expert and node where marked (K, N), in an order that depends on the answers there alone."""
    found = [
        (_digest([judged.node.encode(), np.nan_to_num(judged.matrices[k]).tobytes()]), expert, judged.node)
        for k, expert in enumerate(panel.experts)
        for position, judged in enumerate(panel.nodes)
        if marked[k, position]
    ]
    return tuple((expert, node) for _key, expert, node in sorted(found))


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def _taken(panel: PanelJudgements, rows: Sequence[int]) -> PanelJudgements:
    """Return the panel with its experts in another order."""
    return replace(
        panel,
        experts=tuple(panel.experts[k] for k in rows),
        expert_weights=panel.expert_weights[list(rows)],
        groups=tuple(panel.groups[k] for k in rows),
        languages=tuple(panel.languages[k] for k in rows),
        nodes=tuple(replace(judged, matrices=judged.matrices[list(rows)]) for judged in panel.nodes),
    )
