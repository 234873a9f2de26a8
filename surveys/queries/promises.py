"""What a round promises, read from its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surveys.values.promises import Promises

if TYPE_CHECKING:
    from surveys.models import Round


def promises_of(round_: Round) -> Promises:
    """Return what a round tells when it opens; one query, with its panel, version and earlier round at hand."""
    pairs = round_.comparisons.order_by("parent__position", "a__position", "b__position")
    return Promises(
        round=round_.uid,
        panel=round_.panel.uid,
        framework=round_.version.fingerprint,
        follows=round_.follows.uid if round_.follows else None,
        seed=round_.seed,
        stop_within=round_.stop_within,
        names_shown=round_.panel.names_shown,
        drafts_count=round_.drafts_count,
        pairs=tuple(pairs.values_list("parent__code", "a__code", "b__code")),
    )
