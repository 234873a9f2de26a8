"""A panelist's own answers, and the receipt over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.db.models import FilteredRelation, Q

from surveys.files.receipts import receipt_inputs, receipt_of
from surveys.models import Comparison, Judgement, NodeChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import FloatArray
    from surveys.models import Panelist, Round


def own_answers(panelist: Panelist, round_: Round) -> tuple[tuple[str, str, str, float], ...]:
    """Return her standing answers (node, a, b, value) in the framework's order; skipped nodes left out."""
    latest: dict[int, tuple[str, str, str, float | None]] = {}
    rows = (
        Judgement.objects.filter(panelist=panelist, comparison__round=round_)
        .order_by("comparison__parent__position", "comparison__a__position", "comparison__b__position", "version")
        .values_list("comparison_id", "comparison__parent__code", "comparison__a__code", "comparison__b__code", "value")
    )
    for comparison, node, a, b, value in rows:
        latest[comparison] = (node, a, b, value)
    choices = node_choices(panelist, round_)
    return tuple(
        (node, a, b, value)
        for node, a, b, value in latest.values()
        if value is not None and choices.get(node) != NodeChoice.Choice.SKIP
    )


def node_matrix(panelist: Panelist, round_: Round, node: str) -> tuple[tuple[str, ...], FloatArray]:
    """Return the items of one node (codes in the framework's order) and her answers as a reciprocal matrix, NaN where open.

    One query.
    """
    rows = list(
        Comparison.objects.filter(round=round_, parent__code=node)
        .annotate(mine=FilteredRelation("judgements", condition=Q(judgements__panelist=panelist)))
        .order_by("a__position", "b__position", "mine__version")
        .values_list("a__code", "b__code", "mine__value")
    )
    place: dict[str, int] = {}
    for a, b, _value in rows:
        place.setdefault(a, len(place))
        place.setdefault(b, len(place))
    matrix = np.full((len(place), len(place)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for a, b, value in rows:
        matrix[place[a], place[b]] = np.nan if value is None else value
        matrix[place[b], place[a]] = np.nan if value is None else 1 / value
    return tuple(place), matrix


def panel_matrices(round_: Round, node: str, items: Sequence[str]) -> FloatArray:
    """Return everybody's answers to one node (K, n, n) in the order of ``items``, NaN where open; one query."""
    rows = Judgement.objects.filter(comparison__round=round_, comparison__parent__code=node).order_by("version")
    place = {code: at for at, code in enumerate(items)}
    expert: dict[int, int] = {}
    found: list[FloatArray] = []
    for who, a, b, value in rows.values_list("panelist_id", "comparison__a__code", "comparison__b__code", "value"):
        if who not in expert:
            expert[who] = len(found)
            found.append(np.where(np.eye(len(items)) == 1, 1.0, np.nan))
        i, j = place[a], place[b]
        found[expert[who]][[i, j], [j, i]] = np.nan if value is None else (value, 1 / value)
    return np.array(found).reshape(-1, len(items), len(items))


def node_choices(panelist: Panelist, round_: Round) -> dict[str, str]:
    """Return how she wants to answer each node that she chose for, by its code."""
    rows = NodeChoice.objects.filter(panelist=panelist, round=round_).order_by("version")
    return dict(rows.values_list("node__code", "choice"))


def receipt(round_: Round, panelist: Panelist, answers: tuple[tuple[str, str, str, float], ...]) -> str:
    """Return the SHA-256 over round, code and answers at 12 significant digits, in order; she can compute it herself."""
    return receipt_of(receipt_inputs(round_.uid, panelist.code, answers))
