"""Rounds in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from surveys.models import Comparison, Panelist, Round
from surveys.queries.standing import answered, handed_in
from surveys.values.rounds import RoundFacts, RoundSummary

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


def asked_in(round_: Round) -> QuerySet[Panelist]:
    """Return whom a round asks, by code, without who withdrew; of a closed one not who came into the panel afterwards."""
    here = Panelist.objects.filter(panel=round_.panel_id, withdrawn_at__isnull=True).order_by("code")
    return here if round_.closed_at is None else here.exclude(added_at__gt=round_.closed_at)


def asks(round_: Round, panelist: Panelist) -> bool:
    """Say whether an opened round asks or asked her, as `asked_in` does of all: not if it closed before she came in."""
    return round_.closed_at is None or panelist.added_at is None or panelist.added_at <= round_.closed_at


def count_round(round_: Round) -> RoundFacts:
    """Count a round's facts from the rows as they are now; two queries."""
    counted = with_counts().get(pk=round_.pk)
    finished = Exists(handed_in(round_).filter(panelist=OuterRef("pk")))
    groups = asked_in(round_).order_by("group").values_list("group")
    return RoundFacts(
        invited=counted.invited,
        started=counted.started,
        submitted=counted.submitted,
        comparisons=counted.asked,
        groups=tuple(groups.annotate(Count("pk"), handed=Count("pk", filter=finished))),
    )


def with_counts() -> QuerySet[Round, Any]:
    """Return rounds with what counts of them now, as sub-selects, so that no join multiplies another.

    Of a closed round `summary_of` tells what is stored with it instead.
    """
    here = Panelist.objects.filter(panel=OuterRef("panel"), withdrawn_at__isnull=True)
    hers = answered(OuterRef(OuterRef("pk"))).filter(panelist=OuterRef("pk"))
    return (
        Round.objects.select_related("panel__series", "version")
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
    """Return a counted row as plain values; of a closed round the facts of its closing, and nothing that is counted now."""
    counted = RoundFacts(row.invited, row.started, row.submitted, row.asked)
    facts = counted if row.at_closing is None else RoundFacts.stored(row.at_closing)
    return RoundSummary(
        uid=row.uid,
        panel_uid=row.panel.uid,
        panel_names=row.panel.names,
        number=row.number,
        state=row.state,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        finish_until=row.finish_until,
        ends_at=row.ends_at,
        closed_at=row.closed_at,
        locked_at=row.locked_at,
        invited=facts.invited,
        started=facts.started,
        submitted=facts.submitted,
        comparisons=facts.comparisons,
        groups=facts.told_groups,
        framework_uid=row.version.uid,
        is_simulated=row.panel.is_simulated,
        drafts_count=row.drafts_count,
        names_shown=row.panel.names_shown,
        promise_fingerprint=row.promise_fingerprint,
        not_opened=row.not_opened,
        time_zone=row.panel.series.zone.key,
    )
