"""How sure a ranking is, as exchange files: what the study found is the same text for commands, releases and pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from exchange.tables import csv_records, csv_text
from scoring.files.changes import change_files
from scoring.files.digits import computed_text, json_text
from scoring.files.movers import ONE_PERSON, one_person_csv
from scoring.files.results import INTERVALS, interval_texts, score_files
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.doubling import budget_of
from scoring.numerics.robustness.intervals import with_intervals
from scoring.numerics.robustness.scope import scope_of
from scoring.numerics.robustness.study import study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring.numerics.robustness.intervals import Intervals
    from scoring.numerics.robustness.joint import JointSets
    from scoring.numerics.robustness.leave_one_out import LeaveOneOut
    from scoring.numerics.robustness.sensitivity import Sensitivity
    from scoring.numerics.robustness.study import Question, Robust, Study
    from scoring.numerics.types import FloatArray, PanelWeights, Scored, Tree, WeightDraws

FOLDER: Final = "robustness/"
AS_JSON: Final = ("ranks.csv", "alike.csv", "sensitivity.csv", "leave_one_out.csv", "weights.csv")
TEXTS: Final = frozenset({"uCode", "iCode", "Parent", "kind", "left_out", "factor"})
RANKS: Final = (
    "uCode", "rank", "draws", "rank_median", *INTERVALS, "rank_low_exact", "rank_high_exact", "rank_low_half", "rank_high_half",
    "rank_low_from", "rank_low_to", "rank_high_from", "rank_high_to", "rank_q1", "rank_q3", "modal_tier",
)  # fmt: skip
ALIKE: Final = ("group", "first_rank", "last_rank", "uCode")
SENSITIVITY: Final = (
    "uCode", "factor", "choices", "first", "first_low", "first_high", "total", "total_low", "total_high",
)  # fmt: skip
LEFT_OUT: Final = ("kind", "left_out", "mean_shift", "moved", "uCode", "rank", "rank_without", "change")
WEIGHTS: Final = (
    "iCode", "Parent", "local_weight", "local_low", "local_high", "global_weight", "global_low", "global_high",
)  # fmt: skip


def scored_files(question: Question, nominal: Scored | None = None) -> dict[str, str]:
    """Score and study in one process: the result files, with ``robustness/`` where the recipe asks for draws.

    ``nominal`` is the question's own score where somebody has it.

    Raises
    ------
    NumericsError
        Each step's refusals, by name.
    """
    return study_files(study(question, nominal), question.tree)


def study_files(found: Study, tree: Tree) -> dict[str, str]:
    """Return the result files of a study: scores, steps, summary, what moves them, and under ``robustness/`` the rest."""
    more = change_files(found.change) if found.change is not None else {}
    if found.one_person:
        more[ONE_PERSON] = one_person_csv(found.one_person)
    if found.robust is None:
        return score_files(found.nominal, tree) | more
    nominal = with_intervals(found.nominal, found.robust.intervals)
    return score_files(nominal, tree) | robust_files(found.robust, tree) | more


def robust_files(found: Robust, tree: Tree) -> dict[str, str]:
    """Return the files under ``robustness/``: ranks, pairs, groups, sensitivity, leave one out, weights and their draws."""
    files = {
        "ranks.csv": _ranks(found.intervals),
        "alike.csv": csv_text(ALIKE, _alike(found.intervals)),
        "leave_one_out.csv": csv_text(LEFT_OUT, _left_out(found.leave_one_out)),
        "leave_one_out_ranks.csv": _left_out_ranks(found.leave_one_out),
        "summary.json": json_text(_summary(found)),
    }
    if found.intervals.pairs is not None:
        files |= _pairs(found.intervals, found.intervals.pairs)
    if found.sensitivity is not None:
        files["sensitivity.csv"] = csv_text(SENSITIVITY, _sensitivity(found.sensitivity))
    if found.weight_draws is not None:
        files["weight_draws.csv"] = _weight_draws(found.weight_draws)
    if found.weights is not None and found.weights.low:
        files["weights.csv"] = csv_text(WEIGHTS, _weights(found.weights, tree))
    files["tables.json"] = json_text(
        {name.removesuffix(".csv"): table_records(files[name]) for name in AS_JSON if name in files}, indent=None
    )
    return {f"{FOLDER}{name}": text for name, text in files.items()}


def table_records(text: str) -> list[dict[str, str | float | None]]:
    """Return a table's rows as objects: numbers as numbers, what is missing as null."""
    return [{column: _value(column, cell) for column, cell in row.items()} for row in csv_records(text)]


def _value(column: str, cell: str) -> str | float | None:
    if column in TEXTS:
        return cell
    return float(cell) if cell else None


def _by_rank(found: Intervals | LeaveOneOut) -> list[int]:
    """Return the positions of the units by rank, then code; who has no rank last."""
    return sorted(
        range(len(found.units)),
        key=lambda position: (found.nominal[position] == 0, found.nominal[position], found.units[position]),
    )


def _ranks(found: Intervals) -> str:
    many = found.tier_shares.shape[1]
    header = (*RANKS, *(f"tier_{tier}" for tier in range(1, many + 1)))
    joint = None if isinstance(found.joint, NumericsError) else (found.joint.low, found.joint.high)
    ends = interval_texts(found.low, found.high, joint)
    exact = (found.low, found.high, found.low_half, found.high_half)
    rows = (
        [
            found.units[position],
            str(found.nominal[position]) if found.nominal[position] else "",
            str(found.ranked[position]),
            computed_text(found.median[position]),
            *(column[position] for column in ends),
            *(computed_text(column[position]) for column in exact),
            *(str(end) if end else "" for end in (*found.errors.low[position], *found.errors.high[position])),
            *(computed_text(column[position]) for column in (found.q1, found.q3)),
            str(found.modal_tier[position] or ""),
            *map(computed_text, found.tier_shares[position]),
        ]
        for position in _by_rank(found)
    )
    return csv_text(header, rows)


def _pairs(found: Intervals, pairs: FloatArray) -> dict[str, str]:
    """Return units by units the share of draws in which the row's unit stands above the column's, as CSV and as JSON."""
    order = _by_rank(found)
    units = [found.units[position] for position in order]
    shares, place = np.unique(pairs[np.ix_(order, order)], return_inverse=True)  # counts of draws: few different ones
    texts = np.array([computed_text(share) for share in shares], dtype=object)[place.reshape(len(order), -1)].tolist()
    above = ",\n".join(f"[{','.join(text or 'null' for text in row)}]" for row in texts)
    return {
        "pairs.csv": csv_text(("uCode", *units), ([unit, *row] for unit, row in zip(units, texts, strict=True))),
        "pairs.json": f'{{"units": {json.dumps(units, ensure_ascii=False)},\n"above": [{above}]}}\n',
    }


def _alike(found: Intervals) -> Iterator[list[object]]:
    for number, group in enumerate(found.alike, start=1):
        for unit in group.units:
            yield [number, group.first, group.last, unit]


def _sensitivity(found: Sensitivity) -> Iterator[list[object]]:
    """Give the mean shift of rank first, with an empty code, then every unit."""
    columns = (found.first, found.first_low, found.first_high, found.total, found.total_low, found.total_high)
    for output, unit in enumerate(("", *found.units)):
        for position, factor in enumerate(found.factors):
            yield [
                unit,
                factor,
                found.choices[position],
                *(computed_text(column[output, position]) for column in columns),
            ]


def _left_out(found: LeaveOneOut) -> Iterator[list[object]]:
    """Give each part with the unit that moves most; nobody where no unit moves."""
    for position, (kind, name) in enumerate(found.parts):
        mover = int(found.mover[position])
        change = int(found.change[position])
        unit = (
            [found.units[mover], found.nominal[mover], found.ranks[position, mover], change]
            if change
            else ["", "", "", 0]
        )
        yield [kind, name, computed_text(found.shift[position]), found.moved[position], *unit]


def _left_out_ranks(found: LeaveOneOut) -> str:
    order = _by_rank(found)
    rows = (
        [kind, name, *(str(rank) if rank else "" for rank in found.ranks[position, order].tolist())]
        for position, (kind, name) in enumerate(found.parts)
    )
    return csv_text(("kind", "left_out", *(found.units[position] for position in order)), rows)


def _weights(told: PanelWeights, tree: Tree) -> Iterator[list[str]]:
    """Repeat every criterion's local and global weight and interval as the consensus gave them."""
    columns = (told.local, told.local_low, told.local_high, told.global_, told.low, told.high)
    for code in (tree.root, *(child for node in tree.nodes for child in tree.children[node])):
        yield [code, tree.by_code[code].parent or "", *(computed_text(column[code]) for column in columns)]


def _weight_draws(drawn: WeightDraws) -> str:
    rows = ([drawn.first + position, *map(computed_text, row)] for position, row in enumerate(drawn.local.tolist()))
    return csv_text(("draw", *drawn.codes), rows)


def _summary(found: Robust) -> dict[str, Any]:
    """Return what was drawn, from which seeds, and whether the draws were enough."""
    recipe, spread = found.nominal.recipe.robustness, found.intervals
    panel_spread = None if found.weight_draws is None else found.weight_draws.panel_spread
    return {
        "draws": spread.draws,
        "seed": recipe.seed,
        "weights_seed": None if found.weight_draws is None else found.weight_draws.seed,
        "weights_draws": None if found.weights is None else found.weights.draws,
        "factors": [{"factor": factor, "choices": many, "varies": many > 1} for factor, many in found.choices.items()],
        "not_varied": list(
            scope_of([factor for factor, many in found.choices.items() if many > 1], panel_spread).not_varied
        ),
        "panel_spread": panel_spread,
        "units": len(spread.units),
        "ranking_nobody": spread.ranking_nobody,
        "mean_shift": None if np.isnan(spread.mean_shift) else spread.mean_shift,
        "accuracy": _accuracy(found),
        "convergence": {"half": (spread.draws + 1) // 2, "largest_difference": spread.gap},
        "alike": len(spread.alike),
        "pairs": spread.pairs is not None,
        "joint": _joint(spread.joint),
        "clear": None if spread.clear is None else {"first": spread.clear.first, "order": spread.clear.order},
        "sensitivity": _sensitivity_summary(found.sensitivity),
        "undefined_without": [{"kind": kind, "left_out": name} for kind, name in found.leave_one_out.undefined],
    }


def _accuracy(found: Robust) -> dict[str, Any]:
    """Return what was asked of the draws, what ended them, and how many ends of how many they do not know to one place."""
    choices, spread = found.nominal.recipe.robustness, found.intervals
    return {
        "asked": choices.draws,
        "budget": budget_of(choices, len(spread.units)),
        "ended": spread.ended,
        "ends": 2 * int(np.count_nonzero(spread.ranked)),
        "open_ends": spread.errors.open_ends(),
        "widest": spread.errors.widest,
    }


def _joint(found: JointSets | NumericsError) -> dict[str, Any]:
    """Return how the sets that hold for all units at once were made, or why there are none."""
    if isinstance(found, NumericsError):
        return {"undefined": found.code}
    return {
        "share": found.gamma,
        "rule": found.rule,
        "cut": found.cut,
        "position": found.position,
        "shape": found.shape,
        "checked": found.checked,
        "set_aside": found.set_aside,
    }


def _sensitivity_summary(found: Sensitivity | None) -> Mapping[str, int | bool] | None:
    """Return the size of the sample; ``defined`` is false where the mean shift is the same in every run."""
    if found is None:
        return None
    return {"base": found.base, "runs": found.runs, "defined": not bool(np.isnan(found.total[0]).any())}
