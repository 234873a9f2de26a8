"""From nodes to the whole tree: weights multiply downwards, agreement is averaged by the nodes' weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.digits import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoring.numerics.types import FloatArray, Tree


def local_by_code(tree: Tree, weights: Sequence[FloatArray]) -> dict[str, float]:
    """Name the local weights of ``tree.nodes`` by code, rounded to 12 significant digits; the root has 1."""
    named = {tree.root: 1.0}
    for node, values in zip(tree.nodes, weights, strict=True):
        named |= dict(zip(tree.children[node], significant(values).tolist(), strict=True))
    return named


def global_by_code(tree: Tree, local: Mapping[str, float]) -> dict[str, float]:
    """Multiply local weights down the tree; rounded to 12 significant digits."""
    products = tree.global_weights(local)
    return dict(zip(products, significant(np.array(list(products.values()))).tolist(), strict=True))


def global_weights(tree: Tree, weights: Sequence[FloatArray]) -> FloatArray:
    """Multiply batched local weights (..., n), one array a node of ``tree.nodes``, to (..., I) in ``tree.indicators``' order."""
    lead = weights[0].shape[:-1]
    products = {tree.root: np.ones(lead)}
    for node, values in zip(tree.nodes, weights, strict=True):
        for position, child in enumerate(tree.children[node]):
            products[child] = products[node] * values[..., position]
    return np.stack([products[code] for code in tree.indicators], axis=-1)


def over_the_tree(parts: Iterable[tuple[float, float | None]]) -> float | None:
    """Return Σ p · value / Σ p over the nodes where the value is defined; None where it is nowhere."""
    known = [(weight, value) for weight, value in parts if value is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total > 0 else None
