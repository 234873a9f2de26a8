"""What if a city's values or the weights were others: scored on the release's own yardstick, and never official."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.what_if import possible_ranges, what_if
from scoring.queries.explore.number_fields import read_numbers
from scoring.queries.explore.subject import (
    PERCENT,
    VALUE,
    WEIGHT,
    ControlGroup,
    Found,
    Refusal,
    RefusedField,
    Subject,
)
from scoring.queries.published.release_study import release_facts, scope_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.robustness.scope import Scope
    from scoring.numerics.robustness.what_if import WhatIf
    from scoring.numerics.types import Factor
    from scoring.queries.explore.number_fields import Numbers
    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.ranking import Tier
    from scoring.queries.published.release_head import ReleaseHead


@dataclass(frozen=True, slots=True)
class PillarChange:
    """A criterion under the root with its official score and the one asked for."""

    criterion: NamedCriterion
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Another city whose rank would be another; ``gained`` places, negative for lost."""

    code: str
    name: str
    before: int
    after: int

    @property
    def gained(self) -> int:
        """Places gained."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Setting:
    """A number as it is official and as it was asked; a weight is a share of its siblings.

    So many other cities of the country have the new value ``together`` with this one, since it is the country's.
    """

    criterion: NamedCriterion
    before: float | None
    after: float
    together: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the changed values and weights make of a city: never an official result.

    ``low`` and ``high`` hold nine of ten ranks in ``draws`` draws of what ``covers`` names, in whole ranks.
    ``has_own_weights`` says that the reader's weights stand for the panel's.
    """

    values: tuple[Setting, ...]
    weights: tuple[Setting, ...]
    official_score: float
    official_rank: int
    official_tier: Tier
    score: float
    rank: int
    tier: Tier
    low: int | None
    high: int | None
    covers: tuple[Factor, ...]
    draws: int
    pillars: tuple[PillarChange, ...]
    moved: tuple[Moved, ...]
    ranks: tuple[Moved, ...]
    has_own_weights: bool
    scope: Scope

    @property
    def gained(self) -> int:
        """Places gained."""
        return self.official_rank - self.rank

    @property
    def lost(self) -> int:
        """Places lost."""
        return self.rank - self.official_rank


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """The question about a city as it was asked, and its answer, None where nothing or nothing possible was asked."""

    subject: Subject
    groups: tuple[ControlGroup, ...]
    weights: tuple[ControlGroup, ...]
    asks: bool
    refused: tuple[RefusedField, ...]
    refusal: Refusal | None
    outcome: Outcome | None

    @property
    def asks_weights(self) -> bool:
        """Say whether the reader wrote a weight."""
        return any(control.text for group in self.weights for control in group.controls)

    @property
    def head(self) -> ReleaseHead:
        """The release."""
        return self.subject.head


def what_if_page(head: ReleaseHead, code: str, query: Mapping[str, str], *, always: bool = False) -> WhatIfPage | None:
    """Return the answer to a what-if, or None where the release has no such unit; five queries at most.

    ``query`` holds new values as ``v.<indicator>=<number>``, and weights in per cent of their siblings as
    ``w.<criterion>=<number>``. Where nothing is asked there is an answer only ``always``: the official result.
    """
    found = Found.read(head, code)
    if found is None:
        return None
    field, refusal = found.field()
    if field is None:
        return WhatIfPage(found.subject, (), (), asks=False, refused=(), refusal=refusal, outcome=None)
    ranges = possible_ranges(field)
    values = read_numbers(query, VALUE, ranges)
    weights = read_numbers(query, WEIGHT, dict.fromkeys(_weighed(field), PERCENT))
    asks = bool(values.texts or weights.texts)
    refused = (*found.refused(values), *found.refused(weights))
    outcome = None
    if not refused and (asks or always):
        shares = {one: percent / 100 for one, percent in weights.values.items()}
        try:
            outcome = _outcome(found, what_if(field, code, values.values, shares), field, weights)
        except NumericsError as error:
            refusal = Refusal(error.code, error.facts, str(error))
    elif not refused and found.subject.row is None:
        refusal = Refusal("not_ranked", {"unit": code}, f"{code} has no rank")
    return WhatIfPage(
        subject=found.subject,
        groups=found.value_groups(field, ranges, values),
        weights=found.weight_groups(field, weights),
        asks=asks,
        refused=refused,
        refusal=refusal,
        outcome=outcome,
    )


def _weighed(field: ReleaseModel) -> list[str]:
    """Return the criteria whose weight can change anything: those with siblings that have data."""
    alive = [node.children for node in field.official.plans if len(node.children) > 1]
    return [code for children in alive for code in children]


def _outcome(on: Found, found: WhatIf, field: ReleaseModel, weights: Numbers) -> Outcome:
    own = on.own(field)
    ranks = tuple(
        Moved(code, on.names[code], int(before), int(after))
        for code, before, after in sorted(
            zip(found.units, found.official_ranks, found.ranks, strict=True),
            key=lambda row: (row[2], row[1], row[0]),
        )
        if before and after
    )
    local = found.local or field.local
    return Outcome(
        values=tuple(
            Setting(on.tree[code], own.get(code), value, len(found.together.get(code, ())))
            for code, value in found.values.items()
        ),
        weights=tuple(Setting(on.tree[code], field.local[code], local[code]) for code in weights.values),
        official_score=found.official_score,
        official_rank=found.official_rank,
        official_tier=on.tiers[found.official_tier - 1],
        score=found.score,
        rank=found.rank,
        tier=on.tiers[found.tier - 1],
        low=None if found.rank_low is None else math.floor(found.rank_low),
        high=None if found.rank_high is None else math.ceil(found.rank_high),
        covers=found.covers,
        draws=found.draws,
        pillars=tuple(PillarChange(on.tree[code], before, after) for code, before, after in found.pillars),
        moved=tuple(one for one in ranks if one.gained and one.code != on.subject.code),
        ranks=ranks,
        has_own_weights=found.local is not None,
        scope=scope_over(found.covers, release_facts(on.subject.head)),
    )
