"""Rounds in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from surveys.models import Comparison, Panelist, Round
from surveys.queries.standing import answered, handed_in
from surveys.values.rounds import RoundSummary

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


def rounds(panel_uid: UUID) -> tuple[RoundSummary, ...]:
    """Return a panel's rounds, latest last; one query."""
    return tuple(summary_of(row) for row in with_counts().filter(panel__uid=panel_uid))


def round_summary(uid: UUID) -> RoundSummary:
    """Return one round in numbers; one query.

    Raises
    ------
    Round.DoesNotExist
        There is none with this uid.
    """
    return summary_of(with_counts().get(uid=uid))


def with_counts() -> QuerySet[Round, Any]:
    """Return rounds with their counts as sub-selects, so that no join multiplies another."""
    here = Panelist.objects.filter(panel=OuterRef("panel"), withdrawn_at__isnull=True)
    hers = answered(OuterRef(OuterRef("pk"))).filter(panelist=OuterRef("pk"))
    return (
        Round.objects.select_related("panel", "version")
        .annotate(
            invited=_count(here),
            started=_count(here.filter(Exists(hers))),
            submitted=_count(handed_in(OuterRef("pk"))),
            asked=_count(Comparison.objects.filter(round=OuterRef("pk"))),
        )
        .order_by("panel_id", "number")
    )


def _count(rows: QuerySet[Any, Any]) -> Coalesce:
    """Return the number of rows of a sub-select."""
    counted = rows.order_by().annotate(one=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    return Coalesce(Subquery(counted.values("one"), output_field=IntegerField()), 0)


def summary_of(row: Any) -> RoundSummary:
    """Return a counted row as plain values."""
    return RoundSummary(
        uid=row.uid,
        panel_uid=row.panel.uid,
        panel_names=row.panel.names,
        number=row.number,
        state=row.state,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        finish_until=row.finish_until,
        closed_at=row.closed_at,
        locked_at=row.locked_at,
        invited=row.invited,
        started=row.started,
        submitted=row.submitted,
        comparisons=row.asked,
        framework_uid=row.version.uid,
        is_simulated=row.panel.is_simulated,
        drafts_count=row.drafts_count,
        names_shown=row.panel.names_shown,
        promise_fingerprint=row.promise_fingerprint,
    )
