"""The only door between surveys and scoring: frameworks and closed rounds as plain frozen values, never as rows.

It also takes the lock that a method freeze puts on a round, keeps the codes that a consensus knows people by, and answers a
panelist who asks for her own page.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Count, F, Q

from accounts.acts import note
from surveys.models import (
    Criterion,
    Device,
    FrameworkVersion,
    Link,
    LinkRequest,
    Mail,
    Panel,
    Panelist,
    PublicationCode,
    ReceiptSecret,
    Round,
)
from surveys.queries.counting import counted_judgements, with_previous_rounds
from surveys.queries.desk.waiting import panel_matters
from surveys.queries.frameworks import rows_of, versions_for
from surveys.queries.pairs import kept_pairs, pairs_of_round
from surveys.queries.panelist.links import panelist_for
from surveys.queries.panelist.own_page import own_page as own_page_of
from surveys.queries.round_stamp import round_stamp
from surveys.queries.rounds import round_summary, rounds, summary_of, with_counts
from surveys.queries.willing import willing_people
from surveys.states import LIFECYCLES, ROUND, check
from surveys.usecases import panels as panel_usecases
from surveys.values.rounds import (
    ClosedRound,
    FrameworkContent,
    FrameworkSummary,
    PanelSummary,
    RoundSummary,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from accounts.lifecycle import Actor
    from surveys.values.own import OwnPage

__all__ = [
    "acts_of",
    "closed_round",
    "destroy_pairs",
    "draw_publication_codes",
    "forget_publication_codes",
    "framework",
    "frameworks",
    "frozen_frameworks",
    "kept_pairs",
    "lock",
    "own_page",
    "pairs_of_round",
    "panel_matters",
    "panels",
    "panels_of",
    "people_of_codes",
    "repeat_panel",
    "round_stamp",
    "round_summary",
    "rounds",
    "rounds_of_panel",
    "willing",
    "withdrawn_since",
    "withdrew_since_locked",
]


CODE_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another
CODE_LENGTH: Final = 8


def acts_of(roles: Collection[Actor]) -> frozenset[str]:
    """Return the acts with panels and rounds that somebody with these roles may do, each in its states."""
    return LIFECYCLES.acts_of(roles)


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


def frameworks(series_uid: UUID) -> tuple[FrameworkSummary, ...]:
    """Return the framework versions on which a series may build an edition: its own first, then shared ones; one query.

    Drafts are among them, since an edition may be prepared while its framework is; what it is frozen with is frozen.
    """
    indicators = Count("criteria", filter=Q(criteria__kind=Criterion.Kind.INDICATOR))
    found = versions_for(series_uid).annotate(indicators=indicators)
    return tuple(
        FrameworkSummary(
            uid=version.uid,
            slug=version.framework.slug,
            number=version.number,
            names=version.framework.names,
            state=version.state,
            indicators=version.indicators,
            is_shared=version.framework.series_id is None,
        )
        for version in found
    )


def frozen_frameworks(uids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these framework versions are frozen; one query."""
    frozen = FrameworkVersion.objects.filter(uid__in=uids, state=FrameworkVersion.State.FROZEN)
    return frozenset(frozen.values_list("uid", flat=True))


def willing(panel_uids: Collection[UUID]) -> dict[UUID, int]:
    """Count who of each panel may be asked again; one query."""
    people = willing_people(Panel.objects.filter(uid__in=panel_uids))
    counted = dict(people.values_list("panel__uid").annotate(size=Count("pk")).order_by())
    return {uid: counted.get(uid, 0) for uid in panel_uids}


def repeat_panel(uid: UUID, *, label: str, by: str, at: datetime) -> UUID:
    """Gather the willing people of a panel in a new one; returns its uid."""
    return panel_usecases.repeat_panel(Panel.objects.get(uid=uid), label=label, by=by, at=at).uid


def panels(series_uid: UUID) -> tuple[PanelSummary, ...]:
    """Return a series' panels with their rounds; two queries."""
    return panels_of((series_uid,)).get(series_uid, ())


def panels_of(series_uids: Collection[UUID]) -> dict[UUID, tuple[PanelSummary, ...]]:
    """Return the panels of several series with their rounds; two queries, however many series."""
    found_rounds: dict[int, list[RoundSummary]] = {}
    for row in with_counts().filter(panel__series__uid__in=series_uids):
        found_rounds.setdefault(row.panel_id, []).append(summary_of(row))
    rows = (
        Panel.objects.filter(series__uid__in=series_uids)
        .annotate(size=Count("panelists", filter=Q(panelists__withdrawn_at=None)), series_uid=F("series__uid"))
        .order_by("slug")
    )
    found: dict[UUID, tuple[PanelSummary, ...]] = {}
    for panel in rows:
        its_rounds = tuple(found_rounds.get(panel.pk, ()))
        summary = PanelSummary(panel.uid, panel.names, panel.size, panel.is_simulated, its_rounds)
        found[panel.series_uid] = (*found.get(panel.series_uid, ()), summary)
    return found


def closed_round(uid: UUID) -> ClosedRound:
    """Return a closed round's judgements; four queries, however many rows, and four more for each round it follows.

    What counts: everything that a panelist handed in, with pairs she left open as not answered; where the round says that
    drafts count, also the complete nodes of panelists who did not hand in: every pair answered that the round asks, or as
    many as she chose to answer. Nodes she skipped have no answer of hers, and withdrawn panelists no part, unless a
    freeze had taken the round before. Of a round that follows another, what counts there is superseded pair by pair by what
    counts here, and the receipts are those of both. Experts are named by the keys of their rows (uid), which nothing shows.

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

    Its panel is held too, so that one freeze of it hears what another told. Locking twice keeps the first date.

    Raises
    ------
    WrongStateError
        The round is not closed.
    """
    row = Round.objects.select_related("panel", "version").get(uid=uid)
    Panel.objects.select_for_update(no_key=True).get(pk=row.panel_id)
    keys = [one.pk for one in with_previous_rounds(row)]
    for held in Round.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        check(ROUND, "lock", held.state)
        if held.locked_at is None:
            held.locked_at = at
            held.save(update_fields=["locked_at"])


@transaction.atomic
def draw_publication_codes(
    consensus_uid: UUID, experts: Sequence[str], nodes: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Draw and keep the codes under which a consensus knows people; an earlier drawing for it is forgotten.

    Parameters
    ----------
    consensus_uid
        The consensus that is about to be computed.
    experts
        Its people by uid, each to have one code.
    nodes
        People by uid and node, each to have one code more, for her answers there.

    Returns
    -------
    dict
        Code by person and node, "" for her code of all nodes. In the alphabet the codes follow the order given, so that
        what is computed does not depend on the drawing; an order that tells nothing makes codes that order nothing. The code
        of somebody who withdrew after a freeze leads to nobody.
    """
    PublicationCode.objects.filter(consensus_uid=consensus_uid).delete()
    wanted = [[(expert, "") for expert in experts], list(nodes)]
    drawn: set[str] = set()
    while len(drawn) < sum(map(len, wanted)):
        drawn.add("".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)))
    whole = set(secrets.SystemRandom().sample(sorted(drawn), len(experts)))
    codes: dict[tuple[str, str], str] = {}
    for keys, chosen in zip(wanted, (whole, drawn - whole), strict=True):
        codes |= dict(zip(keys, sorted(chosen), strict=True))
    people = {str(one.uid): one for one in Panelist.objects.filter(uid__in=experts)}
    PublicationCode.objects.bulk_create(
        PublicationCode(
            panelist=None if people[expert].withdrawn_at else people[expert],
            consensus_uid=consensus_uid,
            node=node,
            code=code,
            language=people[expert].language,
        )
        for (expert, node), code in codes.items()
    )
    return codes


@transaction.atomic
def destroy_pairs(panel_uid: UUID, *, by: str, at: datetime) -> None:
    """Destroy what joins a panel's people with their answers; the answers stay, under codes that lead to nobody.

    In this order: codes and secrets; requests, mails, links and devices; names, addresses, fields and time zones. Destroying
    twice changes nothing more.
    """
    panel = Panel.objects.select_for_update(no_key=True).get(uid=panel_uid)
    if panel.pairs_destroyed_at is not None:
        return
    people = Panelist.objects.filter(panel=panel)
    PublicationCode.objects.filter(panelist__in=people).update(panelist=None)
    ReceiptSecret.objects.filter(submission__panelist__in=people).delete()
    LinkRequest.objects.filter(panelist__in=people).delete()
    Mail.objects.filter(panelist__in=people).delete()
    Link.objects.filter(panelist__in=people, ended_at=None).update(ended_at=at)
    Device.objects.filter(panelist__in=people).delete()
    people.update(name="", email="", field="", time_zone="")
    panel.pairs_destroyed_at = at
    panel.save(update_fields=["pairs_destroyed_at"])
    note("destroyed", f"the table of pairs of panel {panel.uid}", by=by, at=at)


def forget_publication_codes(consensus_uid: UUID) -> None:
    """Forget who is who in a consensus that is no more."""
    PublicationCode.objects.filter(consensus_uid=consensus_uid).delete()


def people_of_codes(consensus_uid: UUID) -> dict[str, tuple[int, str]]:
    """Return by publication code the key of her in the consensus, and the language she was counted in; one query.

    Who withdrew since has a key of nobody, below 0.
    """
    rows = PublicationCode.objects.filter(consensus_uid=consensus_uid)
    return {
        code: (-pair if who is None else who, language)
        for code, who, pair, language in rows.values_list("code", "panelist_id", "pk", "language")
    }


def rounds_of_panel(uid: UUID) -> tuple[UUID, ...]:
    """Return the rounds of the panel of a round, itself among them; one query."""
    return tuple(Round.objects.filter(panel__rounds__uid=uid).order_by("number").values_list("uid", flat=True))


def withdrawn_since(uid: UUID, at: datetime) -> bool:
    """Say whether somebody withdrew from the round's panel since then, while no freeze held the round; one query."""
    return Panelist.objects.filter(panel__rounds__uid=uid, panel__rounds__locked_at=None, withdrawn_at__gte=at).exists()


def withdrew_since_locked(uid: UUID) -> bool:
    """Say whether somebody of the round's panel withdrew since a first freeze took the round; two queries."""
    row = Round.objects.get(uid=uid)
    return row.locked_at is not None and row.panel.panelists.filter(withdrawn_at__gt=row.locked_at).exists()


def own_page(token: str) -> OwnPage:
    """Return all that is kept of the panelist whose link this is, for her own eyes.

    Raises
    ------
    UnknownLinkError
        Unknown and withdrawn links look alike.
    """
    return own_page_of(panelist_for(token))
