"""Everything that is kept of one panelist, for her own eyes: answers with their versions, choices, receipts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surveys.files.receipts import receipt_inputs
from surveys.models import Judgement, Round
from surveys.queries.answers import own_answers
from surveys.queries.panelist.sheet import expert_sheet
from surveys.values.sheet import turned

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from surveys.models import Panelist
    from surveys.values.sheet import ExpertSheet, Item, Node, Pair

ANSWERED, NOT_NEEDED, SKIPPED, OPEN = "answered", "not_needed", "skipped", "open"


@dataclass(frozen=True)
class Version:
    """One version of an answer: as it reads on her screen, and as it is stored (a over b; None: taken back)."""

    number: int
    said: Pair
    value: float | None
    comment: str
    at: datetime


@dataclass(frozen=True)
class OwnPair:
    """A pair of a round: its items in the framework's order, how it stands, and every version of her answer."""

    a: str
    b: str
    pair: Pair
    status: str
    versions: tuple[Version, ...]

    @property
    def value(self) -> float | None:
        """The standing answer, a over b."""
        return self.versions[-1].value if self.versions else None

    @property
    def earlier(self) -> tuple[Version, ...]:
        """The versions before the last one."""
        return self.versions[:-1]


@dataclass(frozen=True)
class OwnNode:
    """A question of a round with her pairs and her choice for it."""

    item: Item
    choice: str
    pairs: tuple[OwnPair, ...]

    def count(self, status: str) -> int:
        """Return how many pairs stand so."""
        return sum(pair.status == status for pair in self.pairs)

    @property
    def answered(self) -> int:
        """Pairs answered."""
        return self.count(ANSWERED)

    @property
    def not_needed(self) -> int:
        """Pairs not needed by her choice."""
        return self.count(NOT_NEEDED)

    @property
    def skipped(self) -> bool:
        """Whether it is not her field."""
        return any(pair.status == SKIPPED for pair in self.pairs)


@dataclass(frozen=True)
class OwnRound:
    """A round as she answered it; ``inputs`` are what its receipt is computed from."""

    uid: UUID
    follows: UUID | None
    framework: UUID
    number: int
    state: str
    is_locked: bool
    receipt: str
    submitted_at: datetime | None
    drafts_count: bool
    answers: tuple[tuple[str, str, str, float], ...]
    inputs: list[Any]
    nodes: tuple[OwnNode, ...]

    @property
    def is_open(self) -> bool:
        """Whether answers may still change."""
        return self.state == Round.State.OPEN and not self.receipt


@dataclass(frozen=True)
class OwnPage:
    """A panelist's rounds, latest last."""

    series: str
    series_uid: UUID
    panel: str
    contact: str
    code: str
    rounds: tuple[OwnRound, ...]
    is_demonstration: bool
    is_simulated: bool

    @property
    def is_locked(self) -> bool:
        """Whether a method freeze has taken a round that she answered."""
        return any(one.is_locked and any(node.answered for node in one.nodes) for one in self.rounds)


def own_page(panelist: Panelist) -> OwnPage:
    """Read all that is kept of her; the queries grow with the rounds of her panel, not with her answers."""
    rows = list(
        Round.objects.filter(panel=panelist.panel_id)
        .exclude(state=Round.State.DRAFT)
        .select_related("version", "follows")
        .order_by("number")
    )
    history: dict[int, dict[frozenset[str], list[Judgement]]] = {row.pk: {} for row in rows}
    judgements = Judgement.objects.filter(panelist=panelist).select_related("comparison__a", "comparison__b")
    for one in judgements.order_by("version"):
        pair = frozenset((one.comparison.a.code, one.comparison.b.code))
        history.setdefault(one.comparison.round_id, {}).setdefault(pair, []).append(one)
    order = {row.pk: list(row.comparisons.values_list("a__code", "b__code")) for row in rows}
    series = panelist.panel.series
    return OwnPage(
        series=series.name,
        series_uid=series.uid,
        panel=panelist.panel.name,
        contact=series.contact,
        code=panelist.code,
        rounds=tuple(_round(panelist, row, history[row.pk], order[row.pk]) for row in rows),
        is_demonstration=series.is_demonstration,
        is_simulated=panelist.panel.is_simulated,
    )


def _round(
    panelist: Panelist, row: Round, history: dict[frozenset[str], list[Judgement]], order: list[tuple[str, str]]
) -> OwnRound:
    sheet: ExpertSheet = expert_sheet(panelist, row)
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
        drafts_count=sheet.drafts_count,
        answers=answers,
        inputs=receipt_inputs(row.uid, panelist.code, answers),
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
