"""Ask for a consensus of a closed round, compute it once, cancel it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from accounts.acts import note
from exchange.tables import csv_records
from scoring.errors import JudgementsChangedError, MissingPartError, RoundNotClosedError
from scoring.files.digits import EXACT, fingerprint, plain, sha256
from scoring.files.disclosing import rows_told
from scoring.files.methods import method_from_dict, method_to_dict
from scoring.files.results import clusters, consensus_files
from scoring.files.withheld import FEW_CHANGED, FEWER_THAN_FIVE
from scoring.models import Consensus, ConsensusNode, ConsensusWeight, Edition, ExpertConsistency, Freeze
from scoring.numerics.ahp.disclosure import disclosed, recoded
from scoring.numerics.robustness.draws import weigh_with_spread, weigh_without
from scoring.rules import figures_to_tell, languages_to_leave_out, rows_tell_few
from scoring.usecases import jobs
from scoring.version import code_version
from surveys import handover
from surveys.files.judgements import write_judgements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Series
    from scoring.numerics import types
    from scoring.rules import Answers
    from scoring.usecases.jobs import Claim
    from surveys.values.rounds import ClosedRound


def request_consensus(
    series: Series, *, round_uid: UUID, method: types.ConsensusMethod, by: str, at: datetime
) -> Consensus:
    """Queue a consensus of a closed round; the same round, judgements and method give the same row.

    A failed or cancelled one is queued again.

    Raises
    ------
    MissingPartError
        The series has no such round.
    RoundNotClosedError
        The round is not closed.
    """
    values = method_to_dict(method)
    stamp = stamp_of(series, round_uid)
    with transaction.atomic():
        consensus, is_new = Consensus.objects.get_or_create(
            round_uid=round_uid,
            method_fingerprint=fingerprint(values),
            round_stamp=stamp,
            defaults={"series": series, "method": values, "requested_at": at, "requested_by": by},
        )
    if not is_new:
        jobs.requeue(consensus, by=by, at=at)
    note("requested", f"consensus {consensus.uid} of round {round_uid}", by=by, at=at)
    return consensus


def stamp_of(series: Series, round_uid: UUID) -> str:
    """Return the stamp of a closed round of the series: the same as long as what counts of it is the same.

    Raises
    ------
    MissingPartError
        The series has no such round.
    RoundNotClosedError
        The round is not closed.
    """
    try:
        summary = handover.round_summary(round_uid)
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such round", part="round") from error
    if summary.panel_uid not in {panel.uid for panel in handover.panels(series.uid)}:
        raise MissingPartError("the series has no such round", part="round")
    if not summary.is_readable:
        raise RoundNotClosedError(f"the round is {summary.state}", state=summary.state)
    return handover.round_stamp(round_uid)


def counted_of(
    consensus: Consensus, closed: ClosedRound, method: types.ConsensusMethod
) -> tuple[types.PanelJudgements, dict[str, Any]]:
    """Return the judgements as they are weighed, under codes drawn now, and what is kept of the round: all a freeze will fix."""
    told = disclosed(closed.judgements)
    codes = handover.draw_publication_codes(consensus.uid, told.panel.experts, told.apart)
    panel = recoded(told.panel, codes)
    spoken = dict(zip(closed.judgements.experts, closed.judgements.languages, strict=True))
    whole = replace(told.panel, languages=tuple(spoken[expert] for expert in told.panel.experts))
    return panel, {
        "judgements": write_judgements(panel),
        "receipts": list(closed.receipts),
        "languages": plain(_without_languages(whole, method), EXACT),
        "people": len(closed.judgements.experts),
        "by_person": told.by_person,
    }


def languages_to_freeze(consensus: Consensus) -> dict[str, Mapping[str, float]]:
    """Return what a freeze of a finished consensus tells of languages, after what freezes of the same panel have told."""
    counted = consensus.counted or {}
    earlier = [
        (_answers(one.consensus.uid, one.content["files"]["judgements.csv"]), told)
        for one in _freezes_of_panel(consensus)
        if (told := one.content.get("languages"))
    ]
    return figures_to_tell(counted["languages"], _answers(consensus.uid, counted["judgements"]), earlier)


def why_of_nobody(consensus: Consensus) -> str:
    """Return the word for why a freeze of a finished consensus publishes nothing person by person; empty where it does.

    What is compared is what stands in the freezes of the same panel whose rows are published, under whatever codes.
    """
    counted = consensus.counted or {}
    if not counted["by_person"]:
        return FEWER_THAN_FIVE
    published = [
        rows_told(one.content["files"]["judgements.csv"], _people(one.consensus.uid))
        for one in _freezes_of_panel(consensus)
        if one.content.get("by_person", True)
    ]
    return FEW_CHANGED if rows_tell_few(rows_told(counted["judgements"], _people(consensus.uid)), published) else ""


def _people(consensus_uid: UUID) -> dict[str, int]:
    """Return by publication code who she is, below 0 where nobody knows."""
    return {code: who for code, (who, _language) in handover.people_of_codes(consensus_uid).items()}


def _freezes_of_panel(consensus: Consensus) -> Iterator[Freeze]:
    """Give the freezes of a consensus' panel in order, of whatever edition; whoever freezes now holds the panel."""
    freezes = Freeze.objects.filter(consensus__round_uid__in=handover.rounds_of_panel(consensus.round_uid))
    yield from freezes.select_related("consensus").order_by("frozen_at", "pk")


def _answers(consensus_uid: UUID, judgements: str) -> Answers:
    """Read by node, language and person what a consensus was computed of."""
    people = handover.people_of_codes(consensus_uid)
    said: dict[str, dict[str, dict[int, set[tuple[str, str, str]]]]] = {}
    for row in csv_records(judgements):
        if row["value"] and row["expert"] in people:
            who, language = people[row["expert"]]
            spoken = said.setdefault(row["node"], {}).setdefault(language, {})
            spoken.setdefault(who, set()).add((row["a"], row["b"], row["value"]))
    return {
        node: {
            language: {who: frozenset(answers) for who, answers in spoken.items()} for language, spoken in there.items()
        }
        for node, there in said.items()
    }


def _without_languages(panel: types.PanelJudgements, method: types.ConsensusMethod) -> dict[str, dict[str, float]]:
    """Return the local weights that the others give, by language; what they cannot answer alone is left out."""
    names = languages_to_leave_out(panel)
    if not names:
        return {}
    spoken = np.array(panel.languages)
    local, answered = weigh_without(panel, method, spoken == np.array(names)[:, None])
    return {
        name: dict(zip(local.codes, row, strict=True))
        for name, row, whole in zip(names, local.local.tolist(), answered, strict=True)
        if whole
    }


def forget_withdrawn(*, at: datetime) -> list[UUID]:
    """Delete every finished consensus that no freeze took and that still holds somebody who withdrew; returns which.

    An edition that had chosen it has none chosen then, and is to be weighed anew.
    """
    gone = []
    for consensus in Consensus.objects.filter(state=Consensus.State.DONE, freezes=None).defer("result", "counted"):
        if not handover.withdrawn_since(consensus.round_uid, consensus.requested_at):
            continue
        with transaction.atomic():
            Edition.objects.filter(consensus=consensus).update(consensus=None)
            handover.forget_publication_codes(consensus.uid)
            consensus.delete()
        note("deleted", f"consensus {consensus.uid}: somebody in it withdrew", by="the sweep", at=at)
        gone.append(consensus.uid)
    return gone


def compute_consensus(consensus_id: int, *, now: Callable[[], datetime]) -> bool:
    """Compute a queued consensus from its round and store it: weights, agreement, consistency, files.

    True when this call finished it; a second one changes nothing.
    """
    return jobs.perform(Consensus, consensus_id, _compute, now=now)


def _compute(claim: Claim[Consensus]) -> None:
    method = method_from_dict(claim.job.method)
    stamp = handover.round_stamp(
        claim.job.round_uid
    )  # before the round is read: what changes while it is read is found out
    if stamp != claim.job.round_stamp:
        raise JudgementsChangedError("the judgements changed after the consensus was asked for", got=stamp)
    panel, counted = counted_of(claim.job, handover.closed_round(claim.job.round_uid), method)
    if method.draws:
        claim.progress("drawing", done=1, total=2)
    computed = weigh_with_spread(panel, method)
    files = consensus_files(computed, panel.tree)
    with transaction.atomic():
        claim.finish(
            code_version=code_version(),
            input_fingerprint=sha256(counted["judgements"]),
            counted=counted,
            result=files,
            result_fingerprint=fingerprint(files),
            experts=counted["people"],
            s_star=plain(computed.s_star),
            homogeneity=plain(computed.homogeneity),
            clusters=plain(clusters(computed)),
            excluded=plain([{"node": node, "expert": expert} for node, expert in computed.excluded]),
            without_exclusion=plain(computed.without_exclusion),
        )
        ConsensusWeight.objects.bulk_create(_weights(claim.job, computed, panel.tree))
        ConsensusNode.objects.bulk_create(_nodes(claim.job, computed))
        ExpertConsistency.objects.bulk_create(_consistencies(claim.job, computed))


def _weights(consensus: Consensus, computed: types.PanelConsensus, tree: types.Tree) -> Iterator[ConsensusWeight]:
    for position, code in enumerate((*tree.nodes, *tree.indicators)):
        yield ConsensusWeight(
            consensus=consensus,
            position=position,
            code=code,
            parent=tree.by_code[code].parent or "",
            local_weight=computed.local[code],
            global_weight=computed.global_[code],
            low=computed.low.get(code),
            high=computed.high.get(code),
        )


def _nodes(consensus: Consensus, computed: types.PanelConsensus) -> Iterator[ConsensusNode]:
    for position, one in enumerate(computed.nodes):
        yield ConsensusNode(
            consensus=consensus,
            position=position,
            node=one.node,
            experts=one.experts,
            s_star=plain(one.s_star),
            homogeneity=plain(one.homogeneity),
            kendall_w=plain(one.kendall_w),
            group_cr=plain(one.group_cr),
        )


def _consistencies(consensus: Consensus, computed: types.PanelConsensus) -> Iterator[ExpertConsistency]:
    """Give a row for every expert and node she answered; what is not defined is null."""
    for one in computed.nodes:
        columns = (one.answered, one.included, one.lambda_max, one.ci, one.cr, one.gci)
        rows = zip(computed.experts, *(plain(column) for column in columns), strict=True)
        for expert, answered, included, lambda_max, ci, cr, gci in rows:
            if answered:
                yield ExpertConsistency(
                    consensus=consensus,
                    expert=expert,
                    node=one.node,
                    items=len(one.items),
                    answered=answered,
                    included=included,
                    lambda_max=lambda_max,
                    ci=ci,
                    cr=cr,
                    gci=gci,
                )


def cancel_consensus(consensus: Consensus, *, by: str, at: datetime) -> Consensus:
    """Cancel a waiting or running consensus.

    Raises
    ------
    WrongStateError
        It has ended.
    """
    jobs.cancel(consensus, by=by, at=at)
    note("cancelled", f"consensus {consensus.uid}", by=by, at=at)
    return consensus
