"""Who a release ranks by which rule, and where its values were to come from: as it was fixed with the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from accounts.names import localised
from scoring.files.unit_lists import PlannedSource
from scoring.models import Release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.release_head import ReleaseHead


@dataclass(frozen=True, slots=True)
class PlannedOrigin:
    """A source that an indicator's values were to come from, and of which years."""

    criterion: NamedCriterion
    source: str
    vintage: str


@dataclass(frozen=True, slots=True)
class FrozenList:
    """The list of units as it was fixed.

    ``rule`` is in the reader's language; ``departures`` counts the values that are from elsewhere, or of another year.
    """

    rule: str
    sources: tuple[PlannedOrigin, ...]
    departures: int


def frozen_list(head: ReleaseHead, tree: Mapping[str, NamedCriterion]) -> FrozenList | None:
    """Return a release's list of units; None of one by a freeze of before lists were kept; one query."""
    told, sources = (
        Release.objects.filter(pk=head.release_id)
        .annotate(told=F("manifest__unit_list"), sources=F("freeze__unit_list__content__sources"))
        .values_list("told", "sources")
        .get()
    )
    if not told:
        return None
    planned = [PlannedSource(**one) for one in sources]
    return FrozenList(
        rule=localised(told["rule"]),
        sources=tuple(
            PlannedOrigin(tree[one.indicator], one.source, one.vintage) for one in planned if one.indicator in tree
        ),
        departures=told["departures"],
    )
