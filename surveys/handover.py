"""The only door between surveys and scoring: frameworks and closed rounds as plain frozen values, never as rows.

It also takes the lock that a method freeze puts on a round, and answers a panelist who asks for her own submission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q

from surveys.models import FrameworkVersion, Panel, Panelist, Round
from surveys.queries.answers import own_answers
from surveys.queries.counting import counted_judgements, with_previous_rounds
from surveys.queries.frameworks import rows_of
from surveys.queries.panelist.links import panelist_for
from surveys.queries.panelist.own_page import own_page as own_page_of
from surveys.queries.round_stamp import round_stamp
from surveys.queries.rounds import round_summary, rounds, summary_of, with_counts
from surveys.states import ROUND, check
from surveys.values.rounds import (
    ClosedRound,
    FrameworkContent,
    FrameworkSummary,
    OwnSubmission,
    PanelSummary,
    RoundSummary,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from surveys.values.own import OwnPage

__all__ = [
    "closed_round",
    "framework",
    "frameworks",
    "lock",
    "own_page",
    "panels",
    "round_stamp",
    "round_summary",
    "rounds",
    "submission_for",
    "withdrawn_since",
]


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
    found_rounds: dict[int, list[RoundSummary]] = {}
    for row in with_counts().filter(panel__series__uid=series_uid):
        found_rounds.setdefault(row.panel_id, []).append(summary_of(row))
    found = (
        Panel.objects.filter(series__uid=series_uid)
        .annotate(size=Count("panelists", filter=Q(panelists__withdrawn_at=None)))
        .order_by("slug")
    )
    return tuple(
        PanelSummary(panel.uid, panel.names, panel.size, panel.is_simulated, tuple(found_rounds.get(panel.pk, ())))
        for panel in found
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
    row = with_counts().get(uid=uid)
    check(ROUND, "closed_round", row.state)
    judgements, receipts = counted_judgements(row)
    return ClosedRound(summary=summary_of(row), judgements=judgements, receipts=receipts)


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
    keys = [one.pk for one in with_previous_rounds(row)]
    for held in Round.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        check(ROUND, "lock", held.state)
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
