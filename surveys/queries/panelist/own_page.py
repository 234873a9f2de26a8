"""Everything that is kept of one panelist, for her own eyes: answers with their versions, choices, receipts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from surveys.files.receipts import receipt_inputs
from surveys.models import Judgement, ReceiptSecret, Round, Submission
from surveys.queries.answers import own_answers
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.rounds import asks
from surveys.values.own import (
    ANSWERED,
    NOT_NEEDED,
    OPEN,
    SKIPPED,
    OwnCode,
    OwnHandIn,
    OwnNode,
    OwnPage,
    OwnPair,
    OwnRound,
    Version,
)
from surveys.values.sheet import turned

if TYPE_CHECKING:
    from surveys.models import Panelist
    from surveys.values.sheet import Node, PanelistSheet


def own_page(panelist: Panelist) -> OwnPage:
    """Read all that is kept of her, of the rounds that ask or asked her; the queries grow with these, not with her answers."""
    opened = Round.objects.filter(panel=panelist.panel_id).exclude(state=Round.State.DRAFT)
    rows = [row for row in opened.select_related("version", "follows").order_by("number") if asks(row, panelist)]
    history: dict[int, dict[frozenset[str], list[Judgement]]] = {row.pk: {} for row in rows}
    judgements = Judgement.objects.filter(panelist=panelist)
    judgements = judgements.select_related("comparison__a", "comparison__b", "reason")
    for one in judgements.order_by("version"):
        pair = frozenset((one.comparison.a.code, one.comparison.b.code))
        history.setdefault(one.comparison.round_id, {}).setdefault(pair, []).append(one)
    order = {row.pk: list(row.comparisons.values_list("a__code", "b__code")) for row in rows}
    kept = ReceiptSecret.objects.filter(submission__panelist=panelist)
    secrets = dict(kept.order_by("submission__version").values_list("submission__round_id", "secret"))
    series = panelist.panel.series
    return OwnPage(
        series=series.name,
        series_uid=series.uid,
        panel=panelist.panel.name,
        contact=series.contact,
        codes=tuple(
            OwnCode(one.consensus_uid, one.node, one.code) for one in panelist.publication_codes.order_by("pk")
        ),
        rounds=tuple(_round(panelist, row, history[row.pk], order[row.pk], secrets.get(row.pk, "")) for row in rows),
        is_demonstration=series.is_demonstration,
        is_simulated=panelist.panel.is_simulated,
    )


def _round(
    panelist: Panelist,
    row: Round,
    history: dict[frozenset[str], list[Judgement]],
    order: list[tuple[str, str]],
    secret: str,
) -> OwnRound:
    sheet: PanelistSheet = panelist_sheet(panelist, row)
    answers = own_answers(panelist, row)
    codes = {frozenset(pair): pair for pair in order}
    return OwnRound(
        uid=row.uid,
        follows=row.follows.uid if row.follows else None,
        framework=row.version.uid,
        number=row.number,
        state=row.state,
        is_locked=row.locked_at is not None,
        receipt=sheet.receipt,
        submitted_at=sheet.submitted_at,
        submissions=tuple(
            OwnHandIn(one.version, one.receipt, one.at)
            for one in Submission.objects.filter(panelist=panelist, round=row).order_by("version")
        ),
        drafts_count=sheet.drafts_count,
        answers=answers,
        secret=secret if sheet.receipt else "",
        inputs=receipt_inputs(row.uid, secret, answers) if secret and sheet.receipt else [],
        nodes=tuple(_node(node, history, codes) for node in sheet.nodes),
    )


def _node(
    node: Node, history: dict[frozenset[str], list[Judgement]], codes: dict[frozenset[str], tuple[str, str]]
) -> OwnNode:
    not_needed = {frozenset((pair.first.code, pair.second.code)) for pair in node.not_needed}
    pairs = []
    for pair in node.pairs:
        key = frozenset((pair.first.code, pair.second.code))
        a, b = codes[key]
        status = ANSWERED if pair.value is not None else NOT_NEEDED if key in not_needed else OPEN
        versions = tuple(
            Version(one.version, turned(replace(pair, value=None), one.value, a=a), one.value, one.comment, one.at)
            for one in history.get(key, ())
        )
        pairs.append(OwnPair(a, b, pair, SKIPPED if node.skipped else status, versions))
    return OwnNode(node.item, node.choice, tuple(pairs))
