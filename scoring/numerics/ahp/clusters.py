"""Experts who weigh alike: hierarchical clustering on Aitchison distance, cut by silhouette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from scoring.numerics.digits import significant
from scoring.numerics.types import Cluster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import BoolArray, FloatArray, IntArray

NO_STRUCTURE = 0.25  # Kaufman & Rousseeuw 1990: a silhouette up to 0.25 shows no substantial structure
MOST_CLUSTERS = 8


def centred_log_ratios(weights: FloatArray) -> FloatArray:
    """Return ln w minus its mean over the last axis; their Euclidean distance is Aitchison's (Aitchison 1986)."""
    logs = np.log(weights)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def clusters(weights: FloatArray, experts: Sequence[str], indicators: Sequence[str]) -> tuple[Cluster, ...]:
    """Group experts by their global weights (K, I), the largest group first.

    Average linkage; the number of groups with the largest mean silhouette (Rousseeuw 1987, J. Comput. Appl. Math. 20),
    two to eight. One group of all where no cut reaches a silhouette above 0.25 or there are fewer than three experts.
    Linkage breaks ties by position, so experts are put in order of their weights first: row order changes nothing.
    """
    if not len(experts):
        return ()
    ratios = centred_log_ratios(weights)
    order = np.lexsort(significant(weights).T)
    labels = np.empty(len(order), dtype=np.int64)
    labels[order] = _cut(ratios[order])
    found = [_describe(labels == label, ratios, weights, experts, indicators) for label in np.unique(labels)]
    return tuple(sorted(found, key=lambda cluster: (-len(cluster.experts), cluster.experts)))


def _cut(ratios: FloatArray) -> IntArray:
    """Return a label for each expert."""
    one = np.ones(len(ratios), dtype=np.int64)
    if len(ratios) < 3:
        return one
    distances = pdist(ratios)
    if distances.max() < 1e-9:
        return one
    tree, square = linkage(distances, method="average"), squareform(distances)
    joined_at = squareform(cophenet(tree))
    # cut below the merge that leaves one group fewer; a group is named after its first member
    cuts = [
        np.asarray((joined_at <= tree[-count, 2]).argmax(axis=1))
        for count in range(2, min(MOST_CLUSTERS, len(ratios) - 1) + 1)
    ]
    values = [round(silhouette(square, cut), 12) for cut in cuts]
    best = int(np.argmax(values))
    return cuts[best] if values[best] > NO_STRUCTURE else one


def silhouette(distances: FloatArray, labels: IntArray) -> float:
    """Return the mean silhouette of a labelling from the distances (K, K); an expert alone in her group counts 0."""
    groups = np.unique(labels)
    if len(groups) < 2:
        return 0.0
    member = labels[:, None] == groups
    sizes = member.sum(axis=0)
    sums = distances @ member
    own = member.argmax(axis=1)
    rows = np.arange(len(labels))
    alone = sizes[own] == 1
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    scale = np.maximum(inside, outside)
    values = np.divide(outside - inside, scale, out=np.zeros(len(labels)), where=(scale > 0) & ~alone)
    return float(values.mean())


def _describe(
    inside: BoolArray, ratios: FloatArray, weights: FloatArray, experts: Sequence[str], indicators: Sequence[str]
) -> Cluster:
    """Give a group its mean weights (geometric, renormalised) and what divides it from the rest, largest first."""
    means = np.exp(np.log(weights[inside]).mean(axis=0))
    divides: tuple[tuple[str, float], ...] = ()
    if not inside.all():
        apart = ratios[inside].mean(axis=0) - ratios[~inside].mean(axis=0)
        order = sorted(range(len(indicators)), key=lambda i: (-round(abs(apart[i]), 12), indicators[i]))
        divides = tuple((indicators[i], float(apart[i])) for i in order)
    return Cluster(
        experts=tuple(sorted(expert for expert, belongs in zip(experts, inside, strict=True) if belongs)),
        weights=means / means.sum(),
        divides=divides,
    )
