"""Frameworks, panels and rounds as plain frozen values, as the other app meets them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from surveys.states import ROUND
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
    """A framework version in a list."""

    uid: UUID
    slug: str
    number: int
    names: Mapping[str, str]
    is_frozen: bool


@dataclass(frozen=True)
class RoundSummary:
    """A round in numbers; who answered what stays inside. ``promise_fingerprint`` is empty where none was kept."""

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
    names_shown: bool
    promise_fingerprint: str

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

    ``destroyed_at`` is when it was destroyed, None while it is there.
    """

    panel_uid: UUID
    rounds: tuple[UUID, ...]
    is_at_work: bool
    days: int
    destroyed_at: datetime | None = None


@dataclass(frozen=True)
class ClosedRound:
    """A closed round's judgements; experts are named by the keys of their rows, which are shown nowhere."""

    summary: RoundSummary
    judgements: PanelJudgements
    receipts: tuple[str, ...]
