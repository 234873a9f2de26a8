"""Pairwise comparison matrices: built from long rows, and what their answered pairs join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.errors import DisconnectedError, MethodError, NotPositiveError
from scoring.numerics.types import NodeJudgements, PanelJudgements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import BoolArray, FloatArray, IntArray, Tree


def judgements_from_long(
    tree: Tree,
    *,
    experts: Sequence[str],
    expert_weights: FloatArray | None = None,
    groups: Sequence[str] | None = None,
    languages: Sequence[str] = (),
    expert: IntArray,
    node: IntArray,
    a: IntArray,
    b: IntArray,
    value: FloatArray,
) -> PanelJudgements:
    """Build every expert's matrices from rows (expert, node, a, b, value), all given as positions.

    Parameters
    ----------
    tree : Tree
        Its nodes and, under each, the children in order.
    experts, expert_weights, groups, languages
        One entry an expert; weights default to 1.
    expert, node, a, b : (R,)
        Positions in ``experts``, in ``tree.nodes``, and of the items among the node's children.
    value : (R,)
        How many times a matters more than b; NaN takes an earlier answer back. Of several rows the last one counts.

    Raises
    ------
    NotPositiveError
        A value is zero, negative or infinite.
    MethodError
        A position points nowhere, or an item is compared with itself.
    """
    _check_rows(tree, len(experts), expert=expert, node=node, a=a, b=b, value=value)
    nodes = []
    for position, code in enumerate(tree.nodes):
        items = tree.children[code]
        matrices = np.full((len(experts), len(items), len(items)), np.nan)
        matrices[:, np.arange(len(items)), np.arange(len(items))] = 1.0
        rows = node == position
        upper = a[rows] < b[rows]
        ratio = np.where(upper, value[rows], 1 / value[rows])
        low, high = np.minimum(a[rows], b[rows]), np.maximum(a[rows], b[rows])
        forward, backward = (expert[rows], low, high), (expert[rows], high, low)
        matrices[forward] = ratio  # numpy assigns in order, so the last of several rows stays
        matrices[backward] = 1 / matrices[forward]
        nodes.append(NodeJudgements(code, items, matrices))
    return PanelJudgements(
        tree=tree,
        experts=tuple(experts),
        expert_weights=np.ones(len(experts)) if expert_weights is None else np.asarray(expert_weights, dtype=float),
        groups=tuple(groups) if groups is not None else ("",) * len(experts),
        nodes=tuple(nodes),
        languages=tuple(languages),
    )


def _check_rows(
    tree: Tree, experts: int, *, expert: IntArray, node: IntArray, a: IntArray, b: IntArray, value: FloatArray
) -> None:
    """Refuse the first row that is no comparison."""
    for row in np.flatnonzero(~(np.isnan(value) | ((value > 0) & (value < np.inf))))[:1].tolist():
        raise NotPositiveError(f"row {row}: {value[row]} is not a positive ratio", row=row, got=float(value[row]))
    inside = (
        (expert >= 0) & (expert < experts) & (node >= 0) & (node < len(tree.nodes)) & (a >= 0) & (b >= 0) & (a != b)
    )
    sizes = np.array([len(tree.children[code]) for code in tree.nodes])
    inside[inside] = np.maximum(a, b)[inside] < sizes[node[inside]]
    for row in np.flatnonzero(~inside)[:1].tolist():
        got = tuple(int(column[row]) for column in (expert, node, a, b))
        raise MethodError(f"row {row}: {got} are not an expert, a node and two of its items", row=row, got=got)


def answered(matrices: FloatArray) -> BoolArray:
    """Mark the answered pairs, (..., n, n), the diagonal not."""
    return ~np.isnan(matrices) & ~np.eye(matrices.shape[-1], dtype=bool)


def pairs_answered(matrices: FloatArray) -> IntArray:
    """Count the answered pairs of each matrix."""
    if all_complete(matrices):
        n = matrices.shape[-1]
        return np.full(matrices.shape[:-2], n * (n - 1) // 2)
    return np.asarray(np.count_nonzero(answered(matrices), axis=(-1, -2)) // 2)


def all_complete(matrices: FloatArray) -> bool:
    """Say whether every pair of every matrix is answered, the common case, in which there is nothing to count or to search."""
    return not np.isnan(matrices).any()


def joined(graph: BoolArray) -> BoolArray:
    """Mark which items (..., n, n) are joined by a path of answered pairs."""
    n = graph.shape[-1]
    reach = (graph | np.eye(n, dtype=bool)).astype(float)
    for _ in range(max(1, int(np.ceil(np.log2(max(n, 2)))))):
        reach = np.minimum(reach @ reach, 1.0)
    return np.asarray(reach > 0)


def connected(matrices: FloatArray) -> BoolArray:
    """Say for each matrix whether its answered pairs join all items."""
    if all_complete(matrices):
        return np.ones(matrices.shape[:-2], dtype=bool)
    n = matrices.shape[-1]
    graph = answered(matrices)
    joins = np.asarray(np.count_nonzero(graph, axis=(-1, -2)) == n * (n - 1))  # complete: no path to search
    apart = ~joins
    joins[apart] = joined(graph[apart]).all(axis=(-1, -2))
    return joins


def parts(graph: BoolArray) -> tuple[tuple[int, ...], ...]:
    """Return the groups of items of one graph (n, n) that no answer joins with each other."""
    rows = {tuple(int(item) for item in np.flatnonzero(row)) for row in joined(graph)}
    return tuple(sorted(rows))


def refuse_disconnected(matrices: FloatArray, items: Sequence[str], *, node: str, experts: Sequence[str] = ()) -> None:
    """Raise DisconnectedError for the first matrix whose answers leave items apart."""
    apart = np.argwhere(~np.atleast_1d(connected(matrices)))
    if not apart.size:
        return
    first = int(apart[0, 0]) if matrices.ndim == 3 else 0
    graph = answered(matrices[first] if matrices.ndim == 3 else matrices)
    groups = tuple(tuple(items[i] for i in part) for part in parts(graph))
    listed = " | ".join(", ".join(group) for group in groups)
    who = f" of {experts[first]}" if len(experts) else ""
    raise DisconnectedError(
        f"node {node}: the answers{who} leave these items apart: {listed}",
        node=node,
        parts=groups,
        expert=experts[first] if len(experts) else None,
    )
