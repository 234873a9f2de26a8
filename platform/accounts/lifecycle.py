"""Who may do what, and in which state: which act is allowed where, where it leads, and who may do it.

Each app's ``states.py`` holds its tables and its errors. Use-cases, pages and API ask them; ``manage.py draw_states`` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from django.db.models import TextChoices

Refusal = TypeVar("Refusal", bound=Exception)

WRONG_STATE: Final = "wrong_state"
NOTHING_HAPPENS: Final = ""


class Actor(StrEnum):
    """Who acts: by a personal link, by a role in the series, as a process, or without any of these."""

    PANELIST = "panelist"
    OWNER = "owner"
    MODERATOR = "moderator"
    REVIEWER = "reviewer"
    DATA_STEWARD = "data_steward"
    TRANSLATOR = "translator"
    OBSERVER = "observer"
    WORKER = "worker"
    OPERATOR = "operator"
    ANYBODY = "anybody"


MEMBERS: Final = (
    Actor.OWNER,
    Actor.MODERATOR,
    Actor.REVIEWER,
    Actor.DATA_STEWARD,
    Actor.TRANSLATOR,
    Actor.OBSERVER,
)
"""Who acts by a role in the series."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What a door asks of whoever comes: some acts, and who may do them all."""

    acts: tuple[str, ...]
    by: frozenset[Actor]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One row of a table.

    Attributes
    ----------
    function : str
        The function that does it, as a path inside the app; its last part is the act's name.
    by : tuple of Actor
        Who may; operators work on the server, where no page offers the act.
    makes : str
        The state of the row that it makes, where it makes one.
    starts : tuple of str
        The states in which it is allowed.
    through : str
        The state between, where another process sees one.
    ends : tuple of str
        The states that it may lead to; none where the row stays as it is.
    refusal : str
        The code of the refusal in every other state; empty where nothing happens then, because a second worker or a
        redelivery is no mistake of anybody's.
    """

    function: str
    by: tuple[Actor, ...]
    makes: str = ""
    starts: tuple[str, ...] = ()
    through: str = ""
    ends: tuple[str, ...] = ()
    refusal: str = WRONG_STATE

    @property
    def name(self) -> str:
        """The verb."""
        return self.function.rpartition(".")[2]

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """The changes of state, from and to."""
        first = tuple((start, self.through) for start in self.starts) if self.through else ()
        leaving = (self.through,) if self.through else self.starts
        return (*first, *((start, end) for start in leaving for end in self.ends))


@dataclass(frozen=True)
class Lifecycle:
    """The table of one thing; ``unreached`` holds states that no act leads to yet, each with the reason.

    Rows that are deleted leave the table; no state stands for that.
    """

    thing: str
    states: type[TextChoices]
    acts: tuple[Act, ...]
    unreached: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Act]:
        """The acts by their names."""
        return {act.name: act for act in self.acts}

    def allowed(self, act: str) -> list[str]:
        """Return the states in which an act is allowed."""
        return list(map(str, self.by_name[act].starts))

    def allows(self, act: str, state: str) -> bool:
        """Say whether an act is allowed in a state."""
        return state in self.by_name[act].starts

    def possible(self, state: str) -> frozenset[str]:
        """Return the names of the acts that are allowed in a state."""
        return frozenset(act.name for act in self.acts if state in act.starts)

    @property
    def moves(self) -> frozenset[tuple[str, str]]:
        """Every change of state, from and to."""
        return frozenset(move for act in self.acts for move in act.moves)

    @property
    def reached(self) -> frozenset[str]:
        """The states that some chain of acts leads to, from a row that an act makes."""
        found = {act.makes for act in self.acts if act.makes}
        while more := {end for start, end in self.moves if start in found} - found:
            found |= more
        return frozenset(found)

    def before(self, act: str) -> frozenset[str]:
        """Return the states in which an act is allowed, or still to come."""
        found = set(self.by_name[act].starts)
        while more := {start for start, end in self.moves if end in found} - found:
            found |= more
        return frozenset(found)


@dataclass(frozen=True)
class Lifecycles(Generic[Refusal]):
    """The tables of one app, and how it refuses what they do not allow.

    ``refusals`` has, by the code that a row of a table names, the error and its message: of ``{subject}``, the ``{thing}`` of
    the table, or its ``{state}``. ``stateless`` are the acts that no state holds back: what is read, and what holds for a
    series.
    """

    tables: tuple[Lifecycle, ...]
    refusals: Mapping[str, tuple[Callable[..., Refusal], str]]
    stateless: tuple[Act, ...] = ()

    @cached_property
    def by_act(self) -> Mapping[str, frozenset[Actor]]:
        """Who may do each act."""
        rows = [*self.stateless, *(act for table in self.tables for act in table.acts)]
        names = dict.fromkeys(row.name for row in rows)
        return {
            name: frozenset.intersection(*(frozenset(row.by) for row in rows if row.name == name)) for name in names
        }

    def capability(self, *acts: str) -> Capability:
        """Return what is asked of whoever is to do all of these acts.

        Raises
        ------
        KeyError
            There is no such act.
        """
        return Capability(acts, frozenset.intersection(*(self.by_act[act] for act in acts)))

    def acts_of(self, actors: Collection[Actor]) -> frozenset[str]:
        """Return the acts that somebody with these roles may do, each in its states."""
        return frozenset(act for act, by in self.by_act.items() if not by.isdisjoint(actors))

    def refused(self, table: Lifecycle, act: str, state: str, *, subject: str = "") -> Refusal:
        """Return the refusal of an act in a state: facts["state"], facts["allowed"]; ``subject`` says of which thing."""
        error, words = self.refusals[table.by_name[act].refusal]
        message = words.format(subject=subject or f"the {table.thing}", thing=table.thing, state=state)
        return error(message, state=state, allowed=table.allowed(act))

    def check(self, table: Lifecycle, act: str, state: str, *, subject: str = "") -> None:
        """Check that an act is allowed in a state; ``subject`` says of which thing.

        Raises
        ------
        WrongStateError, or another that the table names
            As `refused`.
        """
        if not table.allows(act, state):
            raise self.refused(table, act, state, subject=subject)
