"""Everything that is kept of one panelist, for her own eyes: answers with their versions, choices, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys.states import ROUND

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from surveys.values.sheet import Item, Pair


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
class OwnHandIn:
    """One version of her submission of a round: handed in with a receipt, or taken back, without one."""

    number: int
    receipt: str
    at: datetime


def carried_over(
    rounds: Iterable[tuple[Container[str], Iterable[tuple[str, str, str, float]]]],
) -> dict[frozenset[str], tuple[str, str, str, float]]:
    """Return her answers (node, a, b, value) of rounds that follow each other, earliest first, each pair's last one.

    Each round is the nodes that she left out and her answers of it. With a node left out her earlier answers there go too.
    """
    found: dict[frozenset[str], tuple[str, str, str, float]] = {}
    for left_out, answers in rounds:
        found = {pair: answer for pair, answer in found.items() if answer[0] not in left_out}
        found |= {frozenset(answer[1:3]): answer for answer in answers}
    return found


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
    """A round as she answered it.

    ``inputs`` are what its receipt is computed from, her ``secret`` among them; nothing where she did not hand in, or the
    secret was destroyed and is in her own file alone.
    """

    uid: UUID
    follows: UUID | None
    framework: UUID
    number: int
    state: str
    is_locked: bool
    receipt: str
    submitted_at: datetime | None
    submissions: tuple[OwnHandIn, ...]
    drafts_count: bool
    answers: tuple[tuple[str, str, str, float], ...]
    secret: str
    inputs: list[Any]
    nodes: tuple[OwnNode, ...]

    @property
    def is_open(self) -> bool:
        """Whether answers may still change."""
        return ROUND.allows("record_judgement", self.state) and not self.receipt

    @property
    def is_closed(self) -> bool:
        """Whether its answers may be weighed."""
        return ROUND.allows("closed_round", self.state)


@dataclass(frozen=True)
class OwnCode:
    """A code under which a consensus knows her: of all her answers, or with a ``node`` of those there."""

    consensus: UUID
    node: str
    code: str


@dataclass(frozen=True)
class OwnPage:
    """A panelist's rounds, latest last, and the codes under which her answers are published."""

    series: str
    series_uid: UUID
    panel: str
    contact: str
    codes: tuple[OwnCode, ...]
    rounds: tuple[OwnRound, ...]
    is_demonstration: bool
    is_simulated: bool

    @property
    def is_locked(self) -> bool:
        """Whether a method freeze has taken a round that she answered."""
        return any(one.is_locked and any(node.answered for node in one.nodes) for one in self.rounds)
