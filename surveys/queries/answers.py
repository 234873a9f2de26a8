"""A panelist's own answers, and a panel's to one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.db.models import OuterRef, Subquery

from surveys.models import Comparison
from surveys.queries.standing import answered, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import FloatArray
    from surveys.models import Panelist, Round


def own_answers(panelist: Panelist, round_: Round) -> tuple[tuple[str, str, str, float], ...]:
    """Return her standing answers (node, a, b, value) in the framework's order; skipped nodes left out; one query."""
    rows = (
        answered(round_)
        .filter(panelist=panelist)
        .order_by("comparison__parent__position", "comparison__a__position", "comparison__b__position")
        .values_list("comparison__parent__code", "comparison__a__code", "comparison__b__code", "value")
    )
    return tuple((node, a, b, value) for node, a, b, value in rows if value is not None)


def node_matrix(panelist: Panelist, round_: Round, node: str) -> tuple[tuple[str, ...], FloatArray]:
    """Return the items of one node (codes in the framework's order) and her answers as a reciprocal matrix, NaN where open.

    One query.
    """
    hers = standing(round_).filter(panelist=panelist, comparison=OuterRef("pk"))
    rows = list(
        Comparison.objects.filter(round=round_, parent__code=node)
        .annotate(hers=Subquery(hers.values("value")[:1]))
        .order_by("a__position", "b__position")
        .values_list("a__code", "b__code", "hers")
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
    """Return everybody's answers to one node (K, n, n) in the order of ``items``, NaN where open; one query.

    Who says that it is not her field has no part.
    """
    rows = answered(round_).filter(comparison__parent__code=node).order_by("panelist_id")
    place = {code: position for position, code in enumerate(items)}
    expert: dict[int, int] = {}
    found: list[FloatArray] = []
    for who, a, b, value in rows.values_list("panelist_id", "comparison__a__code", "comparison__b__code", "value"):
        if who not in expert:
            expert[who] = len(found)
            found.append(np.where(np.eye(len(items)) == 1, 1.0, np.nan))
        found[expert[who]][place[a], place[b]] = value
    given = np.array(found).reshape(-1, len(items), len(items))
    return np.where(np.isnan(given), 1 / given.swapaxes(1, 2), given)
