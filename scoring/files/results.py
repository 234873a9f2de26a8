"""Results as exchange files, by name: what a computation gives is the same text for commands, releases and pages."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from exchange.tables import csv_records, csv_text
from scoring.files.digits import computed_text, json_text
from scoring.files.movers import IMPORTANCE, importance_csv
from scoring.numerics.ahp.consensus import ROUNDING, bounded_s_star
from scoring.numerics.robustness.importance import importance_by_node
from scoring.numerics.robustness.intervals import outward
from scoring.numerics.types import PanelWeights
from scoring.recipe import recipe_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scoring.numerics.types import FloatArray, IntArray, PanelConsensus, Scored, Tree

LABELS = ("uCode", "uName", "Time")
WEIGHTS = ("iCode", "Parent", "local_weight", "global_weight", "low", "high")
CONSISTENCY = ("expert", "node", "n", "answered", "lambda_max", "ci", "cr", "random_index", "gci")
CONSENSUS = ("node", "experts", "s_star", "homogeneity", "kendall_w")
INTERVALS = ("rank_low", "rank_high", "rank_joint_low", "rank_joint_high")  # what the draws say of a rank
SCORES = ("uCode", "uName", "rank", "tier", *INTERVALS, "score")


def consensus_files(consensus: PanelConsensus, tree: Tree) -> dict[str, str]:
    """Return ``weights.csv``, ``consistency.csv``, ``consensus.csv`` and ``summary.json`` of a consensus."""
    return {
        "weights.csv": weights_csv(consensus, tree),
        "consistency.csv": csv_text(CONSISTENCY, _consistency(consensus)),
        "consensus.csv": csv_text(
            CONSENSUS,
            (
                [
                    one.node,
                    one.experts,
                    computed_text(one.s_star),
                    computed_text(one.homogeneity),
                    computed_text(one.kendall_w),
                ]
                for one in consensus.nodes
            ),
        ),
        "summary.json": json_text(_consensus_summary(consensus, tree)),
    }


def with_s_star_bounded(consensus: str, summary: str) -> dict[str, str]:
    """Return ``consensus.csv`` and ``consensus.json`` of a frozen consensus with S* as `agreement` defines it.

    One that was frozen by older rules may have an S* below 0, at a node and over the tree: it is not defined.
    """
    rows = list(csv_records(consensus))
    values = [float(row["s_star"]) for row in rows if row["s_star"]]
    if all(0 <= value <= 1 for value in values):
        return {"consensus.csv": consensus, "consensus.json": summary}
    told = json.loads(summary)
    if min(values) < -ROUNDING:
        told["s_star"] = None
    for row in rows:
        row["s_star"] = computed_text(bounded_s_star(float(row["s_star"]))) if row["s_star"] else ""
    return {"consensus.csv": csv_text(CONSENSUS, (row.values() for row in rows)), "consensus.json": json_text(told)}


def weights_csv(consensus: PanelConsensus, tree: Tree) -> str:
    """Return the weights in the order of the tree, aggregates first; low and high are empty without draws."""
    rows = (
        [
            code,
            tree.by_code[code].parent or "",
            computed_text(consensus.local[code]),
            computed_text(consensus.global_[code]),
            computed_text(consensus.low.get(code)),
            computed_text(consensus.high.get(code)),
        ]
        for code in (*tree.nodes, *tree.indicators)
    )
    return csv_text(WEIGHTS, rows)


def panel_weights(text: str, draws: int) -> PanelWeights:
    """Read the weights of a consensus back from its ``weights.csv``, to be repeated; ``draws`` gave the intervals."""
    rows = list(csv_records(text))

    def column(name: str) -> dict[str, float]:
        return {row["iCode"]: float(row[name]) for row in rows if row[name]}

    local, global_, low, high = map(column, WEIGHTS[2:])
    return PanelWeights(local, global_, low, high, draws)


def _consistency(consensus: PanelConsensus) -> Iterator[list[object]]:
    """Give a row for every expert and node she answered."""
    for position, expert in enumerate(consensus.experts):
        for one in consensus.nodes:
            if one.answered[position]:
                measures = [computed_text(measure[position]) for measure in (one.lambda_max, one.ci, one.cr)]
                index = consensus.method.random_index
                yield [
                    expert,
                    one.node,
                    len(one.items),
                    one.answered[position],
                    *measures,
                    index,
                    computed_text(one.gci[position]),
                ]


def _consensus_summary(consensus: PanelConsensus, tree: Tree) -> dict[str, Any]:
    return {
        "method": asdict(consensus.method),
        "experts": len(consensus.experts),
        "nodes": len(consensus.nodes),
        "s_star": consensus.s_star,
        "homogeneity": consensus.homogeneity,
        "weights": {code: consensus.global_[code] for code in (*tree.nodes, *tree.indicators)},
        "group_consistency": {
            one.node: {"lambda_max": one.group_lambda_max, "cr": one.group_cr} for one in consensus.nodes
        },
        "clusters": clusters(consensus),
        "excluded": [{"node": node, "expert": expert} for node, expert in consensus.excluded],
        "without_exclusion": consensus.without_exclusion,
        "panel_spread": None if consensus.draws is None else consensus.draws.panel_spread,
    }


def clusters(consensus: PanelConsensus) -> list[dict[str, Any]]:
    """Return the clusters as plain data: expert codes, their mean weights, and what divides them from the rest."""
    return [
        {
            "experts": list(one.experts),
            "weights": one.weights.tolist(),
            "divides": [{"indicator": code, "log_ratio": ratio} for code, ratio in one.divides],
        }
        for one in consensus.clusters
    ]


def score_files(scored: Scored, tree: Tree) -> dict[str, str]:
    """Return ``scores.csv`` by rank, ``importance.csv``, ``summary.json``, and in ``steps/`` the table after each step.

    What is missing, or not ranked, is an empty cell. What the screen left out is in the summary, with the reason.
    """
    order = sorted(
        range(len(scored.units)),
        key=lambda position: (scored.ranks[position] == 0, scored.ranks[position], scored.units[position]),
    )
    ends = _interval_columns(scored)
    files = {
        "scores.csv": csv_text((*SCORES, *scored.nodes), (_score_row(scored, ends, position) for position in order))
    }
    for position, (step, table) in enumerate(scored.steps.items(), start=1):
        rows = (
            [unit, name, time, *map(computed_text, row)]
            for unit, name, time, row in zip(table.units, table.names, table.times, table.values.tolist(), strict=True)
        )
        files[f"steps/{position}_{step}.csv"] = csv_text((*LABELS, *table.columns), rows)
    return files | {
        IMPORTANCE: importance_csv(importance_by_node(scored, tree)),
        "summary.json": json_text(_score_summary(scored)),
    }


def _interval_columns(scored: Scored) -> list[list[str]]:
    """Return the ends of the rank intervals and of the joint sets, by unit; empty where there are none."""
    if scored.rank_low is None or scored.rank_high is None:
        return [[""] * len(scored.units)] * 4
    return interval_texts(scored.rank_low, scored.rank_high, scored.rank_joint)


def interval_texts(low: FloatArray, high: FloatArray, joint: tuple[IntArray, IntArray] | None) -> list[list[str]]:
    """Write the ends of rank intervals, outward to whole ranks, and of joint sets (0: none), (4, U)."""
    nobody = np.zeros(len(low), dtype=np.int64)
    sets = (nobody, nobody) if joint is None else joint
    return [
        *([computed_text(end) for end in ends] for ends in outward(low, high)),
        *([str(end) if end else "" for end in ends] for ends in sets),
    ]


def _score_row(scored: Scored, ends: list[list[str]], position: int) -> list[str]:
    interval = [column[position] for column in ends]
    place = [str(number[position]) if number[position] else "" for number in (scored.ranks, scored.tiers)]
    scores = [computed_text(value) for value in (scored.scores[position], *scored.aggregates[position])]
    return [scored.units[position], scored.names[position], *place, *interval, *scores]


def _score_summary(scored: Scored) -> dict[str, Any]:
    """Return what was done: recipe, weights, what was dropped, treated and imputed, the yardstick."""
    return {
        "units": len(scored.units),
        "ranked": int((scored.ranks > 0).sum()),
        "indicators": len(scored.indicators),
        "recipe": recipe_to_dict(scored.recipe),
        "weights": scored.weights,
        "dropped": [{key: item for key, item in asdict(one).items() if item is not None} for one in scored.dropped],
        "imputed": [[scored.units[row], scored.indicators[column]] for row, column in np.argwhere(scored.imputed)],
        "treatments": [asdict(one) for one in scored.treatments],
        "yardstick": scored.yardstick.parameters,
    }


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by name under a folder, which is made where it is missing."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
