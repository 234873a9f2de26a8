"""Who is asked in a round and how far each is, for its moderators: by code; by name only where that was promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True)
class Person:
    """One panelist; ``name`` is empty where names are not shown.

    ``state`` is one of invited, started, done, declined; ``invitation`` the state of that mail, ``refusal`` why it was not
    sent.
    """

    code: str
    name: str
    group: str
    language: str
    state: str
    invitation: str
    refusal: str
    reminders: int
    mails_stopped: bool


@dataclass(frozen=True)
class Wish:
    """What somebody asked at the door of a panelist's link; ``email`` is where that person may be reached.

    ``has_address`` says whether the panelist herself has an address that mails go to.
    """

    uid: UUID
    code: str
    kind: str
    email: str
    asked_at: datetime
    is_open: bool
    has_address: bool


@dataclass(frozen=True)
class People:
    """The people of a round, those who may be reminded now, those owed an invitation, and what was asked of moderators."""

    names_shown: bool
    people: tuple[Person, ...]
    to_remind: tuple[str, ...]
    owed: tuple[str, ...]
    wishes: tuple[Wish, ...]
