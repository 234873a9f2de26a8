"""The same judgements by ahpy and pyDecision, in their own environment; prints JSON for bench.py."""

from __future__ import annotations

import json
import sys
import time
from itertools import combinations, pairwise

import ahpy
import numpy as np
from pyDecision.algorithm import ahp_method


def pairs(matrix: np.ndarray, items: list[str]) -> dict[tuple[str, str], float]:
    """Return a matrix in the form that ahpy takes."""
    return {(items[i], items[j]): float(matrix[i, j]) for i, j in combinations(range(len(matrix)), 2)}


def compare(name: str, given: dict[tuple[str, str], float]) -> ahpy.Compare:
    """Return ahpy's priorities and CR of one node."""
    return ahpy.Compare(name, given, precision=12, random_index="saaty")


def hierarchy(given: list[dict[tuple[str, str], float]]) -> list[ahpy.Compare]:
    """Return one tree with its global weights: each node is the first item of the node above it."""
    nodes = [compare(f"n{number}", pairs) for number, pairs in enumerate(given)]
    for above, below in reversed(list(pairwise(nodes))):
        above.add_children([below])
    return nodes


def measure_ahpy(matrices: np.ndarray, nodes: list[np.ndarray]) -> dict[str, object]:
    """Time Compare on each matrix, then each expert's tree and the group's."""
    single = [pairs(matrix, list("abcdefg")) for matrix in matrices]
    items = [
        [f"n{position + 1}", *(f"n{position}_{leaf}" for leaf in range(stack.shape[-1] - 1))]
        for position, stack in enumerate(nodes)
    ]
    judged = [
        [pairs(stack[expert], items[position]) for position, stack in enumerate(nodes)]
        for expert in range(len(nodes[0]))
    ]
    start = time.perf_counter()
    for given in single:
        compare("node", given)
    middle = time.perf_counter()
    for given in judged:
        hierarchy(given)
    means = [np.exp(np.log(stack).mean(axis=0)) for stack in nodes]
    group = hierarchy([pairs(mean, row) for mean, row in zip(means, items, strict=True)])
    end = time.perf_counter()
    weights = [float(node.local_weights[item]) for node, row in zip(group, items, strict=True) for item in row]
    return {"priorities": middle - start, "consensus": end - middle, "weights": weights}


def measure_pydecision(matrices: np.ndarray, nodes: list[np.ndarray]) -> dict[str, object]:
    """Time its eigenvector on each matrix, then on everybody's and the group's at each node; it knows no tree."""
    start = time.perf_counter()
    for matrix in matrices:
        ahp_method(matrix, wd="max_eigen")
    middle = time.perf_counter()
    weights: list[float] = []
    for stack in nodes:
        for matrix in stack:
            ahp_method(matrix, wd="max_eigen")
        weights += map(float, ahp_method(np.exp(np.log(stack).mean(axis=0)), wd="max_eigen")[0])
    return {"priorities": middle - start, "consensus": time.perf_counter() - middle, "weights": weights}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        given = file["matrices"], [file[name] for name in sorted(file.files) if name != "matrices"]
    print(json.dumps({"ahpy": measure_ahpy(*given), "pyDecision": measure_pydecision(*given)}))
