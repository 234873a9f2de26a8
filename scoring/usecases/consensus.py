"""Ask for a consensus of a closed round, compute it once, cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from accounts.acts import note
from scoring.errors import JudgementsChangedError, MissingPartError, RoundNotClosedError
from scoring.files.digits import fingerprint, plain, sha256
from scoring.files.methods import method_from_dict, method_to_dict
from scoring.files.results import clusters, consensus_files
from scoring.models import Consensus, ConsensusNode, ConsensusWeight, Edition, ExpertConsistency
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.rules import without_small_groups
from scoring.usecases import jobs
from scoring.version import code_version
from surveys import handover
from surveys.errors import RoundStateError
from surveys.files.judgements import write_judgements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Series
    from scoring.numerics import types
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
    _, judged = judgements_of(series, round_uid)
    with transaction.atomic():
        consensus, is_new = Consensus.objects.get_or_create(
            round_uid=round_uid,
            method_fingerprint=fingerprint(values),
            input_fingerprint=judged,
            defaults={"series": series, "method": values, "requested_at": at, "requested_by": by},
        )
    if not is_new:
        jobs.requeue(consensus, by=by, at=at)
    note("requested", f"consensus {consensus.uid} of round {round_uid}", by=by, at=at)
    return consensus


def judgements_of(series: Series, round_uid: UUID) -> tuple[ClosedRound, str]:
    """Return a closed round of the series and the fingerprint of its judgements as they may be published.

    Raises
    ------
    MissingPartError
        The series has no such round.
    RoundNotClosedError
        The round is not closed.
    """
    try:
        closed = handover.closed_round(round_uid)
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such round", part="round") from error
    except RoundStateError as error:
        raise RoundNotClosedError(f"the round is {error.facts['state']}", **error.facts) from error
    if closed.summary.panel_uid not in {panel.uid for panel in handover.panels(series.uid)}:
        raise MissingPartError("the series has no such round", part="round")
    return closed, _published(closed)[1]


def _published(closed: ClosedRound) -> tuple[types.PanelJudgements, str]:
    """Return the judgements as they may be published, and their fingerprint."""
    panel = without_small_groups(closed.judgements)
    same = panel.groups == closed.judgements.groups
    return panel, closed.fingerprint if same else sha256(write_judgements(panel))


def forget_withdrawn(*, at: datetime) -> list[UUID]:
    """Delete every finished consensus that no freeze took and that still holds somebody who withdrew; returns which.

    An edition that had chosen it has none chosen then, and is to be weighed anew.
    """
    gone = []
    for consensus in Consensus.objects.filter(state=Consensus.State.DONE, freezes=None).defer("result"):
        if not handover.withdrawn_since(consensus.round_uid, consensus.requested_at):
            continue
        with transaction.atomic():
            Edition.objects.filter(consensus=consensus).update(consensus=None)
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
    panel, judged = _published(handover.closed_round(claim.job.round_uid))
    if judged != claim.job.input_fingerprint:
        raise JudgementsChangedError("the judgements changed after the consensus was asked for", got=judged)
    if method.draws:
        claim.progress("drawing", done=1, total=2)
    computed = weigh_with_spread(panel, method)
    files = consensus_files(computed, panel.tree)
    with transaction.atomic():
        claim.finish(
            code_version=code_version(),
            result=files,
            result_fingerprint=fingerprint(files),
            experts=len(computed.experts),
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
