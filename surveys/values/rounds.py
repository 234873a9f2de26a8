"""Frameworks, panels and rounds as plain frozen values, as the other app meets them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from surveys.states import ROUND, FrameworkState
from surveys.values.framework import FrameworkRow, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from scoring.numerics.types import PanelJudgements, Tree


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
    """A framework version in a list; a shared one belongs to no series."""

    uid: UUID
    slug: str
    number: int
    names: Mapping[str, str]
    state: str
    indicators: int
    is_shared: bool

    @property
    def is_frozen(self) -> bool:
        """Say whether it never changes any more."""
        return self.state == FrameworkState.FROZEN


@dataclass(frozen=True)
class GroupCounts:
    """A group of a round's panelists; None of ``submitted`` is not told: too few handed in, or the others could be told."""

    name: str
    invited: int
    submitted: int | None


@dataclass(frozen=True)
class RoundFacts:
    """How many were asked, how many answered and handed in, and by group (name, invited, submitted).

    Counted from the living rows while a round runs; of a closed one stored with it at its closing, and never counted again:
    who is added or withdraws afterwards changes nothing of what was. No person is told apart in it.
    """

    invited: int
    started: int
    submitted: int
    comparisons: int
    groups: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def stored(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `asdict` wrote, through JSON."""
        groups = tuple((name, invited, submitted) for name, invited, submitted in plain["groups"])
        return cls(**{**plain, "groups": groups})

    @property
    def told_groups(self) -> tuple[GroupCounts, ...]:
        """The groups as they may be told: of fewer than five who handed in no number, nor where a remainder would give it."""
        by_size = sorted(self.groups, key=lambda group: (-group[2], group[0]))
        told = [(name, submitted) for name, _invited, submitted in by_size if submitted >= SMALLEST_GROUP]
        while told and len(told) < len(by_size) and self.submitted - sum(dict(told).values()) < SMALLEST_GROUP:
            told.pop()
        numbers = dict(told)
        return tuple(GroupCounts(name, invited, numbers.get(name)) for name, invited, _submitted in self.groups)


@dataclass(frozen=True)
class RoundSummary:
    """A round in numbers; who answered what stays inside.

    ``promise_fingerprint`` is empty where none was kept; ``groups`` are told of a closed round alone. ``ends_at`` is the one
    date that everybody is told; ``not_opened`` says why a worker could not open it at its hour; ``time_zone`` is the series'.
    """

    uid: UUID
    panel_uid: UUID
    panel_names: Mapping[str, str]
    number: int
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    finish_until: datetime | None
    ends_at: datetime | None
    closed_at: datetime | None
    locked_at: datetime | None
    invited: int
    started: int
    submitted: int
    comparisons: int
    groups: tuple[GroupCounts, ...]
    framework_uid: UUID
    is_simulated: bool
    drafts_count: bool
    names_shown: bool
    promise_fingerprint: str
    not_opened: Mapping[str, Any] | None
    time_zone: str

    @property
    def is_readable(self) -> bool:
        """Whether its judgements may be read: none is added any more."""
        return ROUND.allows("closed_round", self.state)

    @property
    def is_open(self) -> bool:
        """Whether it takes answers."""
        return ROUND.allows("record_judgement", self.state)

    @property
    def is_closed(self) -> bool:
        """Whether its answers may be weighed."""
        return ROUND.allows("closed_round", self.state)


@dataclass(frozen=True)
class PanelSummary:
    """A panel with its rounds, latest last."""

    uid: UUID
    names: Mapping[str, str]
    panelists: int
    is_simulated: bool
    rounds: tuple[RoundSummary, ...]


@dataclass(frozen=True)
class KeptPairs:
    """A panel whose table of pairs is kept: its rounds, whether one may still be answered, and the days that were promised.

    ``days`` is None where its people agreed before any day was promised: nothing of theirs is destroyed unasked. ``destroyed_at`` is when it was destroyed, None while it is there.
    """

    panel_uid: UUID
    rounds: tuple[UUID, ...]
    is_at_work: bool
    days: int | None
    destroyed_at: datetime | None = None


@dataclass(frozen=True)
class ClosedRound:
    """A closed round's judgements; experts are named by the keys of their rows, which are shown nowhere."""

    summary: RoundSummary
    judgements: PanelJudgements
    receipts: tuple[str, ...]
