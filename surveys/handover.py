"""The only door between surveys and scoring: frameworks and closed rounds as plain frozen values, never as rows.

It also takes the lock that a method freeze puts on a round, and answers a panelist who asks for her own submission.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from surveys.errors import WrongStateError
from surveys.files.framework import FrameworkRow, tree_of
from surveys.files.judgements import write_judgements
from surveys.models import Comparison, FrameworkVersion, Judgement, Panel, Panelist, Round, Submission
from surveys.queries.answers import own_answers
from surveys.queries.counting import chain, counted
from surveys.queries.frameworks import rows_of
from surveys.queries.panelist.links import panelist_for
from surveys.queries.panelist.own_page import own_page as own_page_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from scoring.numerics.types import PanelJudgements, Tree
    from surveys.queries.panelist.own_page import OwnPage


@dataclass(frozen=True)
class FrameworkContent:
    """A framework version as plain values; ``fingerprint`` is empty while it is a draft."""

    uid: UUID
    slug: str
    number: int
    names: Mapping[str, str]
    fingerprint: str
    rows: tuple[FrameworkRow, ...]

    @cached_property
    def tree(self) -> Tree:
        """The criteria as one tree."""
        return tree_of(self.rows)


@dataclass(frozen=True)
class FrameworkSummary:
    """A framework version in a list."""

    uid: UUID
    slug: str
    number: int
    names: Mapping[str, str]
    is_frozen: bool


@dataclass(frozen=True)
class RoundSummary:
    """A round in numbers; who answered what stays inside."""

    uid: UUID
    panel_uid: UUID
    panel_names: Mapping[str, str]
    number: int
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    finish_until: datetime | None
    closed_at: datetime | None
    locked_at: datetime | None
    invited: int
    started: int
    submitted: int
    comparisons: int
    framework_uid: UUID
    is_simulated: bool
    drafts_count: bool


@dataclass(frozen=True)
class PanelSummary:
    """A panel with its rounds, latest last."""

    uid: UUID
    names: Mapping[str, str]
    panelists: int
    is_simulated: bool
    rounds: tuple[RoundSummary, ...]


@dataclass(frozen=True)
class ClosedRound:
    """A closed round's judgements, anonymous: experts are codes in order.

    ``fingerprint`` is over the judgement file, which tells no languages.
    """

    summary: RoundSummary
    judgements: PanelJudgements
    receipts: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class OwnSubmission:
    """One panelist's own answers (node, a, b, value) and receipt, for her own eyes."""

    code: str
    answers: tuple[tuple[str, str, str, float], ...]
    receipt: str | None
    submitted_at: datetime | None
    round_uid: UUID


def framework(uid: UUID) -> FrameworkContent:
    """Return a framework version; two queries.

    Raises
    ------
    FrameworkVersion.DoesNotExist
        There is none with this uid.
    """
    version = FrameworkVersion.objects.select_related("framework").get(uid=uid)
    return FrameworkContent(
        uid=version.uid,
        slug=version.framework.slug,
        number=version.number,
        names=version.framework.names,
        fingerprint=version.fingerprint,
        rows=rows_of(version),
    )


def frameworks() -> tuple[FrameworkSummary, ...]:
    """Return every framework version; one query."""
    return tuple(
        FrameworkSummary(v.uid, v.framework.slug, v.number, v.framework.names, v.state == FrameworkVersion.State.FROZEN)
        for v in FrameworkVersion.objects.select_related("framework").order_by("framework__slug", "number")
    )


def panels(series_uid: UUID) -> tuple[PanelSummary, ...]:
    """Return a series' panels with their rounds; two queries."""
    rounds: dict[int, list[RoundSummary]] = {}
    for row in _counted().filter(panel__series__uid=series_uid):
        rounds.setdefault(row.panel_id, []).append(_summary(row))
    found = Panel.objects.filter(series__uid=series_uid).annotate(size=Count("panelists")).order_by("slug")
    return tuple(
        PanelSummary(panel.uid, panel.names, panel.size, panel.is_simulated, tuple(rounds.get(panel.pk, ())))
        for panel in found
    )


def rounds(panel_uid: UUID) -> tuple[RoundSummary, ...]:
    """Return a panel's rounds, latest last; one query."""
    return tuple(_summary(row) for row in _counted().filter(panel__uid=panel_uid))


def round_summary(uid: UUID) -> RoundSummary:
    """Return one round in numbers; one query.

    Raises
    ------
    Round.DoesNotExist
        There is none with this uid.
    """
    return _summary(_counted().get(uid=uid))


def _counted() -> QuerySet[Round, Any]:
    """Return rounds with their counts as sub-selects, so that no join multiplies another."""
    here = Panelist.objects.filter(panel=OuterRef("panel"), withdrawn_at__isnull=True)
    answered = Judgement.objects.filter(panelist=OuterRef("pk"), comparison__round=OuterRef(OuterRef("pk")))
    return (
        Round.objects.select_related("panel", "version")
        .annotate(
            invited=_count(here),
            started=_count(here.filter(Exists(answered))),
            submitted=_count(Submission.objects.filter(round=OuterRef("pk"))),
            asked=_count(Comparison.objects.filter(round=OuterRef("pk"))),
        )
        .order_by("panel_id", "number")
    )


def _count(rows: QuerySet[Any, Any]) -> Coalesce:
    """Return the number of rows of a sub-select."""
    counted = rows.order_by().annotate(one=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    return Coalesce(Subquery(counted.values("one"), output_field=IntegerField()), 0)


def _summary(row: Any) -> RoundSummary:
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
    )


def closed_round(uid: UUID) -> ClosedRound:
    """Return a closed round's judgements; four queries, however many rows, and four more for each round it follows.

    What counts: everything that a panelist handed in, with pairs she left open as not answered; where the round says that
    drafts count, also the complete nodes of panelists who did not hand in: every pair answered that the round asks, or as
    many as she chose to answer. Nodes she skipped have no answer of hers, and withdrawn panelists no part, unless a
    freeze had taken the round before. Of a round that follows another, what counts there is superseded pair by pair by what
    counts here, and the receipts are those of both. Experts come in order of their codes, so nothing depends on the rows'
    order.

    Raises
    ------
    WrongStateError
        The round is not closed.
    Round.DoesNotExist
        There is none with this uid.
    """
    row = _counted().get(uid=uid)
    if row.state != Round.State.CLOSED:
        raise WrongStateError(f"the round is {row.state}", state=row.state, allowed=["closed"])
    judgements, receipts = counted(row)
    return ClosedRound(
        summary=_summary(row),
        judgements=judgements,
        receipts=receipts,
        fingerprint=hashlib.sha256(write_judgements(replace(judgements, languages=())).encode()).hexdigest(),
    )


@transaction.atomic
def lock(uid: UUID, *, at: datetime) -> None:
    """Lock a closed round, and those it follows, for a method freeze: from now on nothing of them is deleted.

    Locking twice keeps the first date.

    Raises
    ------
    WrongStateError
        The round is not closed.
    """
    row = Round.objects.select_related("panel", "version").get(uid=uid)
    keys = [one.pk for one in chain(row)]
    for held in Round.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        if held.state != Round.State.CLOSED:
            raise WrongStateError(f"the round is {held.state}", state=held.state, allowed=["closed"])
        if held.locked_at is None:
            held.locked_at = at
            held.save(update_fields=["locked_at"])


def withdrawn_since(uid: UUID, at: datetime) -> bool:
    """Say whether somebody withdrew from the round's panel since then, while no freeze held the round; one query."""
    return Panelist.objects.filter(panel__rounds__uid=uid, panel__rounds__locked_at=None, withdrawn_at__gte=at).exists()


def own_page(token: str) -> OwnPage:
    """Return all that is kept of the panelist whose link this is, for her own eyes.

    Raises
    ------
    UnknownLinkError
        Unknown and withdrawn links look alike.
    """
    return own_page_of(panelist_for(token))


def submission_for(token: str) -> tuple[OwnSubmission, ...]:
    """Return the panelist's own answers and receipts, one entry a round of her panel, latest last.

    Raises
    ------
    UnknownLinkError
        Unknown and withdrawn links look alike.
    """
    panelist = panelist_for(token)
    mine = {submission.round_id: submission for submission in panelist.submissions.all()}
    return tuple(
        OwnSubmission(
            code=panelist.code,
            answers=own_answers(panelist, row),
            receipt=mine[row.pk].receipt if row.pk in mine else None,
            submitted_at=mine[row.pk].at if row.pk in mine else None,
            round_uid=row.uid,
        )
        for row in Round.objects.filter(panel=panelist.panel_id).exclude(state=Round.State.DRAFT).order_by("number")
    )
