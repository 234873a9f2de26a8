"""What releases of older formats hold, made from what would be computed today: each keeps its own rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from exchange.tables import csv_records, csv_rows, csv_table, csv_text
from scoring.files.country_shares import NAME as SHARES
from scoring.files.digits import computed_text as as_text
from scoring.files.digits import json_text
from scoring.files.movers import IMPORTANCE, ONE_PERSON
from scoring.files.uncertainty_writer import FOLDER, WEIGHTS, table_records
from scoring.numerics.ahp.consensus import s_star_unbounded, why_no_s_star
from scoring.numerics.ahp.scales import largest
from scoring.numerics.ahp.tree import over_the_tree
from scoring.numerics.digits import significant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scoring.numerics.types import FloatArray, NodeConsensus, PanelConsensus, Scale

RANKS, TABLES, SUMMARY, PANEL, DRAWS = (
    f"{FOLDER}{name}" for name in ("ranks.csv", "tables.json", "summary.json", "weights.csv", "weight_draws.csv")
)
SCORES: Final = "scores.csv"
ENDS: Final = ("rank_low", "rank_high")
SINCE_5: Final = frozenset(
    {"rank_joint_low", "rank_joint_high", "rank_low_exact", "rank_high_exact"}
    | {"rank_q1", "rank_q3", "modal_tier"}
    | {"rank_low_from", "rank_low_to", "rank_high_from", "rank_high_to"}
)


def as_format_1(computed: Mapping[str, str]) -> dict[str, str]:
    """Return what a release of format 1 holds: nothing under ``robustness/``, no word on the panel's spread or the sample."""
    computed = as_format_4(computed)
    kept = {name: text for name, text in computed.items() if not name.startswith(FOLDER)}
    if "summary.json" in kept:
        summary = json.loads(kept["summary.json"])
        del summary["recipe"]["robustness"]["sensitivity"]
        kept["summary.json"] = json_text(summary)
    if "consensus.json" in kept:
        consensus = json.loads(kept["consensus.json"])
        del consensus["panel_spread"]
        kept["consensus.json"] = json_text(consensus)
    return kept


def as_format_2(computed: Mapping[str, str]) -> dict[str, str]:
    """Return what a release of format 2 holds: no count of the draws that rank a unit, or nobody, and not how clear it is."""
    computed = as_format_3(computed)
    if SUMMARY not in computed:
        return dict(computed)
    header, *rows = csv_rows(computed[RANKS])
    column = header.index("draws")
    tables, summary = (json.loads(computed[name]) for name in (TABLES, SUMMARY))
    for row in tables["ranks"]:
        del row["draws"]
    del summary["ranking_nobody"], summary["clear"]
    return {
        **computed,
        RANKS: csv_text(
            [*header[:column], *header[column + 1 :]], ([*row[:column], *row[column + 1 :]] for row in rows)
        ),
        TABLES: json_text(tables, indent=None),
        SUMMARY: json_text(summary),
    }


def as_format_3(computed: Mapping[str, str]) -> dict[str, str]:
    """Return what a release of format 3 holds: under ``robustness/`` weights as used, their intervals over the recipe's draws."""
    computed = as_format_4(computed)
    if SUMMARY not in computed:
        return dict(computed)
    summary = json.loads(computed[SUMMARY])
    del summary["weights_draws"]
    older = {**computed, SUMMARY: json_text(summary)}
    if DRAWS in computed:
        tables = json.loads(computed[TABLES])
        older[PANEL] = csv_text(WEIGHTS, _weights_as_used(computed))
        older[TABLES] = json_text({**tables, "weights": table_records(older[PANEL])}, indent=None)
    return older


def as_format_4(computed: Mapping[str, str]) -> dict[str, str]:
    """Return what a release of format 4 holds: interval ends as percentiles, no joint sets, nothing of what moves scores.

    Nor does it tell what countries share.
    """
    computed = as_format_5(computed)
    older = {name: text for name, text in computed.items() if name not in (SHARES, IMPORTANCE, ONE_PERSON)}
    exact: dict[str, dict[str, str]] = {}
    if SUMMARY in computed:
        summary, tables = (json.loads(computed[name]) for name in (SUMMARY, TABLES))
        del summary["joint"], summary["accuracy"], summary["not_varied"]
        rows = list(csv_records(computed[RANKS]))
        exact = {row["uCode"]: {end: row[f"{end}_exact"] for end in ENDS} for row in rows}
        older[SUMMARY] = json_text(summary)
        older[RANKS] = _with_percentiles(computed[RANKS], exact)
        older[TABLES] = json_text({**tables, "ranks": table_records(older[RANKS])}, indent=None)
    if "summary.json" in computed:
        summary = json.loads(computed["summary.json"])
        summary["recipe"]["rank"].pop("rounding", None)
        older["summary.json"] = json_text(summary)
    if SCORES in computed:
        older[SCORES] = _with_percentiles(computed[SCORES], exact)
    return older


def as_format_5(computed: Mapping[str, str]) -> dict[str, str]:
    """Return what a release of format 5 holds: no word on who has no row at the latest time."""
    if "summary.json" not in computed:
        return dict(computed)
    summary = json.loads(computed["summary.json"])
    for one in summary["dropped"]:
        one.pop("time", None)
    return {**computed, "summary.json": json_text(summary)}


def _with_percentiles(text: str, exact: Mapping[str, Mapping[str, str]]) -> str:
    """Put each unit's percentiles in the place of its whole ranks, and leave out what came with format 5."""
    header, rows = csv_table(text)
    columns = [column for column in header if column not in SINCE_5]
    kept = ({**row, **exact.get(row["uCode"], {})} for row in rows)
    return csv_text(columns, ([row[column] for column in columns] for row in kept))


def _weights_as_used(computed: Mapping[str, str]) -> Iterator[list[str]]:
    """Give the root, then every criterion in the order of the draws: local weight with interval, global with interval."""
    used: Mapping[str, float] = json.loads(computed["summary.json"])["weights"]
    parents = {row["iCode"]: row["Parent"] for row in csv_records(computed["weights.csv"])}
    root = next(code for code, parent in parents.items() if not parent)
    (_, *codes), *rows = csv_rows(computed[DRAWS])
    drawn = np.array(rows, dtype=np.float64)[:, 1:]
    whole, drawn_whole = {root: 1.0}, {root: np.ones(len(drawn))}
    yield [root, "", *["1"] * 6]
    for column, code in enumerate(codes):
        parent = parents[code]
        whole[code], drawn_whole[code] = whole[parent] * used[code], drawn_whole[parent] * drawn[:, column]
        ends = [_ends(drawn[:, column]), _ends(drawn_whole[code])]
        yield [
            code,
            parent,
            as_text(used[code]),
            *ends[0],
            as_text(float(significant(np.array(whole[code])))),
            *ends[1],
        ]


def _ends(values: FloatArray) -> list[str]:
    """Return the 5th and 95th percentile as text."""
    return [as_text(end) for end in significant(np.percentile(values, [5, 95])).tolist()]


def with_s_star_unbounded(consensus: PanelConsensus) -> PanelConsensus:
    """Return the consensus as releases up to format 4 have it: S* is whatever its formula gives, below 0 too."""
    nodes = tuple(_with_s_star_unbounded(node, consensus.method.scale) for node in consensus.nodes)
    return replace(
        consensus,
        nodes=nodes,
        s_star=over_the_tree([(consensus.global_[node.node], node.s_star) for node in nodes]),
    )


def _with_s_star_unbounded(node: NodeConsensus, scale: Scale) -> NodeConsensus:
    if why_no_s_star(node.s_star, node.homogeneity) != "too_far_apart":
        return node
    own = node.individual[node.included & ~np.isnan(node.individual).any(axis=-1)]
    return replace(node, s_star=s_star_unbounded(own, largest(scale, len(node.items))))


S_STAR_UNBOUNDED: Final = 4  # the last format in which S* is as its formula gives it
OLDER: Final[Mapping[Any, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    1: as_format_1,
    2: as_format_2,
    3: as_format_3,
    4: as_format_4,
    5: as_format_5,
}
"""What makes of today's results those of a release of an older format."""
