"""What hangs on a single part? The nominal ranking without one panelist, group, language, indicator or pillar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scoring.numerics.composite.aggregate import aggregate_root, local_weights, plan
from scoring.numerics.composite.ranking import rank
from scoring.numerics.robustness.draws import weigh_without
from scoring.numerics.robustness.intervals import rank_shift
from scoring.numerics.robustness.runs import CELLS, PLACES, without_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring.numerics.types import (
        BoolArray,
        ConsensusMethod,
        FloatArray,
        IntArray,
        PanelJudgements,
        Places,
        Scored,
        Tree,
    )

Kind = Literal["panelist", "group", "language", "indicator", "pillar"]
Part: TypeAlias = tuple[Kind, str]
KINDS: tuple[Kind, ...] = ("panelist", "group", "language", "indicator", "pillar")


@dataclass(frozen=True)
class LeaveOneOut:
    """The ranking without each of C parts: ``ranks`` (C, U) by ``parts`` (kind, code or name) and ``units``.

    ``undefined`` lists parts that nothing can be computed without, such as a panel's only member. ``shift`` (C,) is the mean
    change of rank; ``change`` (C,) the largest change of a unit's rank (places gained, negative for lost), ``mover`` (C,) the
    position of that unit and ``moved`` (C,) how many units change their rank.
    """

    units: tuple[str, ...]
    nominal: IntArray
    parts: tuple[Part, ...]
    undefined: tuple[Part, ...]
    ranks: Places
    shift: FloatArray
    change: IntArray
    mover: IntArray
    moved: IntArray


def leave_one_out(
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
    panel: PanelJudgements | None = None,
    method: ConsensusMethod | None = None,
    *,
    languages: Mapping[str, Mapping[str, float]] | None = None,
) -> LeaveOneOut:
    """Rank again without each panelist (by code), group, language, indicator and pillar, all else as it is.

    Without a panelist the panel is weighed anew from the judgements of the others; who is excluded by CR stays as it was.
    Without an indicator or a pillar (a criterion under the root) its weight goes to its siblings, and that of a criterion
    which has nothing left to its own. The screen's result and the normalised values stay. ``languages`` holds the others' local weights by language where the panel's own judgements do
    not tell who answered in which.

    Raises
    ------
    NumericsError
        As `weigh` and `aggregate`.

    Source: OECD/JRC Handbook 2008, step 7.
    """
    base = local_weights(tree, nominal.indicators, weights)
    codes = [code for code in base if code != tree.root]
    row = np.array([base[code] for code in codes])
    cases = _without_branches(tree, nominal.indicators, codes, row)
    if panel is not None and method is not None:
        cases = [*_without_people(panel, method, codes, row), *_without_languages(languages or {}, codes, row), *cases]
    rows = np.array([case for _, case in cases if case is not None]).reshape(-1, len(codes))
    ranks = ranks_by_weights(nominal, tree, codes, rows)
    some: BoolArray = np.asarray(((ranks > 0) & (nominal.ranks > 0)).any(axis=1))
    parts = tuple(part for part, case in cases if case is not None)
    defined = {part for part, known in zip(parts, some, strict=True) if known}
    return _compared(
        nominal,
        parts=tuple(part for part in parts if part in defined),
        undefined=tuple(part for part, _ in cases if part not in defined),
        ranks=ranks[some],
    )


def _without_people(
    panel: PanelJudgements, method: ConsensusMethod, codes: list[str], row: FloatArray
) -> list[tuple[Part, FloatArray | None]]:
    """Return each part of the panel with the local weights of the others; None where they leave a node without answer."""
    parts = list(_panel_parts(panel))
    left, defined = weigh_without(panel, method, np.array([who for _, who in parts]))
    columns = [left.codes.index(code) for code in codes]
    local = np.where(row > 0, left.local[:, columns], 0.0)  # what the screen dropped stays dropped
    return [(part, case if answered else None) for (part, _), case, answered in zip(parts, local, defined, strict=True)]


def _without_languages(
    languages: Mapping[str, Mapping[str, float]], codes: list[str], row: FloatArray
) -> list[tuple[Part, FloatArray | None]]:
    return [
        (("language", name), np.where(row > 0, [local[code] for code in codes], 0.0))
        for name, local in sorted(languages.items())
    ]


def _without_branches(
    tree: Tree, indicators: tuple[str, ...], codes: list[str], row: FloatArray
) -> list[tuple[Part, FloatArray | None]]:
    """Return each indicator and pillar with the local weights without it; None where nothing is left."""
    top = [codes.index(code) for code in tree.children[tree.root]]
    cases = []
    for part in _tree_parts(tree, indicators):
        local = {code: np.array([0.0 if code == part[1] else weight]) for code, weight in zip(codes, row, strict=True)}
        left = without_empty(tree, local)
        cases.append((part, np.array([left[code][0] for code in codes])))
    return [(part, case if case[top].any() else None) for part, case in cases]


def _panel_parts(panel: PanelJudgements) -> Iterable[tuple[Part, BoolArray]]:
    """Give every part of the panel with who belongs to it, (K,); a group or language that everybody shares is none."""
    for number, code in enumerate(panel.experts):
        yield ("panelist", code), np.arange(len(panel.experts)) == number
    labels: tuple[tuple[Kind, tuple[str, ...]], ...] = (("group", panel.groups), ("language", panel.languages))
    for kind, label in labels:
        if len(set(label)) > 1:
            for name in sorted(set(label) - {""}):
                yield (kind, name), np.array([one == name for one in label])


def _tree_parts(tree: Tree, indicators: tuple[str, ...]) -> Iterable[Part]:
    for code in indicators:
        yield "indicator", code
    for code in tree.children[tree.root]:
        if not tree.by_code[code].is_indicator:
            yield "pillar", code


def ranks_by_weights(nominal: Scored, tree: Tree, codes: list[str], rows: FloatArray) -> Places:
    """Rank the units under each row of local weights of all codes but the root, (C, U)."""
    data = nominal.steps["normalised"]
    plans = plan(tree, nominal.indicators, nominal.recipe.aggregate)
    out = np.zeros((len(rows), len(nominal.units)), dtype=PLACES)
    step = max(1, CELLS // max(len(nominal.units) ** 2, 1))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        local = {code: block[:, column] for column, code in enumerate(codes)} | {tree.root: np.ones(len(block))}
        out[start : start + step] = rank(aggregate_root(data, plans, local), nominal.recipe.rank)
    return out


def _compared(nominal: Scored, *, parts: tuple[Part, ...], undefined: tuple[Part, ...], ranks: Places) -> LeaveOneOut:
    """Say who moves most; of several the best-ranked."""
    order = np.array(sorted(range(len(nominal.units)), key=lambda row: (nominal.ranks[row], nominal.units[row])))
    both = (ranks > 0) & (nominal.ranks > 0)
    gained = np.where(both, nominal.ranks - ranks.astype(np.int64), 0)[:, order]
    most = np.abs(gained).argmax(axis=1) if len(ranks) else np.zeros(0, dtype=np.int64)
    return LeaveOneOut(
        units=nominal.units,
        nominal=nominal.ranks,
        parts=parts,
        undefined=undefined,
        ranks=ranks,
        shift=rank_shift(ranks, nominal.ranks),
        change=gained[np.arange(len(ranks)), most],
        mover=order[most],
        moved=np.count_nonzero(gained, axis=1),
    )
