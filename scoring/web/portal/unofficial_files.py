"""A what-if as a file: every row and the whole say that it is unofficial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exchange.tables import csv_text
from scoring.files.digits import computed_text, given_text, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.queries.explore.what_if import Outcome, WhatIfPage

UNOFFICIAL: Final = "unofficial"
NOTICE: Final = "Unofficial: a reader's what-if, calculated, no forecast and not a published result."
COLUMNS: Final = ("status", "what", "code", "name", "official", "what_if")


def as_json(page: WhatIfPage, found: Outcome) -> str:
    """Return the answer as JSON."""
    head, subject = page.head, page.subject
    return json_text(
        {
            "unofficial": True,
            "notice": NOTICE,
            "series": head.series,
            "edition": head.edition,
            "release": head.number,
            "fingerprint_of_the_release": head.fingerprint,
            "is_demonstration": head.is_demonstration,
            "unit": subject.code,
            "name": subject.name,
            "changed_values": {one.criterion.code: {"official": one.before, "what_if": one.after, "moves_with": one.together}
                               for one in found.values},
            "changed_weights": {one.criterion.code: {"official": one.before, "what_if": one.after} for one in found.weights},
            "official": {"rank": found.official_rank, "of": subject.total, "score": found.official_score,
                         "tier": found.official_tier.number},
            "what_if": {"rank": found.rank, "rank_low": found.low, "rank_high": found.high, "score": found.score,
                        "tier": found.tier.number, "interval_over": list(found.covers),
                        "not_varied": list(found.scope.not_varied), "draws": found.draws},
            "pillars": {one.criterion.code: {"official": one.before, "what_if": one.after} for one in found.pillars},
            "ranks": [{"code": one.code, "name": one.name, "official": one.before, "what_if": one.after}
                      for one in found.ranks],
        }
    )  # fmt: skip


def as_csv(page: WhatIfPage, found: Outcome) -> str:
    """Return the answer as CSV, one number a row."""
    return csv_text(COLUMNS, ([UNOFFICIAL, *row] for row in _rows(page, found)))


def _rows(page: WhatIfPage, found: Outcome) -> Iterator[list[Any]]:
    head, code, name = page.head, page.subject.code, page.subject.name
    yield ["release", f"{head.series} {head.edition} v{head.number}", NOTICE, head.fingerprint, ""]
    for one in found.values:
        yield ["value", one.criterion.code, one.criterion.name, given_text(one.before), given_text(one.after)]
        if one.together:
            yield ["other_units_with_it", one.criterion.code, one.criterion.name, "", one.together]
    for one in found.weights:
        yield ["weight", one.criterion.code, one.criterion.name, computed_text(one.before), computed_text(one.after)]
    yield ["score", code, name, computed_text(found.official_score), computed_text(found.score)]
    yield ["tier", code, name, found.official_tier.number, found.tier.number]
    for pillar in found.pillars:
        yield [
            "pillar",
            pillar.criterion.code,
            pillar.criterion.name,
            computed_text(pillar.before),
            computed_text(pillar.after),
        ]
    for other in found.ranks:
        yield ["rank", other.code, other.name, other.before, other.after]
