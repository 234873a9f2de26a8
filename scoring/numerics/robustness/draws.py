"""How sure are the weights? The panel drawn many times: which experts, how sure each judgement is, how the group is combined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.consistency import log_errors
from scoring.numerics.ahp.incomplete import individual_priorities, llsm, pseudoinverse
from scoring.numerics.ahp.pairwise import answered, connected, pairs_answered
from scoring.numerics.ahp.scales import scaled
from scoring.numerics.ahp.tree import global_weights
from scoring.numerics.digits import significant
from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import weigh
from scoring.numerics.robustness.streams import WEIGHTS, normals, uniforms
from scoring.numerics.types import WeightDraws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import (
        BoolArray,
        ConsensusMethod,
        FloatArray,
        Group,
        IntArray,
        PanelConsensus,
        PanelJudgements,
        PanelWeights,
        Priorities,
    )

LEAST_SIGMA = 0.5 * np.log(9 / 8)  # half the finest step of the 1-9 scale
BLOCK = 128  # draws computed side by side, always the same ones: no sum depends on how many draws are asked for
LOW, HIGH = 5, 95
COMBINATIONS: tuple[tuple[Group, Priorities], ...] = (
    ("aij", "eigenvector"),
    ("aij", "geometric"),
    ("aip-geometric", "eigenvector"),
    ("aip-geometric", "geometric"),
)


def weigh_with_spread(panel: PanelJudgements, method: ConsensusMethod) -> PanelConsensus:
    """Weigh the panel and, where the method asks for draws, give every global weight its 5th and 95th percentile (R type 7).

    Raises
    ------
    MethodError
        As `draw_weights`.
    NumericsError
        As `weigh`.
    """
    consensus = weigh(panel, method)
    if method.draws == 0:
        return consensus
    draws = draw_weights(panel, method, consensus)
    low, high = _ends(panel, draws, _globals_of_all(panel, draws))
    return replace(consensus, low=low, high=high, draws=draws)


def with_local_intervals(
    weights: PanelWeights, panel: PanelJudgements, method: ConsensusMethod, draws: WeightDraws | None = None
) -> PanelWeights:
    """Return a consensus' weights with the intervals of the local ones, over the draws that gave those of the global ones.

    ``draws`` are these very draws where somebody has them; else they are drawn again, number for number. Under the root the
    local weight is the global one, and its interval is copied.
    """
    if not weights.low:
        return weights
    own = draws if draws is not None and len(draws.local) == weights.draws else draw_weights(panel, method)
    low, high = _ends(panel, own, own.local)
    top = (panel.tree.root, *panel.tree.children[panel.tree.root])
    return replace(
        weights,
        local_low=low | {code: weights.low[code] for code in top},
        local_high=high | {code: weights.high[code] for code in top},
    )


def _ends(panel: PanelJudgements, draws: WeightDraws, values: FloatArray) -> tuple[dict[str, float], dict[str, float]]:
    """Return the 5th and 95th percentile by code of drawn weights (D, C); the root's are 1."""
    low, high = significant(np.percentile(values, [LOW, HIGH], axis=0)).tolist()
    root = {panel.tree.root: 1.0}
    return root | dict(zip(draws.codes, low, strict=True)), root | dict(zip(draws.codes, high, strict=True))


def _globals_of_all(panel: PanelJudgements, draws: WeightDraws) -> FloatArray:
    """Return the drawn global weight of every code but the root, (D, C)."""
    column = {code: position for position, code in enumerate(draws.codes)}
    out = np.empty_like(draws.local)
    for node in panel.tree.nodes:
        above = 1.0 if node == panel.tree.root else out[:, column[node]]
        for child in panel.tree.children[node]:
            out[:, column[child]] = above * draws.local[:, column[child]]
    return out


@dataclass(frozen=True)
class _Node:
    """What the draws need of one node: the counting experts' logarithms, their uncertainty, and the nominal weights.

    ``logs`` (K, n, n) with 0 and ``graph`` (K, n, n) False where not answered; ``sigma`` (K,) of ln a_ij;
    ``own`` (K, n) log-priorities by priority method, NaN where an expert's answers leave items apart;
    ``covariance`` (K, n, n) each expert's L⁺: noise of variance σ² on her judgements gives her log-priorities the covariance
    σ² L⁺ (exact for log least squares, first order for the eigenvector). ``place`` (K,) says by the order of codes which
    of the noise numbers are whose, so that the order of rows changes nothing.
    """

    logs: FloatArray
    graph: BoolArray
    counts: BoolArray
    sigma: FloatArray
    own: dict[Priorities, FloatArray]
    covariance: FloatArray
    place: IntArray


def draw_weights(
    panel: PanelJudgements,
    method: ConsensusMethod,
    consensus: PanelConsensus | None = None,
    *,
    first: int = 0,
    count: int | None = None,
) -> WeightDraws:
    """Draw the panel ``method.draws`` times, or the ``count`` draws from ``first`` on, and weigh it every time.

    - ``bootstrap``: experts are drawn with replacement (within their groups when ``stratified``), the same experts at all
      nodes. A panel of one has no bootstrap: its spread over experts is unknown, and judgement noise alone is drawn.
      Where a drawn panel leaves a node's items apart or empty, that node keeps the whole panel in that draw.
    - ``noise``: every judgement is moved on the log scale with its expert's residual standard deviation at the node
      (log least squares, m - (n - 1) spare comparisons; without spare ones the panel's mean variance), at least ½ ln(9/8).
    - ``combine``: AIJ or geometric AIP, eigenvector or geometric priorities, each as likely (complete answers only).

    Exclusion by CR is decided once, by the answers as given. Draw d depends on (seed, d) alone.

    Returns
    -------
    WeightDraws
        Global weights (D, I) and local weights (D, C), 12 significant digits.

    Raises
    ------
    MethodError
        No draws.
    """
    size = method.draws - first if count is None else count
    if size < 1:
        raise MethodError("at least one draw is needed", parameter="draws", got=method.draws)
    nominal = consensus or weigh(panel, method)
    nodes = [_prepare(panel, position, nominal, method) for position in range(len(panel.nodes))]
    start = first // BLOCK * BLOCK
    blocks = [_draw_block(panel, nodes, method, draw) for draw in range(start, first + size, BLOCK)]
    rows = slice(first - start, first - start + size)
    by_node = [significant(np.concatenate([block[i] for block in blocks])[rows]) for i in range(len(nodes))]
    codes = [child for node in panel.tree.nodes for child in panel.tree.children[node]]
    return WeightDraws(
        indicators=panel.tree.indicators,
        weights=significant(global_weights(panel.tree, by_node)),
        codes=tuple(codes),
        local=np.concatenate(by_node, axis=1),
        seed=method.seed,
        first=first,
        panel_spread=method.bootstrap and _draws_differ(panel, nodes, method),
    )


def _draws_differ(panel: PanelJudgements, nodes: Sequence[_Node], method: ConsensusMethod) -> bool:
    """Say whether drawing experts can change a weight: at some node two count who may take each other's place."""
    labels = np.array(panel.groups if method.stratified else [""] * len(panel.experts))
    here = (labels[node.counts & node.graph.any(axis=(1, 2))] for node in nodes if node.graph.shape[-1] > 1)
    return any(len(own) > len(set(own)) for own in here)


def weigh_without(panel: PanelJudgements, method: ConsensusMethod, without: BoolArray) -> tuple[WeightDraws, BoolArray]:
    """Weigh the panel once for each row of ``without`` (C, K), leaving out the experts it marks; no noise, no bootstrap.

    Exclusion by CR is decided once, by the whole panel.

    Returns
    -------
    WeightDraws
        Weights (C, I) and local weights (C, codes).
    BoolArray
        (C,) False where the others' answers leave a node's items apart or empty; its weights then stand for nothing.

    Raises
    ------
    NumericsError
        As `weigh`.
    """
    plain = replace(method, draws=0, bootstrap=False, noise=False, combine=False)
    nominal = weigh(panel, plain)
    times = (~without).astype(np.float64)
    by_node, defined = [], np.ones(len(without), dtype=bool)
    for position, judged in enumerate(panel.nodes):
        node = _prepare(panel, position, nominal, plain)
        whole = np.where(node.counts, panel.expert_weights, 0.0)
        left = times * whole
        defined &= _joined(node, left) if len(judged.items) > 1 else left.any(axis=1)
        noise = np.zeros((len(times), _noise_width(plain, len(panel.experts), len(judged.items))))
        choice = np.zeros(len(times), dtype=np.int64)
        by_node.append(
            significant(_draw_node(node, panel.expert_weights, plain, times=times, choice=choice, noise=noise))
        )
    codes = [child for node in panel.tree.nodes for child in panel.tree.children[node]]
    weights = significant(global_weights(panel.tree, by_node))
    local = np.concatenate(by_node, axis=1)
    return WeightDraws(panel.tree.indicators, weights, tuple(codes), local, plain.seed), defined


def _noise_width(method: ConsensusMethod, experts: int, n: int) -> int:
    """Return how many noise numbers a node needs: AIJ one a pair, geometric AIP one an item, arithmetic AIP so for each expert."""
    pairs = n * (n - 1) // 2
    if method.combine:
        return pairs + n
    return {"aij": pairs, "aip-geometric": n}.get(method.group, experts * n)


def _prepare(panel: PanelJudgements, position: int, nominal: PanelConsensus, method: ConsensusMethod) -> _Node:
    """Gather what does not change from draw to draw at one node."""
    judged, result = panel.nodes[position], nominal.nodes[position]
    matrices = scaled(judged.matrices, method.scale, len(judged.items))
    graph = answered(matrices)
    counts = result.included & (panel.expert_weights > 0)
    whole = connected(matrices)
    covariance = np.zeros(matrices.shape)
    covariance[whole] = pseudoinverse(graph[whole])
    wanted = {pair[1] for pair in COMBINATIONS} if method.combine else {method.priorities}
    own: dict[Priorities, FloatArray] = {
        name: np.log(individual_priorities(matrices, complete=name, incomplete=method.incomplete)) for name in wanted
    }
    return _Node(
        logs=np.where(graph, np.log(np.where(graph, matrices, 1.0)), 0.0),
        graph=graph,
        counts=counts,
        sigma=residual_sigma(matrices, counts),
        own=own,
        covariance=covariance,
        place=np.argsort(np.argsort(panel.experts)),
    )


def residual_sigma(matrices: FloatArray, counts: BoolArray) -> FloatArray:
    """Return each expert's standard deviation of ln a_ij about her log-least-squares priorities, (K,), at least ½ ln(9/8).

    An expert without spare comparisons has the mean variance of the counting experts who have some.
    """
    n = matrices.shape[-1]
    variance = np.full(len(matrices), np.nan)
    spare = pairs_answered(matrices) - (n - 1)
    usable = connected(matrices) & (spare > 0)
    if usable.any():
        squares = np.nansum(log_errors(matrices[usable], llsm(matrices[usable])) ** 2, axis=(-1, -2)) / 2
        variance[usable] = squares / spare[usable]
    panel = usable & counts
    shared = variance[panel].mean() if panel.any() else 0.0
    return np.asarray(np.maximum(np.sqrt(np.where(np.isnan(variance), shared, variance)), LEAST_SIGMA))


def _draw_block(
    panel: PanelJudgements, nodes: Sequence[_Node], method: ConsensusMethod, first: int
) -> list[FloatArray]:
    """Draw one block of draws; returns the local weights (draws, n) of each node."""
    experts = len(panel.experts)
    widths = [_noise_width(method, experts, len(node.items)) for node in panel.nodes]
    # a draw owns one number for the combination, one an expert, and the noise of every node
    numbers = uniforms(method.seed, WEIGHTS, first, BLOCK, 1 + experts + sum(widths))
    times = _times_drawn(panel, method, numbers[:, 1 : 1 + experts])
    choice = (numbers[:, 0] * len(COMBINATIONS)).astype(np.int64)
    out, column = [], 1 + experts
    for node, width in zip(nodes, widths, strict=True):
        noise = normals(numbers[:, column : column + width]) if method.noise else np.zeros((BLOCK, width))
        column += width
        out.append(_draw_node(node, panel.expert_weights, method, times=times, choice=choice, noise=noise))
    return out


def _times_drawn(panel: PanelJudgements, method: ConsensusMethod, numbers: FloatArray) -> FloatArray:
    """Return how often each expert is in each drawn panel, (draws, K)."""
    experts = len(panel.experts)
    if not method.bootstrap or experts == 1:
        return np.ones_like(numbers)
    labels = np.unique(panel.groups, return_inverse=True)[1] if method.stratified else np.zeros(experts, dtype=np.int64)
    labels = np.where(
        panel.expert_weights > 0, labels, experts + np.arange(experts)
    )  # of no weight: nobody's substitute
    order = np.lexsort((np.array(panel.experts), labels))  # by code: the order of rows changes no draw
    size = np.bincount(labels)[labels[order]]
    start = np.searchsorted(labels[order], labels[order])
    picked = order[start + (numbers * size).astype(np.int64)]
    flat = picked + experts * np.arange(len(numbers))[:, None]
    return np.bincount(flat.ravel(), minlength=numbers.size).reshape(numbers.shape).astype(float)


def _draw_node(
    node: _Node,
    expert_weights: FloatArray,
    method: ConsensusMethod,
    *,
    times: FloatArray,
    choice: IntArray,
    noise: FloatArray,
) -> FloatArray:
    """Weigh one node of a block of drawn panels, (draws, n)."""
    n = node.logs.shape[-1]
    if n == 1:
        return np.ones((len(times), 1))
    weights = times * np.where(node.counts, expert_weights, 0.0)
    weights = _whole_panel_where_apart(node, weights, np.where(node.counts, expert_weights, 0.0))
    if not method.combine:
        return _combine(node, weights, noise, group=method.group, priorities=method.priorities, method=method)
    out = np.empty((len(times), n))
    apart = any(np.isnan(node.own[name][node.counts]).any() for name in node.own)
    for number, (group, priorities) in enumerate(COMBINATIONS):
        here = choice == number
        group_ = "aij" if apart else group  # priorities of an expert whose answers leave items apart do not exist
        part = noise[here, :-n] if group_ == "aij" else noise[here, -n:]
        out[here] = _combine(node, weights[here], part, group=group_, priorities=priorities, method=method)
    return out


def _whole_panel_where_apart(node: _Node, weights: FloatArray, whole: FloatArray) -> FloatArray:
    """Put the whole panel back where a drawn one is empty or leaves items apart."""
    fine = _joined(node, weights)
    return weights if fine.all() else np.where(fine[:, None], weights, whole)


def _joined(node: _Node, weights: FloatArray) -> BoolArray:
    """Say for each weighted panel (draws, K) whether its answers join all items of the node."""
    n = node.logs.shape[-1]
    pairs = np.triu_indices(n, 1)
    seen = (weights > 0).astype(float) @ node.graph[:, pairs[0], pairs[1]] > 0
    full = np.asarray(seen.all(axis=1))
    if full.all():
        return full
    graph = np.zeros((len(weights), n, n), dtype=bool)
    graph[:, pairs[0], pairs[1]] = graph[:, pairs[1], pairs[0]] = seen
    return np.asarray(full | connected(np.where(graph | np.eye(n, dtype=bool), 1.0, np.nan)))


def _combine(
    node: _Node,
    weights: FloatArray,
    noise: FloatArray,
    *,
    group: Group,
    priorities: Priorities,
    method: ConsensusMethod,
) -> FloatArray:
    """Aggregate drawn panels (draws, K) at one node to local weights (draws, n)."""
    if group == "aij":
        matrices = _aggregated(node, weights, noise)
        return individual_priorities(matrices, complete=priorities, incomplete=method.incomplete)
    who = node.counts
    own, sigma = node.own[priorities][who], node.sigma[who]
    share = weights[:, who] / weights[:, who].sum(axis=1, keepdims=True)
    if group == "aip-geometric":  # the experts' noise as one vector with the covariance of their weighted mean
        covariance = np.tensordot((share * sigma) ** 2, node.covariance[who], axes=1)
        return _closed(share @ own + np.einsum("dij,dj->di", _root(covariance), noise))
    own_noise = noise.reshape(len(noise), -1, own.shape[1])[:, node.place[who]]
    shift = np.einsum("kij,dkj->dki", _root(node.covariance[who]), own_noise)
    return np.asarray(np.einsum("dk,dki->di", share, _closed(own + sigma[:, None] * shift)))


def _root(covariance: FloatArray) -> FloatArray:
    """Return the symmetric square root of covariance matrices (..., n, n)."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ np.swapaxes(vectors, -1, -2))


def _closed(logs: FloatArray) -> FloatArray:
    """Return priorities (..., n) from their logarithms, summing to 1."""
    values = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(values / values.sum(axis=-1, keepdims=True))


def _aggregated(node: _Node, weights: FloatArray, noise: FloatArray) -> FloatArray:
    """Aggregate judgements to the drawn groups' matrices (draws, n, n).

    The experts' noise on a pair is drawn as one normal number with the variance of their weighted mean.
    """
    n = node.logs.shape[-1]
    pairs = np.triu_indices(n, 1)
    graph, logs = node.graph[:, pairs[0], pairs[1]].astype(float), node.logs[:, pairs[0], pairs[1]]
    total = weights @ graph
    known = total > 0
    safe = np.where(known, total, 1.0)
    deviation = np.sqrt((weights**2) @ (graph * node.sigma[:, None] ** 2)) / safe
    mean = np.where(known, weights @ logs / safe + deviation * noise, np.nan)
    matrices = np.ones((len(weights), n, n))
    matrices[:, pairs[0], pairs[1]], matrices[:, pairs[1], pairs[0]] = np.exp(mean), np.exp(-mean)
    return matrices
